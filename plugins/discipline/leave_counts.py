"""What is counted of a leave while it is asked for and when it is decided; no entitlement.

Days are working days in halves, of a parental leave calendar days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select

from plugins.discipline.choices import LEAVE_KINDS
from plugins.discipline.models import Leave
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.courses.values import Counting
from tiesan.i18n import _, ngettext
from tiesan.people.models import Cadre
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions
from tiesan.words.values import day as in_words

PARENTAL = "parental"
# From so many days on a sick leave needs a certificate.
CERTIFIED_FROM = 3
# Nobody asks for longer; counting what was mistyped would take a while.
_LONGEST = timedelta(days=1200)
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Days:
    """From a morning or afternoon to a morning or afternoon, both included."""

    kind: str
    first_day: date
    last_day: date
    begins_afternoon: bool = False
    ends_morning: bool = False

    @classmethod
    def of(cls, row: Any) -> "Days":
        """Return those of a leave, or of a row with its columns."""
        return cls(
            row.kind, row.first_day, row.last_day, row.first_half == "pm", row.last_half == "am"
        )

    def halves(self, calendar: WorkingCalendar, first: date, last: date) -> int:
        """Count the half days from one day to another: of working days, or of all for a parent."""
        begin, end = max(first, self.first_day), min(last, self.last_day)
        if end < begin:
            return 0
        of_parent = self.kind == PARENTAL
        found = (end - begin).days + 1 if of_parent else calendar.count(begin, end)

        def counts(day: date) -> bool:
            return of_parent or calendar.is_working_day(day)

        late = self.begins_afternoon and begin == self.first_day and counts(begin)
        early = self.ends_morning and end == self.last_day and counts(end)
        return 2 * found - late - early


def brief(row: Any) -> list[str]:
    """Return a leave in a few lines: what kind from when to when, where to, and why."""
    halves = {"pm": _("afternoon"), "am": _("morning")}
    first, last = in_words(row.first_day), in_words(row.last_day)
    if row.first_half:
        first = f"{first} {halves['pm']}"
    if row.last_half:
        last = f"{last} {halves['am']}"
    one_day = row.first_day == row.last_day
    days = (last if row.last_half else first) if one_day else f"{first} – {last}"
    kind = str(LEAVE_KINDS.get(row.kind, row.kind))
    return [f"{kind} {days}", *filter(None, (row.place, row.reason))]


def needs_certificate(row: Any) -> bool:
    """Whether a certificate is due at closing: of a parental leave, of a sick one of three days."""
    long = (row.last_day - row.first_day).days + 1 >= CERTIFIED_FROM
    return bool(row.kind == PARENTAL or (row.kind == "sick" and long))


def counted(counting: Counting) -> list[str]:
    """Return the days of a leave, those taken this year, who else is away, what is due."""
    values = counting.values
    first, last = values.get("first_day"), values.get("last_day")
    if not isinstance(first, date) or not isinstance(last, date):
        return []
    if last < first or last - first > _LONGEST:
        return []
    days = Days(
        str(values.get("kind") or ""),
        first,
        last,
        values.get("first_half") == "pm",
        values.get("last_half") == "am",
    )
    return list(_sentences(counting, days))


def _sentences(counting: Counting, days: Days) -> Iterator[str]:
    calendar = WorkingCalendar(read_exceptions(counting.session))
    here = days.halves(calendar, days.first_day, days.last_day)
    if days.kind == PARENTAL:
        yield _("%(days)s calendar days", days=in_days(here))
    else:
        yield _("%(days)s working days", days=in_days(here))
    if days.kind in LEAVE_KINDS:
        taken = _taken(counting, calendar, days)
        said = {"kind": str(LEAVE_KINDS[days.kind]), "days": in_days(taken)}
        yield _("%(kind)s taken this year: %(days)s days") % said
    away = _away(counting, days)
    if away:
        yield _("Away too: %(names)s", names=_named(away))
    else:
        yield _("Nobody else of the organization is away.")
    if needs_certificate(days):
        yield _("A certificate is due at closing at the latest.")


def in_days(halves: int) -> str:
    """Return half days in days: 1, 1.5, 0.5."""
    return str(halves // 2) if halves % 2 == 0 else f"{halves / 2:.1f}"


def _taken(counting: Counting, calendar: WorkingCalendar, days: Days) -> int:
    """The half days of approved leaves of that kind in the year in which this one begins."""
    first, last = date(days.first_day.year, 1, 1), date(days.first_day.year, 12, 31)
    statement = select(*_COLUMNS).where(
        Leave.cadre_id == counting.cadre_id,
        Leave.kind == days.kind,
        Leave.approved_on.is_not(None),
        *_others(counting, first, last),
    )
    rows = counting.session.execute(statement)
    return sum(Days.of(row).halves(calendar, first, last) for row in rows)


def _away(counting: Counting, days: Days) -> list[Row[Any]]:
    """Leaves of others of that organization in these days, approved or still asked for."""
    own, cadre = table_of(Cadre).alias(), table_of(Cadre).alias()
    statement = (
        select(cadre.c.name, *_COLUMNS)
        .join_from(cadre, own, own.c.organization_id == cadre.c.organization_id)
        .join(Leave, Leave.cadre_id == cadre.c.id)
        .where(
            own.c.id == counting.cadre_id,
            cadre.c.id != counting.cadre_id,
            or_(Leave.rejected_on.is_(None), Leave.approved_on.is_not(None)),
            *_others(counting, days.first_day, days.last_day),
        )
        .order_by(Leave.first_day, cadre.c.name)
    )
    return [row for row in counting.session.execute(statement) if _meet(days, Days.of(row))]


def _meet(one: Days, other: Days) -> bool:
    def ends(days: Days) -> tuple[tuple[date, bool], tuple[date, bool]]:
        return (days.first_day, days.begins_afternoon), (days.last_day, not days.ends_morning)

    return ends(one)[0] <= ends(other)[1] and ends(other)[0] <= ends(one)[1]


def _others(counting: Counting, first: date, last: date) -> Iterable[Any]:
    own = () if counting.row_id is None else (Leave.id != counting.row_id,)
    live = and_(Leave.voided_at.is_(None), Leave.withdrawn_on.is_(None))
    return (live, Leave.first_day <= last, Leave.last_day >= first, *own)


def _named(away: list[Row[Any]]) -> str:
    said = [
        f"{row.name} {in_words(row.first_day)}"
        if row.first_day == row.last_day
        else f"{row.name} {in_words(row.first_day)} – {in_words(row.last_day)}"
        for row in away[:_MOST_NAMED]
    ]
    more = len(away) - len(said)
    if more > 0:
        said.append(ngettext("%(num)d more", "%(num)d more", more))
    return ", ".join(said)


_COLUMNS = (Leave.kind, Leave.first_day, Leave.last_day, Leave.first_half, Leave.last_half)
