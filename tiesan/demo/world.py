"""What a plugin sees of a fictitious district when it writes its demo records.

A plugin offers ``demo: Callable[[DemoWorld], None]``; it is called once per district. Chance comes
from ``world.random`` alone, which is seeded for the plugin and the district, so that the same plan
gives the same records whatever other plugins are installed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from tiesan.calendar.periods import Every, Period, periods_from
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.demo.absences import Absence
from tiesan.demo.cast import Cast, DemoCadre, DemoOrganization
from tiesan.demo.rows import Rows, Stored
from tiesan.demo.words import Words, words_beside
from tiesan.facts.leave import LeaveCover
from tiesan.people.models import OrganizationKind
from tiesan.records.base import Record

__all__ = ["Absence", "DemoCadre", "DemoOrganization", "DemoWorld", "Stored", "Words"]

T = TypeVar("T")


@dataclass
class DemoWorld:
    """One district: who there is, who is away when, and where records go.

    The records begin on ``first_day``. ``today`` is the running day: nothing is later, and what
    takes a whole day ends the day before. ``bookkeeping`` is what every record has besides its own
    fields.
    """

    cast: Cast
    calendar: WorkingCalendar
    first_day: date
    today: date
    absences: Sequence[Absence]
    leave: LeaveCover
    rows: Rows
    codes: Counter[str]
    bookkeeping: Mapping[str, object]
    random: Random = field(default_factory=Random)
    _blanks: dict[type[Record], dict[str, Any]] = field(default_factory=dict)
    _had: dict[tuple[str, str, str], set[int]] = field(default_factory=dict)

    # --- who there is -------------------------------------------------------------------------

    @property
    def district(self) -> DemoOrganization:
        """The district."""
        return self.cast.district

    @cached_property
    def federations(self) -> list[DemoOrganization]:
        """The federations of the district."""
        return self.cast.of_kind(OrganizationKind.FEDERATION)

    @cached_property
    def enterprises(self) -> list[DemoOrganization]:
        """The enterprise unions, those directly under the district last."""
        return self.cast.of_kind(OrganizationKind.ENTERPRISE)

    @cached_property
    def professionals(self) -> list[DemoCadre]:
        """The professional cadres."""
        return [each for each in self.cast.cadres if each.professional]

    def below(self, organization: DemoOrganization) -> list[DemoOrganization]:
        """The organizations directly below one."""
        return [each for each in self.cast.organizations if each.parent is organization]

    def posted(self, organization: DemoOrganization) -> Sequence[DemoCadre]:
        """The cadres of an organization, its chair first."""
        return self.cast.posted.get(organization, ())

    # --- when ---------------------------------------------------------------------------------

    @property
    def years(self) -> range:
        """The years that the records touch."""
        return range(self.first_day.year, self.today.year + 1)

    def periods(self, every: Every) -> Iterator[Period]:
        """The periods that begin within the records; the last ones may not be over."""
        return periods_from(every, self.first_day, self.today)

    def staged(self, month: int, day: int) -> date | None:
        """The first such day in the records, for what is to happen whatever chance brings.

        None when they do not reach it.
        """
        found = date(self.first_day.year, month, day)
        if found < self.first_day:
            found = found.replace(year=found.year + 1)
        return found if found < self.today else None

    def known(self, day: date) -> date | None:
        """The day if it is not later than today: what has not happened yet is blank."""
        return day if day <= self.today else None

    def working_day(self, first: date, last: date) -> date | None:
        """Some working day of a span; None when it has none by today."""
        days = self.calendar.between(first, min(last, self.today))
        return self.random.choice(days) if days else None

    def working_days(self, cadre: DemoCadre) -> list[date]:
        """The working days up to yesterday on which a cadre is in post."""
        days = self.calendar.between(self.first_day, self.today - timedelta(days=1))
        return [day for day in days if cadre.in_post(day)]

    def away(self, cadre: DemoCadre, day: date) -> bool:
        """Whether the cadre is away on some half of a day."""
        code, leave = cadre.code, self.leave
        return leave.morning(code, day, outings=True) or leave.afternoon(code, day, outings=True)

    # --- chance -------------------------------------------------------------------------------

    def slips(self, who: DemoCadre | DemoOrganization, chance: float) -> bool:
        """Whether somebody slips, with the chance that an ordinary one has."""
        return self.random.random() < chance * who.slack

    def words(self, module: str) -> Words:
        """The word lists in ``demo.toml`` beside a module, which gives its ``__file__``."""
        return words_beside(module, "demo.toml")

    def fresh(self, module: str, name: str, whose: DemoCadre | DemoOrganization, day: date) -> Any:
        """Some entry of a word list that somebody has not had; when all were had it begins anew.

        ``module`` and ``name`` are the list's, as in ``words(module)[name]``. An entry that has
        ``months`` is for these months only; every list needs some that fit any month.
        """
        entries = self.words(module)[name]
        had = self._had.setdefault((module, name, whose.code), set())
        fitting = [number for number, each in enumerate(entries) if _in_season(each, day)]
        if had.issuperset(fitting):
            had.difference_update(fitting)
        chosen = self.random.choice([number for number in fitting if number not in had])
        had.add(chosen)
        return entries[chosen]

    # --- records ------------------------------------------------------------------------------

    def code(self, letters: str, day: date) -> str:
        """The next code of a kind of records: letters, year and number."""
        series = f"{letters}{day.year}"
        self.codes[series] += 1
        return f"{series}-{self.codes[series]:04}"

    def add(self, model: type[Record], **fields: object) -> Stored:
        """Add a record; a reference is given as the organization, cadre or record it names."""
        blank = self._blanks.get(model)
        if blank is None:
            blank = self._blanks[model] = self.rows.blank(model, **self.bookkeeping)
        return self.rows.add(model, blank, fields)


def _in_season(entry: str | Words, day: date) -> bool:
    return isinstance(entry, str) or day.month in entry.get("months", range(1, 13))
