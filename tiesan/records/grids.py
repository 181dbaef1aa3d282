"""What a plugin says of a grid: one form that stores a record and a row for each of many at once.

A session and who attended it, a meeting and who was represented, a day and when everybody came and
went: what is the same for all stands above, a row for each below it. Who may fill which row is
settled in ``tiesan.access.filling``; ``tiesan.contract`` checks the grids when plugins are loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind


class Among(StrEnum):
    """Of whom there are rows, as they were on the day of the grid."""

    CADRES = "cadres in post there"
    CADRES_BELOW = "cadres in post there and below"
    ORGANIZATIONS_BELOW = "organizations one level down"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a plugin's own list of rows goes by: the organization and the day of the grid.

    ``parameter(rule, name)`` is the value of a rule's parameter that is in force on that day.
    """

    organization_id: int
    day: date
    parameter: Callable[[str, str], Any]


# The ids of what the rows are about, in their order.
Listed: TypeAlias = Callable[[Session, Scene], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the rows that is filled in.

    ``rest`` is what all others get by one tap, ``on_leave`` what a row begins with whose cadre was
    on approved leave for the whole day; both are values of a choice. ``words`` are what is said of
    ``yes`` and ``no`` where that says more.
    """

    field: str
    rest: str | None = None
    on_leave: str | None = None
    words: Mapping[str, str] = having(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a grid: ``each`` is the reference to what a row of the class ``of`` is about.

    ``head`` is the reference to the record above, if the grid stores one. ``kept_by`` are the
    references of what a row is about to the cadre, or the organization whose chair, by whom rows
    are entered besides supervisors, as of today.
    """

    of: type[Record]
    each: str
    among: Among | Listed
    head: str | None = None
    kept_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """One form for a record and its rows, or for rows of one day alone.

    ``record`` is the class of what one save is about: a record that the rows refer to, which has an
    organization, or the class of the rows themselves. ``columns`` are filled in for each row;
    without any a row is a tick. ``day`` is the field with the day; ``asked`` are the further fields
    of the record that stand above the rows. ``leaves_alone`` says that rows which did not come in
    by a form, as those of a clock, are shown and not changed.
    """

    record: type[Record]
    rows: Rows
    columns: tuple[Column, ...]
    day: str
    asked: tuple[str, ...] = ()
    leaves_alone: bool = False

    @property
    def has_head(self) -> bool:
        """Whether one save stores a record above its rows."""
        return self.record is not self.rows.of

    @property
    def one_a_day(self) -> bool:
        """Whether what the rows are about has one on a day; of those with a code there are more."""
        return not record_kind(self.rows.of).is_coded

    @property
    def about(self) -> type[Any]:
        """The class of what a row is about."""
        target: type[Any] = getattr(self.rows.of, self.rows.each).property.mapper.class_
        return target

    def fields(self) -> list[Field]:
        """The fields of the columns."""
        by_name = fact_kind(self.rows.of).by_name
        return [by_name[column.field] for column in self.columns]


# --- what the contract asks -----------------------------------------------------------------------

_ENTERED = frozenset({FieldType.CHOICE, FieldType.BOOLEAN, FieldType.TIME})
_OF_AMONG = {
    Among.CADRES: Cadre.record_kind.name,
    Among.CADRES_BELOW: Cadre.record_kind.name,
    Among.ORGANIZATIONS_BELOW: Organization.record_kind.name,
}


def broken_grids(grids: Sequence[Grid], records: Sequence[type[Record]]) -> Iterator[str]:
    """What is wrong with the grids of a plugin that has these records, a line each."""
    for at, grid in enumerate(grids):
        own = grid.record in records and grid.rows.of in records
        if not own:
            yield _("its grid of %(kind)s is none of its own records") % {"kind": grid.record}
            continue
        if any(grid.record is each.record for each in grids[:at]):
            yield _("“%(kind)s” has more than one grid") % {"kind": _name(grid.record)}
        yield from _of_rows(grid)
        yield from _of_columns(grid)


def _of_rows(grid: Grid) -> Iterator[str]:
    named, rows = _fields(grid.record), _fields(grid.rows.of)
    wanted = [(rows, grid.rows.each, FieldType.REFERENCE, grid.rows.of)]
    wanted.append((named, grid.day, FieldType.DATE, grid.record))
    if grid.has_head:
        wanted.append((named, "organization", FieldType.REFERENCE, grid.record))
        wanted.append((rows, grid.rows.head or "", FieldType.REFERENCE, grid.rows.of))
    text = _("its grid of %(kind)s has “%(field)s” as a %(type)s, which is none of %(of)s")
    given = {"kind": _name(grid.record)}
    for fields, name, type_, of in wanted:
        if name not in fields or fields[name].type is not type_:
            yield text % {**given, "field": name, "type": type_.value, "of": _name(of)}
    for name in grid.asked:
        if name not in named:
            yield text % {**given, "field": name, "type": _("field"), "of": _name(grid.record)}
    yield from _of_among(grid, rows)


def _of_among(grid: Grid, rows: Mapping[str, Field]) -> Iterator[str]:
    among, each = grid.rows.among, rows.get(grid.rows.each)
    if isinstance(among, Among) and each is not None and each.to != _OF_AMONG[among]:
        text = _("its grid of %(kind)s lists %(among)s, and its rows are about “%(to)s”")
        named = {"kind": _name(grid.record), "among": among.value, "to": each.to}
        yield text % named


def _of_columns(grid: Grid) -> Iterator[str]:
    fields, kind = _fields(grid.rows.of), _name(grid.record)
    for column in grid.columns:
        found = fields.get(column.field)
        if found is None or found.type not in _ENTERED:
            text = _("its grid of %(kind)s has a column “%(field)s”, which is no choice, no yes or "
                     "no, and no time of its rows")  # fmt: skip
            yield text % {"kind": kind, "field": column.field}
            continue
        for value in (column.rest, column.on_leave):
            if value is not None and value not in found.choices:
                text = _(
                    "its grid of %(kind)s fills “%(field)s” with %(value)s, which is no choice"
                )
                yield text % {"kind": kind, "field": column.field, "value": value}


def _fields(record: type[Record]) -> Mapping[str, Field]:
    return fact_kind(record).by_name


def _name(record: type[Record]) -> str:
    return record_kind(record).name
