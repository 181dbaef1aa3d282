"""The rules of harmony, study, meetings, research, efficiency and innovation."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from tests.oracle.flags import Found, Rule, not_in_time
from tests.oracle.tables import Row, day, sure_day, yes
from tests.oracle.working_days import (
    DECEMBER,
    Period,
    days,
    months,
    plus_days,
    quarters,
    weeks,
    years,
)
from tests.oracle.world import World

Periods = Callable[[date, date], Iterator[Period]]


# --- duties of organizations ---------------------------------------------------------------------


def owed_by_organizations(
    world: World, kind: str, periods: Periods
) -> Iterator[tuple[Row, Period]]:
    """Every period that an organization of a kind stood for whole.

    "Duties are judged for every period that begins on or after `tracked_from` and whose due date
    is `<= D`." "A dissolved organization owes no more duties."
    """
    for organization in world.of_kind(kind):
        tracked_from = world.tracked_from(organization["code"])
        for period in periods(tracked_from, world.judged_until):
            if world.stands(organization, period):
                yield organization, period


def has_own(rows: list[dict[str, str]], organization: Row, column: str, period: Period) -> bool:
    """Whether one of the rows is the organization's own and has its date in the period."""
    return any(
        row["organization"] == organization["code"]
        and period.first <= sure_day(row, column) <= period.last
        for row in rows
    )


def session_missed(world: World) -> Iterator[Found]:
    """“Each federation holds >= 1 study session a month”."""
    for federation, month in owed_by_organizations(world, "federation", months):
        if not has_own(world.rows("study_sessions"), federation, "held_on", month):
            yield Found(federation["code"], month.label, month.last)


def meetings_of(world: World, kind: str) -> list[dict[str, str]]:
    """The meetings of one kind."""
    return [row for row in world.rows("meetings") if row["kind"] == kind]


def chairs_missed(world: World) -> Iterator[Found]:
    """“Each district holds >= 1 `chairs` meeting a month”."""
    for district, month in owed_by_organizations(world, "district", months):
        if not has_own(meetings_of(world, "chairs"), district, "held_on", month):
            yield Found(district["code"], month.label, month.last)


def office_missed(world: World) -> Iterator[Found]:
    """“Each district holds >= 1 `office` meeting a week (weeks without a working day exempt)”."""
    for district, week in owed_by_organizations(world, "district", weeks):
        works = any(world.calendar.works(each) for each in days(week.first, week.last))
        if works and not has_own(meetings_of(world, "office"), district, "held_on", week):
            yield Found(district["code"], week.label, week.last)


def enterprise_chairs_missed(world: World) -> Iterator[Found]:
    """“Each federation that has an enterprise union … holds >= 1 meeting a quarter”."""
    for federation, quarter in owed_by_organizations(world, "federation", quarters):
        if not any(
            has_union(world, federation, union, quarter.first)
            for union in world.of_kind("enterprise")
        ):
            continue
        if not has_own(meetings_of(world, "enterprise_chairs"), federation, "held_on", quarter):
            yield Found(federation["code"], quarter.label, quarter.last)


def has_union(world: World, federation: Row, union: Row, first: date) -> bool:
    """“Founded on or before, and not dissolved on or before, the period's first day”."""
    dissolved = day(union, "dissolved_on")
    there = sure_day(union, "founded_on") <= first and (dissolved is None or dissolved > first)
    return union["parent"] == federation["code"] and there


def no_innovation(world: World) -> Iterator[Found]:
    """“Each federation proposes >= 1 innovation a year”."""
    for federation, year in owed_by_organizations(world, "federation", years):
        if not has_own(world.rows("innovations"), federation, "proposed_on", year):
            yield Found(federation["code"], year.label, year.last)


# --- duties of cadres ----------------------------------------------------------------------------


def too_few(world: World, rule: str, file: str, periods: Periods) -> Iterator[Found]:
    """“Each professional cadre submits >= N”: N as in force on the period's last day."""
    for cadre in world.professional():
        tracked_from = world.assessed_from(cadre["code"])
        for period in periods(tracked_from, world.judged_until):
            submitted = [
                row
                for row in world.rows(file)
                if row["cadre"] == cadre["code"]
                and period.first <= sure_day(row, "submitted_on") <= period.last
            ]
            required = world.number(rule, "required", period.last)
            if len(submitted) < required and world.owes(cadre, period):
                yield Found(cadre["code"], period.label, period.last)


def info_missed(world: World) -> Iterator[Found]:
    """“Each professional cadre submits >= N information reports a month”."""
    return too_few(world, "research.info_missed", "info_reports", months)


def paper_missed(world: World) -> Iterator[Found]:
    """“Each professional cadre submits >= N research papers a year”."""
    return too_few(world, "research.paper_missed", "research_papers", years)


# --- one row at a time ---------------------------------------------------------------------------


def conflict_unmediated(world: World) -> Iterator[Found]:
    """“A conflict not mediated within N days of being opened”."""
    for row in world.rows("conflicts"):
        opened = sure_day(row, "opened_on")
        number = world.number("harmony.conflict_unmediated", "days", opened)
        deadline = plus_days(opened, number)
        if not_in_time(day(row, "mediated_on"), deadline, world.judged_until):
            yield Found(row["organization"], row["code"], deadline)


def no_main_speaker(world: World) -> Iterator[Found]:
    """“A session without a main speaker”."""
    for row in world.rows("study_sessions"):
        if not row.get("main_speaker"):
            yield Found(row["organization"], row["code"], sure_day(row, "held_on"))


def absent_from_session(world: World) -> Iterator[Found]:
    """“A cadre recorded `absent` from a session (`leave` is no violation)”."""
    sessions = {row["code"]: row for row in world.rows("study_sessions")}
    for row in world.rows("study_attendance"):
        if row["status"] == "absent":
            held_on = sure_day(sessions[row["session"]], "held_on")
            yield Found(row["cadre"], row["session"], held_on)


def minutes_late(world: World) -> Iterator[Found]:
    """“Minutes not filed within N working days of the meeting”."""
    for row in world.rows("meetings"):
        held_on = sure_day(row, "held_on")
        number = world.number("meetings.minutes_late", "working_days", held_on)
        deadline = world.calendar.nth_after(held_on, number)
        if not_in_time(day(row, "minutes_on"), deadline, world.judged_until):
            yield Found(row["organization"], row["code"], deadline)


def no_bulletin(world: World) -> Iterator[Found]:
    """“A `chairs` meeting at which no bulletin was given”."""
    for row in meetings_of(world, "chairs"):
        if not yes(row, "bulletin"):
            yield Found(row["organization"], row["code"], sure_day(row, "held_on"))


def federation_absent(world: World) -> Iterator[Found]:
    """“A federation recorded `absent` from a meeting”; it “looks at federations only”."""
    meetings = {row["code"]: row for row in world.rows("meetings")}
    for row in world.rows("meeting_attendance"):
        kind = world.organizations[row["organization"]]["kind"]
        if row["status"] == "absent" and kind == "federation":
            held_on = sure_day(meetings[row["meeting"]], "held_on")
            yield Found(row["organization"], row["meeting"], held_on)


def task_unclear(world: World) -> Iterator[Found]:
    """“A task without a goal, without measures, or without an owner”."""
    for row in world.rows("tasks"):
        if not (row.get("goal") and row.get("measures") and row.get("owner")):
            yield Found(row["organization"], row["code"], sure_day(row, "assigned_on"))


def task_not_started(world: World) -> Iterator[Found]:
    """“A task not started within N working days of being assigned”; “completing is no starting”."""
    for row in world.rows("tasks"):
        assigned = sure_day(row, "assigned_on")
        number = world.number("efficiency.task_not_started", "working_days", assigned)
        deadline = world.calendar.nth_after(assigned, number)
        if not_in_time(day(row, "started_on"), deadline, world.judged_until):
            yield Found(row["organization"], row["code"], deadline)


def task_overdue(world: World) -> Iterator[Found]:
    """“A task not completed by its due date”."""
    for row in world.rows("tasks"):
        due_on = sure_day(row, "due_on")
        if not_in_time(day(row, "completed_on"), due_on, world.judged_until):
            yield Found(row["organization"], row["code"], due_on)


def no_result(world: World) -> Iterator[Found]:
    """“An adopted innovation with no recorded result by December 31 of its adoption's year”."""
    for row in world.rows("innovations"):
        adopted = day(row, "adopted_on")
        if adopted is None:
            continue
        deadline = date(adopted.year, DECEMBER, 31)
        if not_in_time(day(row, "result_on"), deadline, world.judged_until):
            yield Found(row["organization"], row["code"], deadline)


def attendance_low(world: World) -> Iterator[Found]:
    """“Of the attendance of a federation's sessions in a quarter … less than N % `present`”.

    "A district is judged on the records that concern it": an attendance concerns the cadre.
    """
    sessions = {row["code"]: row for row in world.rows("study_sessions")}
    attended: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for row in world.rows("study_attendance"):
        session = sessions[row["session"]]
        host, guest = session["organization"], world.cadres[row["cadre"]]["organization"]
        if row["status"] != "leave" and world.district_of(host) == world.district_of(guest):
            attended[host].append((sure_day(session, "held_on"), row["status"]))
    for federation in world.of_kind("federation"):
        tracked_from = world.tracked_from(federation["code"])
        for quarter in quarters(tracked_from, world.judged_until):
            within = [
                status
                for held_on, status in attended[federation["code"]]
                if quarter.first <= held_on <= quarter.last
            ]
            least = world.number("study.attendance_low", "percent", quarter.last)
            if within and 100 * within.count("present") < least * len(within):
                yield Found(federation["code"], quarter.label, quarter.last)


RULES = [
    Rule("harmony.conflict_unmediated", "minor", "organization", conflict_unmediated),
    Rule("study.session_missed", "minor", "organization", session_missed),
    Rule("study.no_main_speaker", "notice", "organization", no_main_speaker),
    Rule("study.attendance_low", "minor", "organization", attendance_low),
    Rule("study.absent", "notice", "cadre", absent_from_session),
    Rule("meetings.chairs_missed", "minor", "organization", chairs_missed),
    Rule("meetings.office_missed", "minor", "organization", office_missed),
    Rule("meetings.enterprise_chairs_missed", "minor", "organization", enterprise_chairs_missed),
    Rule("meetings.minutes_late", "notice", "organization", minutes_late),
    Rule("meetings.no_bulletin", "notice", "organization", no_bulletin),
    Rule("meetings.federation_absent", "minor", "organization", federation_absent),
    Rule("research.info_missed", "minor", "cadre", info_missed),
    Rule("research.paper_missed", "serious", "cadre", paper_missed),
    Rule("efficiency.task_unclear", "notice", "organization", task_unclear),
    Rule("efficiency.task_not_started", "minor", "organization", task_not_started),
    Rule("efficiency.task_overdue", "minor", "organization", task_overdue),
    Rule("innovation.none", "notice", "organization", no_innovation),
    Rule("innovation.no_result", "notice", "organization", no_result),
]
