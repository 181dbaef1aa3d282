"""Figures, flags and reviews counted once more, from the records as they lie in their files.

Nothing here asks what the application asks the database: rows are read one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from tests.oracle.tables import Row, Tables, day, sure_day
from tests.oracle.working_days import days
from tests.oracle.world import World
from tiesan.reports.spans import Span

Condition = Callable[[Row, date], bool]


def always(_row: Row, _as_of: date) -> bool:
    """Every row counts."""
    return True


def holds(column: str, value: str) -> Condition:
    """Rows with a value count."""
    return lambda row, _as_of: row.get(column, "") == value


@dataclass(frozen=True)
class Counting:
    """One figure: the file, the date, for whom, which rows, and how much of each."""

    file: str
    dated: str
    whose: str
    meets: Condition = always
    summed: str = ""


FIGURES = {
    "study.sessions": Counting("study_sessions", "held_on", "organization"),
    "study.attended": Counting("study_attendance", "session", "cadre", holds("status", "present")),
    "study.absent": Counting("study_attendance", "session", "cadre", holds("status", "absent")),
    "meetings.chairs": Counting("meetings", "held_on", "organization", holds("kind", "chairs")),
    "meetings.office": Counting("meetings", "held_on", "organization", holds("kind", "office")),
    "meetings.enterprise_chairs": Counting(
        "meetings", "held_on", "organization", holds("kind", "enterprise_chairs")
    ),
    "meetings.represented": Counting(
        "meeting_attendance", "meeting", "organization", holds("status", "present")
    ),
    "research.reports": Counting("info_reports", "submitted_on", "cadre"),
    "research.papers": Counting("research_papers", "submitted_on", "cadre"),
    "innovation.proposed": Counting("innovations", "proposed_on", "organization"),
    "innovation.adopted": Counting("innovations", "adopted_on", "organization"),
    "innovation.nominated": Counting("awards", "nominated_on", "cadre or organization"),
    "harmony.opened": Counting("conflicts", "opened_on", "organization"),
    "harmony.mediated": Counting("conflicts", "mediated_on", "organization"),
    "efficiency.assigned": Counting("tasks", "assigned_on", "organization"),
    "efficiency.completed": Counting("tasks", "completed_on", "organization"),
    "accountability.letters": Counting("responsibility_letters", "signed_on", "cadre"),
    "accountability.mistakes": Counting("mistakes", "reported_on", "cadre"),
    "accountability.cases": Counting("accountability_cases", "opened_on", "cadre"),
    "accountability.decided": Counting("accountability_cases", "decided_on", "cadre"),
    "discipline.logs": Counting("work_logs", "day", "cadre"),
    "discipline.post_checks": Counting("post_checks", "checked_on", "cadre"),
    "discipline.away": Counting("post_checks", "checked_on", "cadre", holds("on_post", "false")),
    "discipline.reimbursed": Counting("expenses", "reimbursed_on", "cadre"),
    "discipline.paid": Counting("expenses", "reimbursed_on", "cadre", summed="amount"),
    "discipline.counted": Counting("asset_counts", "counted_on", "asset"),
}
PRINCIPAL = {
    "work_logs": ("written_on",),
    "expenses": ("spent_on", "requested_on"),
    "innovations": ("proposed_on",),
    "conflicts": ("opened_on",),
    "tasks": ("assigned_on",),
    "accountability_cases": ("opened_on",),
}


class Reckoning:
    """The figures of the districts in some tables, in a span, as of a day."""

    def __init__(self, tables: Tables, span: Span, as_of: date) -> None:
        """Take the tables."""
        self._tables, self._span, self._as_of = tables, span, as_of
        self._last = min(span.last_day, as_of)
        self.world = World(tables, as_of, as_of)

    def figures(self) -> Counter[tuple[str, str]]:
        """By organization that is told of, and figure."""
        found: Counter[tuple[str, str]] = Counter()
        for name, counting in FIGURES.items():
            for row in self._tables.get(counting.file, []):
                if self._counts(row, counting):
                    place = self._place(row, counting)
                    found[self.told_under(place), name] += self._much(row, counting)
        for place, halves in self._leave():
            found[self.told_under(place), "discipline.leave"] += halves
        return found

    def told_under(self, place: str) -> str:
        """The organization under which one is told: below the district, or the district."""
        parents = {code: row.get("parent", "") for code, row in self.world.organizations.items()}
        while parents[place] and parents[parents[place]]:
            place = parents[place]
        return place

    def _counts(self, row: Row, counting: Counting) -> bool:
        known = [day(row, each) for each in PRINCIPAL.get(counting.file, ())]
        first = next((each for each in known if each is not None), None)
        when = self._day(row, counting)
        return (
            when is not None
            and self._span.first_day <= when <= self._last
            and (first is None or first <= self._as_of)
            and counting.meets(row, self._as_of)
        )

    def _day(self, row: Row, counting: Counting) -> date | None:
        if counting.dated in ("session", "meeting"):
            file = {"session": "study_sessions", "meeting": "meetings"}[counting.dated]
            (other,) = (each for each in self._tables[file] if each["code"] == row[counting.dated])
            return sure_day(other, "held_on")
        return day(row, counting.dated)

    def _place(self, row: Row, counting: Counting) -> str:
        if counting.whose == "asset":
            (asset,) = (each for each in self._tables["assets"] if each["code"] == row["asset"])
            return asset["organization"]
        if counting.whose == "organization" or not row.get("cadre"):
            return row["organization"]
        when = self._day(row, counting)
        assert when is not None
        return self._posted(row["cadre"], when)

    def _posted(self, cadre: str, when: date) -> str:
        """Where a cadre was posted on a day, where that was in the present district."""
        present = self.world.cadres[cadre]["organization"]
        for row in self._tables.get("postings", []):
            until = day(row, "until") or date.max
            if row["cadre"] == cadre and sure_day(row, "from") <= when <= until:
                there = row["organization"]
                if self.world.district_of(there) == self.world.district_of(present):
                    return there
        return present

    def _much(self, row: Row, counting: Counting) -> int:
        if not counting.summed:
            return 1
        yuan, _dot, rest = row[counting.summed].partition(".")
        return int(yuan) * 100 + int(rest.ljust(2, "0") or 0)

    def _leave(self) -> Iterator[tuple[str, int]]:
        """The half days of working days of approved leaves that lie in the span."""
        for row in self._tables.get("leaves", []):
            approved, withdrawn = day(row, "approved_on"), day(row, "withdrawn_on")
            known = day(row, "requested_on") or sure_day(row, "first_day")
            is_on = approved is not None and approved <= self._as_of and known <= self._as_of
            if not is_on or (withdrawn is not None and withdrawn <= self._as_of):
                continue
            first, last = sure_day(row, "first_day"), sure_day(row, "last_day")
            halves = sum(
                2
                - (each == first and row.get("first_half") == "pm")
                - (each == last and row.get("last_half") == "am")
                for each in days(max(first, self._span.first_day), min(last, self._last))
                if self.world.calendar.works(each)
            )
            if halves:
                yield self._posted(row["cadre"], first), halves
