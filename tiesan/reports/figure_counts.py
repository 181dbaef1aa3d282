"""The figures of plugins: rows of records that count in a span, as of a day.

A row counts for the organization that it belongs to, or to which its cadre was posted on the day by
which it counts; where the cadre was then in another district, for the present one. What lies after
the day as of which is told is not known: rows, and dates of what was done.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.extensions import Base
from tiesan.facts.kinds import FieldType
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.figures import GIVEN, Figure, one_of, paths_to_people, target_of
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.records.settings import read_exceptions
from tiesan.reports.asked import Asked, Counted


class Unit(StrEnum):
    """What a number counts: things, fen, or half days."""

    NUMBER = "number"
    FEN = "fen"
    HALF_DAYS = "half days"


def figures_told(asked: Asked) -> Iterator[tuple[Plugin, Figure]]:
    """Yield the figures of the plugins that are on, by plugin."""
    for plugin in asked.catalog.plugins:
        if asked.tells_of_plugin(plugin.name):
            yield from ((plugin, figure) for figure in plugin.figures)


def figure_key(plugin: Plugin, figure: Figure) -> str:
    """Return the key of a figure's column."""
    return f"figure:{plugin.name}.{figure.name}"


def unit_of(asked: Asked, figure: Figure) -> Unit:
    """Return what a figure counts."""
    if figure.until is not None:
        return Unit.HALF_DAYS
    fields = {field.name: field for field, _column in field_columns(_model(asked, figure))}
    is_money = figure.sum is not None and fields[figure.sum].type is FieldType.AMOUNT
    return Unit.FEN if is_money else Unit.NUMBER


def count_figures(session: Session, asked: Asked) -> Iterator[Counted]:
    """Yield each row that counts in a figure, and by how much."""
    calendar = WorkingCalendar(read_exceptions(session))
    for plugin, figure in figures_told(asked):
        yield from count_figure(session, asked, figure, figure_key(plugin, figure), calendar)


def count_figure(
    session: Session, asked: Asked, figure: Figure, key: str, calendar: WorkingCalendar
) -> Iterator[Counted]:
    """Yield each row that counts in one figure, under a key."""
    counting = _Counting(asked, figure)
    kind = figure.kind
    for row_id, place, *measured in session.execute(counting.statement()):
        value = counting.value(measured, calendar)
        if place in asked.places.told_under and value is not None:
            yield Counted(key, asked.places.told_under[place], (kind, row_id), value)


def sum_figure(
    session: Session, asked: Asked, figure: Figure, calendar: WorkingCalendar
) -> dict[int, int]:
    """Return how much counts in one figure by organization; summed up by the database if it can."""
    found: dict[int, int] = {}
    if figure.until is not None:
        counted = count_figure(session, asked, figure, "", calendar)
        pairs = ((each.place_id, each.value) for each in counted)
    else:
        rows = session.execute(_Counting(asked, figure).sums())
        told = asked.places.told_under
        pairs = ((told[place], int(value or 0)) for place, value in rows if place in told)
    for place_id, value in pairs:
        found[place_id] = found.get(place_id, 0) + value
    return found


def _model(asked: Asked, figure: Figure) -> type[Record]:
    return asked.catalog.records[figure.kind]


class _Counting:
    """What is asked of the database for one figure."""

    def __init__(self, asked: Asked, figure: Figure) -> None:
        self._asked, self._figure = asked, figure
        self._model = _model(asked, figure)
        # What is read beside the rows, and by which condition.
        self._joins: list[tuple[FromClause, ColumnElement[bool]]] = []
        self._columns = _columns(self._model)
        self._date = self._dated()
        paths = paths_to_people(figure, self._model)
        self._told_for = _first(*(self._place(self._model, path) for path in paths))

    def statement(self) -> Select[Any]:
        """The ids of the rows that count, for which organization, and what is measured of them."""
        columns = (self._model.id, self._told_for, *self._measured())
        return self._counted(*columns).order_by(self._model.id)

    def sums(self) -> Select[Any]:
        """How much counts for which organization, of what is counted or summed up."""
        measured = self._measured()
        number = func.sum(measured[0]) if measured else func.count(self._model.id)
        return self._counted(self._told_for, number).group_by(self._told_for)

    def _counted(self, *columns: Any) -> Select[Any]:
        found = select(*columns).select_from(self._model)
        for other, condition in self._joins:
            found = found.outerjoin(other, condition)
        return found.where(
            self._model.district_id == self._asked.places.district_id,
            self._model.voided_at.is_(None),
            *self._within(),
            *self._known(),
            *(self._meets(name, wanted) for name, wanted in self._figure.where.items()),
        )

    def value(self, measured: list[Any], calendar: WorkingCalendar) -> int | None:
        """By how much a row counts; None where it does not."""
        if not measured:
            return 1
        if self._figure.until is None:
            found: int | None = measured[0]
            return found
        first, last, first_half, last_half = measured
        begin, end = max(first, self._asked.span.first_day), min(last, self._asked.last_day)
        number = 2 * calendar.count(begin, end)
        if begin == first and first_half == "pm" and calendar.is_working_day(begin):
            number -= 1
        if end == last and last_half == "am" and calendar.is_working_day(end):
            number -= 1
        return number or None

    # --- when a row counts ------------------------------------------------------------------------

    def _dated(self) -> ColumnElement[date]:
        """The date by which rows count; that of another row is read beside them."""
        name, _dot, rest = self._figure.date.partition(".")
        if not rest:
            column: ColumnElement[date] = self._columns[name]
            return column
        other = self._joined(self._model, name, live=True)
        found: ColumnElement[date] = other.c[rest]
        return found

    def _within(self) -> Iterator[ColumnElement[bool]]:
        span, last = self._asked.span, self._asked.last_day
        if self._figure.until is None:
            yield self._date.between(span.first_day, last)
        else:
            yield self._date <= last
            yield self._columns[self._figure.until] >= span.first_day

    def _known(self) -> Iterator[ColumnElement[bool]]:
        """That a row is known on the day: by the first of its principal dates that is given."""
        own = [each for each in record_kind(self._model).principal if each in self._columns]
        if own:
            yield _first(*(self._columns[each] for each in own)) <= self._asked.as_of

    def _meets(self, name: str, wanted: object) -> ColumnElement[bool]:
        return or_(*(self._is(name, each) for each in one_of(wanted)))

    def _is(self, name: str, wanted: object) -> ColumnElement[bool]:
        as_of = self._asked.as_of
        column: ColumnElement[Any] = self._columns[name]
        is_done = name in _done_dates(self._model)
        if wanted is None:
            return or_(column.is_(None), column > as_of) if is_done else column.is_(None)
        if wanted is GIVEN:
            return column <= as_of if is_done else column.is_not(None)
        return column.is_(wanted) if isinstance(wanted, bool) else column == wanted

    def _measured(self) -> list[ColumnElement[Any]]:
        figure = self._figure
        if figure.until is None:
            return [] if figure.sum is None else [self._columns[figure.sum]]
        halves = figure.halves or (figure.date, figure.until)
        return [self._date, *(self._columns[each] for each in (figure.until, *halves))]

    # --- for whom a row counts --------------------------------------------------------------------

    def _place(self, model: type[Base], path: str) -> ColumnElement[Any]:
        """The organization at the end of a path: of a cadre the one of the day."""
        name, _dot, rest = path.partition(".")
        target = target_of(model, name)
        if rest and target is not None:
            other = self._joined(model, name)
            return self._of(target_of(target, rest), other.c[f"{rest}_id"])
        return self._of(target, getattr(model, f"{name}_id"))

    def _of(self, target: type[Base] | None, column: ColumnElement[Any]) -> ColumnElement[Any]:
        if target is Organization:
            return column
        cadre, posting = table_of(Cadre).alias(), table_of(Posting).alias()
        there, day = table_of(Organization).alias(), self._date
        posted = and_(
            posting.c.cadre_id == column,
            posting.c.from_on <= day,
            or_(posting.c.until_on.is_(None), posting.c.until_on >= day),
        )
        inside = and_(
            there.c.id == posting.c.organization_id,
            there.c.district_id == self._asked.places.district_id,
        )
        self._join(posting, posted)
        self._join(there, inside)
        self._join(cadre, cadre.c.id == column)
        return func.coalesce(there.c.id, cadre.c.organization_id)

    def _joined(self, model: type[Base], name: str, *, live: bool = False) -> FromClause:
        """A row that another one refers to, read beside it; a ``live`` one unless it was voided."""
        target = target_of(model, name)
        if target is None:
            message = f"{model.__name__} refers to nothing by {name}"
            raise LookupError(message)
        other = table_of(target).alias()
        named = other.c.id == getattr(model, f"{name}_id")
        self._join(other, and_(named, other.c.voided_at.is_(None)) if live else named)
        return other

    def _join(self, other: FromClause, condition: ColumnElement[bool]) -> None:
        self._joins.append((other, condition))


@cache
def _columns(model: type[Record]) -> dict[str, Any]:
    """The columns of a class by the names of their fields, as attributes, which criteria follow."""
    return {field.name: getattr(model, column.name) for field, column in field_columns(model)}


@cache
def _done_dates(model: type[Record]) -> frozenset[str]:
    """The dates of something done, which read as blank before they come."""
    return frozenset(
        field.name
        for field, _column in field_columns(model)
        if field.type is FieldType.DATE and not field.planned
    )


def _first(*columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first of some columns that is not blank."""
    return columns[0] if len(columns) == 1 else func.coalesce(*columns)
