"""A year of a cadre as a table: each day with what was entered of it, leave and flags.

As in the calendar of the year only what the viewer may read is in it, and nothing confidential.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy import select

from tiesan.admin.lists.exporting import Cell
from tiesan.admin.persons.year import Mark, Year
from tiesan.admin.records.merged import Pages, open_views
from tiesan.extensions import db
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.records.base import Record, listed_by
from tiesan.records.kinds import fact_kind, field_columns
from tiesan.words.days import day_with_weekday
from tiesan.words.values import in_words

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day: in words, what it is, what was entered of it by column, leave, and flags."""

    day: date
    words: str
    sort: str
    entered: Sequence[str]
    leave: str
    marks: Sequence[Mark]

    @property
    def flags(self) -> str:
        """The flags in one text."""
        return " · ".join(mark.title for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Total:
    """How many days of a year something is so of."""

    title: str
    number: int


class YearTable:
    """The table of a year of a cadre, as the viewer may see it."""

    def __init__(self, cadre: Cadre, year: int) -> None:
        """Take whose year it is, and which one."""
        self.cadre, self.year = cadre, year
        self._year = Year(cadre, year)

    @property
    def titles(self) -> list[str]:
        """The titles of the columns."""
        entered = [str(view.kind.title) for view in self._views]
        return [_("Day"), _("Kind of day"), *entered, _("Leave"), _("Flags")]

    @cached_property
    def lines(self) -> Sequence[DayLine]:
        """The days of the year, in order."""
        return list(self._lines())

    @property
    def months(self) -> Sequence[Sequence[DayLine]]:
        """The same by month."""
        return [[each for each in self.lines if each.day.month == at] for at in range(1, 13)]

    @property
    def totals(self) -> Sequence[Total]:
        """On how many days there was what."""
        entered = [
            Total(str(view.kind.title), sum(bool(line.entered[at]) for line in self.lines))
            for at, view in enumerate(self._views)
        ]
        leave = Total(_("Leave"), sum(bool(line.leave) for line in self.lines))
        return [*entered, leave, Total(_("Flags"), sum(len(line.marks) for line in self.lines))]

    def file_rows(self) -> Iterator[list[Cell]]:
        """Return the rows of a file."""
        for line in self.lines:
            yield [line.day, line.sort, *line.entered, line.leave, line.flags]

    def _lines(self) -> Iterator[DayLine]:
        year, day = self._year, self._year.first
        while day <= year.last:
            entered = [self._entered[view.endpoint].get(day, "") for view in self._views]
            yield DayLine(
                day,
                day_with_weekday(day, year=False),
                year.sort_of(day),
                entered,
                year.leave_words(day),
                year.marks_of(day),
            )
            day += _DAY

    @cached_property
    def _views(self) -> Sequence[Pages]:
        return [view for view in open_views() if view.year_fields]

    @cached_property
    def _entered(self) -> Mapping[str, Mapping[date, str]]:
        """What the rows of each view say, by day; one question for each."""
        return {view.endpoint: dict(self._of(view)) for view in self._views}

    def _of(self, view: Pages) -> Iterator[tuple[date, str]]:
        model, year = view.record, self._year
        columns = {field.name: getattr(model, found.name) for field, found in field_columns(model)}
        # A row that is identified by a day is of that day, whenever it was written.
        named = next((each for each in model.record_kind.identity if _is_day(model, each)), None)
        listed = listed_by(model)
        if named is not None:
            day = columns[named]
        elif listed is not None:
            day = getattr(model, listed.name)
        else:
            return
        within = (day >= year.first, day <= year.last, columns["cadre"] == self.cadre.id)
        statement = select(model, day).where(*within, model.voided_at.is_(None))
        for row, of_day in db.session.execute(statement):
            yield of_day, _said(view, row)


def _is_day(model: type[Record], name: str) -> bool:
    return fact_kind(model).by_name[name].type is FieldType.DATE


def _said(view: Pages, row: Record) -> str:
    """What the fields of a row that are shown say; that there is one where all are blank."""
    fields = fact_kind(view.record).by_name
    words = (in_words(fields[name], getattr(row, name)) for name in view.year_fields)
    return " – ".join(each for each in words if each) or _("entered")
