"""When the cadres of a fictitious district are away: planned once, so that all records agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.demo.cast import DemoCadre
from tiesan.facts.leave import LeaveSpan

OUTING = "official"
# How far plans reach beyond today.
_AHEAD = timedelta(days=20)
_PER_YEAR = 11
# Kinds of absence: how often, and the least and most working days; 0 is half a day.
_KINDS = (
    ("annual", 2, 2, 5),
    ("sick", 1, 1, 2),
    ("personal", 2, 0, 1),
    (OUTING, 6, 0, 2),
)


@dataclass(frozen=True, slots=True)
class Absence:
    """A cadre is away from a morning or afternoon to a morning or afternoon, both included.

    ``first_half`` is ``pm`` when it begins in the afternoon, ``last_half`` ``am`` when it ends
    in the morning.
    """

    cadre: DemoCadre
    kind: str
    first_day: date
    last_day: date
    first_half: str | None = None
    last_half: str | None = None

    @property
    def span(self) -> LeaveSpan:
        """The halves of days that it covers."""
        return LeaveSpan(
            cadre=self.cadre.code,
            first_day=self.first_day,
            last_day=self.last_day,
            begins_afternoon=self.first_half is not None,
            ends_morning=self.last_half is not None,
            outing=self.kind == OUTING,
        )


def plan_absences(
    random: Random,
    cadre: DemoCadre,
    calendar: WorkingCalendar,
    first_day: date,
    today: date,
) -> Iterator[Absence]:
    """The absences of a cadre in order of their first days; no two share a day."""
    until = today + _AHEAD
    if cadre.left_on is not None:
        until = min(until, cadre.left_on - timedelta(days=1))
    days = calendar.between(max(first_day, cadre.joined_on), until)
    number = round(len(days) / calendar.count(*_year_of(first_day)) * _PER_YEAR)
    weights = [often for _kind, often, _least, _most in _KINDS]
    free = 0
    for position in sorted(random.sample(range(len(days)), min(number, len(days)))):
        kind, _often, least, most = random.choices(_KINDS, weights)[0]
        length = random.randint(least, most)
        end = position + max(length, 1) - 1
        if position < free or end >= len(days):
            continue
        free = end + 1
        half = random.choice(("am", "pm")) if length == 0 else None
        yield Absence(
            cadre=cadre,
            kind=kind,
            first_day=days[position],
            last_day=days[end],
            first_half=half if half == "pm" else None,
            last_half=half if half == "am" else None,
        )


def _year_of(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)
