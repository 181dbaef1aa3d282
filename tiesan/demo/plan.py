"""How large the fictitious installation is to be, and which days it covers."""

from dataclasses import dataclass
from datetime import date

from tiesan.calendar.deadlines import add_months

SEED = 2010
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Shape:
    """The organizations and cadres of one district.

    ``office`` cadres are posted to the district, ``staff`` to each federation; so many ``chairs``
    of enterprise unions are kept as cadres. ``direct`` enterprise unions stand under the district
    itself, ``enterprises`` under its federations.
    """

    federations: int
    enterprises: int
    direct: int
    office: int
    staff: int
    chairs: int

    def times(self, factor: int) -> "Shape":
        """A district so many times as large."""
        return Shape(
            federations=self.federations * factor,
            enterprises=self.enterprises * factor,
            direct=self.direct * factor,
            office=self.office * factor,
            staff=self.staff,
            chairs=self.chairs * factor,
        )


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Districts of one shape, and the days of their records.

    ``today`` is the running day: nothing is later, and what takes a whole day ends the day before.
    The same plan always gives the same records.
    """

    shape: Shape
    districts: int
    first_day: date
    today: date
    seed: int = SEED


SMALL = Shape(federations=4, enterprises=11, direct=3, office=10, staff=3, chairs=8)
LARGE = Shape(federations=10, enterprises=40, direct=5, office=20, staff=6, chairs=30)


def small_district(today: date, *, seed: int = SEED) -> DemoPlan:
    """One district of 30 cadres, from January 1 of last year on."""
    return DemoPlan(SMALL, 1, date(today.year - 1, 1, 1), today, seed)


def large_districts(
    number: int, today: date, *, size: int = 1, years: int = 1, seed: int = SEED
) -> DemoPlan:
    """Districts of 110 cadres, or ``size`` times as many, for whole years up to yesterday."""
    first_day = add_months(today, -_MONTHS * years)
    return DemoPlan(LARGE.times(size), number, first_day, today, seed)
