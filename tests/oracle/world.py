"""What was known at the end of a day: visible rows, posts, leaves, parameters in force."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import NamedTuple

from tests.oracle.tables import Row, Tables, day, sure_day, yes
from tests.oracle.working_days import Calendar, Period, days

PRINCIPAL = {
    "conflicts": "opened_on",
    "study_sessions": "held_on",
    "meetings": "held_on",
    "info_reports": "submitted_on",
    "research_papers": "submitted_on",
    "tasks": "assigned_on",
    "work_logs": "written_on",
    "attendance": "day",
    "post_checks": "checked_on",
    "expenses": "spent_on",
    "expense_approvals": "decided_on",
    "assets": "acquired_on",
    "asset_counts": "counted_on",
    "conduct_reports": "reported_on",
    "responsibility_letters": "signed_on",
    "mistakes": "reported_on",
    "accountability_cases": "opened_on",
    "innovations": "proposed_on",
    "awards": "nominated_on",
}
# Other dates of something done, which read as blank while they lie ahead.
DONE = {
    "conflicts": ("mediated_on",),
    "meetings": ("minutes_on",),
    "tasks": ("started_on", "completed_on"),
    "leaves": ("approved_on", "closed_on", "rejected_on", "withdrawn_on"),
    "expenses": ("requested_on", "reimbursed_on", "withdrawn_on"),
    "conduct_reports": ("closed_on",),
    "accountability_cases": ("decided_on",),
    "innovations": ("adopted_on", "result_on"),
}
DEFAULTS = {
    ("harmony.conflict_unmediated", "days"): "15",
    ("study.attendance_low", "percent"): "80",
    ("meetings.minutes_late", "working_days"): "3",
    ("research.info_missed", "required"): "1",
    ("research.paper_missed", "required"): "1",
    ("efficiency.task_not_started", "working_days"): "3",
    ("discipline.late", "work_start"): "08:30",
    ("discipline.left_early", "work_end"): "17:30",
    ("discipline.frequent_late", "times"): "3",
    ("discipline.leave_not_closed", "working_days"): "1",
    ("discipline.log_copied", "times"): "5",
    ("discipline.log_missing", "working_days"): "1",
    ("discipline.log_late", "working_days"): "1",
    ("discipline.expense_unapproved", "threshold"): "200",
    ("discipline.expense_split", "threshold"): "200",
    ("discipline.asset_not_counted", "months"): "12",
    ("discipline.conduct_unhandled", "days"): "30",
    ("accountability.mistake_unpursued", "working_days"): "10",
    ("accountability.case_overdue", "days"): "30",
    ("accountability.repeat_violations", "times"): "3",
    ("accountability.repeat_violations", "counted"): "not_dismissed",
    ("innovation.award_ineligible", "counted"): "not_dismissed",
}


# The state of review of a cadre's flag, by rule, subject and key.
Reviews = Mapping[tuple[str, str, str], str]


class Leave(NamedTuple):
    """A leave approved as of the day."""

    official: bool
    first_day: date
    from_noon: bool
    last_day: date
    until_noon: bool

    def covers(self, each: date, half: str) -> bool:
        """Whether the `am` or the `pm` of a day lies within this leave."""
        if not self.first_day <= each <= self.last_day:
            return False
        if half == "am" and each == self.first_day and self.from_noon:
            return False
        return not (half == "pm" and each == self.last_day and self.until_noon)


def withdrawn_in_time(file: str, row: Row) -> bool:
    """“A leave withdrawn on or before its first day is as if it had never been asked for”."""
    withdrawn = day(row, "withdrawn_on") if file == "leaves" else None
    return withdrawn is not None and withdrawn <= sure_day(row, "first_day")


class World:
    """The records as of the end of a day.

    "What lies after D is unknown: a row whose principal date is later than D does not exist yet,
    and any other date of something done in a visible row that is later than D reads as blank."
    "A live evaluation knows everything up to now, but judges what was not done only up to the end
    of yesterday": that is ``judged_until``, otherwise D itself.
    """

    def __init__(
        self, tables: Tables, as_of: date, judged_until: date, reviews: Reviews | None = None
    ) -> None:
        self.as_of, self.judged_until = as_of, judged_until
        self._reviews = reviews or {}
        self._tables = tables
        self._visible: dict[str, list[dict[str, str]]] = {}
        self.organizations = {row["code"]: row for row in tables.get("organizations", [])}
        self.cadres = {row["code"]: row for row in tables.get("cadres", [])}
        exceptions = tables.get("calendar_exceptions", [])
        self.calendar = Calendar(
            {sure_day(row, "day"): row["kind"] == "working" for row in exceptions}
        )

    # --- rows ------------------------------------------------------------------------------------

    def rows(self, file: str) -> list[dict[str, str]]:
        """The rows of a file that exist as of the day, with dates that lie ahead blanked."""
        if file not in self._visible:
            self._visible[file] = [
                known
                for row in self._tables.get(file, [])
                if self._exists(file, row)
                for known in [self._blanked(file, row)]
                if not withdrawn_in_time(file, known)
            ]
        return self._visible[file]

    def _exists(self, file: str, row: Row) -> bool:
        if file == "study_attendance":
            return row["session"] in {each["code"] for each in self.rows("study_sessions")}
        if file == "meeting_attendance":
            return row["meeting"] in {each["code"] for each in self.rows("meetings")}
        if file == "leaves":
            return (day(row, "requested_on") or sure_day(row, "first_day")) <= self.as_of
        if file == "expenses" and not row.get("spent_on"):
            # “An expense without `spent_on` (asked for, not yet spent) is seen by no rule.”
            return False
        return sure_day(row, PRINCIPAL[file]) <= self.as_of

    def _blanked(self, file: str, row: Row) -> dict[str, str]:
        ahead = {
            column
            for column in DONE.get(file, ())
            if (when := day(row, column)) is not None and when > self.as_of
        }
        return {column: "" if column in ahead else cell for column, cell in row.items()}

    # --- who is who ------------------------------------------------------------------------------

    def assessed_from(self, cadre: str) -> date:
        """“For a flag on a cadre … the later of that date and the cadre's `assessed_from`”."""
        row = self.cadres[cadre]
        tracked_from = self.tracked_from(row["organization"])
        return max(tracked_from, day(row, "assessed_from") or tracked_from)

    def tracked_from(self, organization: str) -> date:
        """“`tracked_from` is the date on which the district began to keep its records here”."""
        return sure_day(self.organizations[self.district_of(organization)], "tracked_from")

    def district_of(self, organization: str) -> str:
        """The root of the tree that an organization is in."""
        row = self.organizations[organization]
        while row.get("parent"):
            row = self.organizations[row["parent"]]
        return row["code"]

    def of_kind(self, kind: str) -> list[dict[str, str]]:
        """The organizations of a kind."""
        return [row for row in self.organizations.values() if row["kind"] == kind]

    def professional(self) -> list[dict[str, str]]:
        """The professional cadres; the cell counts with its present value."""
        return [row for row in self.cadres.values() if yes(row, "professional")]

    def in_post(self, cadre: Row, each: date) -> bool:
        """Whether a cadre is in post on a day.

        "One of the cadre's postings covers it, `from <= day` and `until` blank or `day <= until`. A
        cadre without postings of their own is in post from `joined_on` on, until before `left_on`."
        """
        own = self._postings.get(cadre["code"])
        if own is not None:
            return any(
                sure_day(row, "from") <= each <= (day(row, "until") or date.max) for row in own
            )
        left = day(cadre, "left_on")
        return sure_day(cadre, "joined_on") <= each and (left is None or each < left)

    @cached_property
    def _postings(self) -> dict[str, list[dict[str, str]]]:
        found = defaultdict(list)
        for row in self._tables.get("postings", []):
            found[row["cadre"]].append(row)
        return dict(found)

    def stands(self, organization: Row, period: Period) -> bool:
        """“`founded_on <= first day` and `dissolved_on` blank or `last day < dissolved_on`”."""
        dissolved = day(organization, "dissolved_on")
        founded = sure_day(organization, "founded_on")
        return founded <= period.first and (dissolved is None or period.last < dissolved)

    def owes(self, cadre: Row, period: Period) -> bool:
        """Whether a cadre owes a duty for a period.

        "A cadre in post on every day of it"; "a cadre wholly on approved leave on every
        working day of the period owes nothing" (official outings do not count). Only of weeks is it
        said that one without a working day is exempt, so nobody is on leave by that alone.
        """
        every = list(days(period.first, period.last))
        if not all(self.in_post(cadre, each) for each in every):
            return False
        working = [each for each in every if self.calendar.works(each)]
        on_leave = [each for each in working if self.on_leave(cadre["code"], each, official=False)]
        return not working or on_leave != working

    # --- leave -----------------------------------------------------------------------------------

    @cached_property
    def _leaves(self) -> dict[str, list[Leave]]:
        found = defaultdict(list)
        for row in self.rows("leaves"):
            if day(row, "approved_on") is not None:
                leave = Leave(
                    official=row["kind"] == "official",
                    first_day=sure_day(row, "first_day"),
                    from_noon=row.get("first_half") == "pm",
                    last_day=sure_day(row, "last_day"),
                    until_noon=row.get("last_half") == "am",
                )
                found[row["cadre"]].append(leave)
        return found

    def covered(self, cadre: str, each: date, half: str, *, official: bool) -> bool:
        """Whether the `am` or `pm` of a day is on approved leave.

        ``official``: whether a leave of kind `official` counts, as it does for attendance only.
        """
        leaves = (leave for leave in self._leaves.get(cadre, []) if official or not leave.official)
        return any(leave.covers(each, half) for leave in leaves)

    def on_leave(self, cadre: str, each: date, *, official: bool) -> bool:
        """“A day is on leave when morning and afternoon are both covered, be it by two leaves”."""
        return all(self.covered(cadre, each, half, official=official) for half in ("am", "pm"))

    # --- reviews ---------------------------------------------------------------------------------

    def review(self, rule: str, cadre: str, key: str) -> str:
        """“Review states are read as of D”; a flag that nobody reviewed is open."""
        return self._reviews.get((rule, cadre, key), "open")

    # --- parameters ------------------------------------------------------------------------------

    def parameter(self, rule: str, name: str, when: date) -> str:
        """“A list of (valid from, value), the shipped value being valid since ever”."""
        value, since = DEFAULTS[rule, name], date.min
        for row in self._tables.get("parameters", []):
            begins = sure_day(row, "from")
            if (row["rule"], row["name"]) == (rule, name) and since <= begins <= when:
                value, since = row["value"], begins
        return value

    def number(self, rule: str, name: str, when: date) -> int:
        """A parameter that is a count."""
        return int(self.parameter(rule, name, when))
