"""The rules of discipline about time: attendance, post checks, leaves and work logs."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time

from tests.oracle.flags import Found, Rule, not_in_time
from tests.oracle.tables import Row, clock, day, past_midnight, sure_day, yes
from tests.oracle.working_days import Period, days, end_of_month
from tests.oracle.world import World

# --- attendance: an official outing excuses here -------------------------------------------------


def on_working_days(world: World) -> Iterator[tuple[Row, date]]:
    """Every attendance row of a working day, "of any cadre, in post or not"."""
    for row in world.rows("attendance"):
        each = sure_day(row, "day")
        if world.calendar.works(each):
            yield row, each


def late(world: World) -> Iterator[Found]:
    """“Clocked in later than the start of work (08:30 sharp is in time)”, morning not covered."""
    for row, each in on_working_days(world):
        start = time.fromisoformat(world.parameter("discipline.late", "work_start", each))
        came = clock(row, "clock_in")
        covered = world.covered(row["cadre"], each, "am", official=True)
        if came is not None and came > start and not covered:
            yield Found(row["cadre"], str(each), each)


def left_early(world: World) -> Iterator[Found]:
    """“Clocked out before the end of work”, afternoon not covered; the next day is never early."""
    for row, each in on_working_days(world):
        end = time.fromisoformat(world.parameter("discipline.left_early", "work_end", each))
        went = clock(row, "clock_out")
        covered = world.covered(row["cadre"], each, "pm", official=True)
        if went is None or past_midnight(row):
            continue
        if went < end and not covered:
            yield Found(row["cadre"], str(each), each)


def punch_missing(world: World) -> Iterator[Found]:
    """“Without clock-in (morning not covered) or without clock-out (afternoon not covered)”."""
    for row, each in on_working_days(world):
        if each > world.judged_until:
            continue
        for column, half in (("clock_in", "am"), ("clock_out", "pm")):
            covered = world.covered(row["cadre"], each, half, official=True)
            if clock(row, column) is None and not covered:
                yield Found(row["cadre"], str(each), each)
                break


def absent(world: World) -> Iterator[Found]:
    """“A professional cadre in post, on a working day not wholly covered …, with no row”."""
    there = {(row["cadre"], row["day"]) for row in world.rows("attendance")}
    for cadre in world.professional():
        for each in days(world.assessed_from(cadre["code"]), world.judged_until):
            if (
                world.calendar.works(each)
                and world.in_post(cadre, each)
                and (cadre["code"], str(each)) not in there
                and not world.on_leave(cadre["code"], each, official=True)
            ):
                yield Found(cadre["code"], str(each), each)


def frequent_late(world: World) -> Iterator[Found]:
    """“>= N `discipline.late` in one calendar month”, occurred on “the N-th late day”.

    N as in force on "the last day of that period, or D if that is earlier".
    """
    by_month: dict[tuple[str, date], list[date]] = defaultdict(list)
    for flag in LATE.flags(world):
        by_month[flag.subject, end_of_month(flag.occurred_on)].append(flag.occurred_on)
    for (cadre, last), found in by_month.items():
        times = world.number("discipline.frequent_late", "times", min(last, world.as_of))
        if len(found) >= times:
            yield Found(cadre, f"{last:%Y-%m}", sorted(found)[times - 1])


def off_post(world: World) -> Iterator[Found]:
    """“A post check that found the cadre away”, “on any day, leave or not”."""
    for row in world.rows("post_checks"):
        if not yes(row, "on_post"):
            yield Found(row["cadre"], row["code"], sure_day(row, "checked_on"))


# --- leaves --------------------------------------------------------------------------------------


def asked_for_in_earnest(world: World) -> Iterator[dict[str, str]]:
    """Leaves but those “rejected on or before its first day, and not approved”."""
    for row in world.rows("leaves"):
        rejected = day(row, "rejected_on")
        in_time = rejected is not None and rejected <= sure_day(row, "first_day")
        if not in_time or day(row, "approved_on") is not None:
            yield row


def leave_unapproved(world: World) -> Iterator[Found]:
    """“A leave not approved on or before its first day”."""
    for row in asked_for_in_earnest(world):
        first_day = sure_day(row, "first_day")
        if not_in_time(day(row, "approved_on"), first_day, world.judged_until):
            yield Found(row["cadre"], row["code"], first_day)


def leave_not_closed(world: World) -> Iterator[Found]:
    """“A leave not closed within N working days of its last day”, “approved or not”."""
    for row in asked_for_in_earnest(world):
        last_day = sure_day(row, "last_day")
        number = world.number("discipline.leave_not_closed", "working_days", last_day)
        deadline = world.calendar.nth_after(last_day, number)
        if not_in_time(day(row, "closed_on"), deadline, world.judged_until):
            yield Found(row["cadre"], row["code"], deadline)


# --- work logs: an official outing does not excuse -----------------------------------------------


def owes_log(world: World, cadre: Row, each: date) -> bool:
    """“A professional cadre in post writes a log for every working day …”.

    The duty's period is the day: it ”begins on or after `tracked_from`".
    """
    return (
        yes(cadre, "professional")
        and each >= world.assessed_from(cadre["code"])
        and world.calendar.works(each)
        and world.owes(cadre, Period(str(each), each, each))
    )


def log_missing(world: World) -> Iterator[Found]:
    """“Within N working days of it; none written as of D”."""
    written = {(row["cadre"], row["day"]) for row in world.rows("work_logs")}
    for cadre in world.professional():
        for each in days(world.assessed_from(cadre["code"]), world.judged_until):
            if (cadre["code"], str(each)) in written or not owes_log(world, cadre, each):
                continue
            number = world.number("discipline.log_missing", "working_days", each)
            deadline = world.calendar.nth_after(each, number)
            if deadline <= world.judged_until:
                yield Found(cadre["code"], str(each), deadline)


def log_late(world: World) -> Iterator[Found]:
    """“A log written after that deadline”, “computed with its own parameter”."""
    for row in world.rows("work_logs"):
        each, written_on = sure_day(row, "day"), sure_day(row, "written_on")
        if owes_log(world, world.cadres[row["cadre"]], each):
            number = world.number("discipline.log_late", "working_days", each)
            if written_on > world.calendar.nth_after(each, number):
                yield Found(row["cadre"], str(each), written_on)


LATE = Rule("discipline.late", "notice", "cadre", late)


def log_copied(world: World) -> Iterator[Found]:
    """“>= N work logs of one cadre in one calendar month with the same words”, “the N-th such log”.

    "Words that differ only in case, width and blanks are the same": those that are drawn here.
    """
    alike: dict[tuple[str, str, date], list[date]] = defaultdict(list)
    for row in world.rows("work_logs"):
        words = row["content"].replace(" ", "").replace("Ａ", "a").lower()
        each = sure_day(row, "day")
        alike[row["cadre"], words, end_of_month(each)].append(each)
    for (cadre, words, last), found in alike.items():
        times = world.number("discipline.log_copied", "times", min(last, world.as_of))
        if len(found) >= times:
            yield Found(cadre, f"{last:%Y-%m}/{words}", sorted(found)[times - 1])


RULES = [
    LATE,
    Rule("discipline.left_early", "notice", "cadre", left_early),
    Rule("discipline.punch_missing", "notice", "cadre", punch_missing),
    Rule("discipline.absent", "serious", "cadre", absent),
    Rule("discipline.frequent_late", "serious", "cadre", frequent_late),
    Rule("discipline.log_copied", "notice", "cadre", log_copied),
    Rule("discipline.off_post", "serious", "cadre", off_post),
    Rule("discipline.leave_unapproved", "serious", "cadre", leave_unapproved),
    Rule("discipline.leave_not_closed", "minor", "cadre", leave_not_closed),
    Rule("discipline.log_missing", "minor", "cadre", log_missing),
    Rule("discipline.log_late", "notice", "cadre", log_late),
]
