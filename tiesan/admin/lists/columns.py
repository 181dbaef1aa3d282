"""Columns of lists: what a cell shows, what an export writes, and how rows are sorted by it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tiesan.access.belonging import target_of
from tiesan.admin.lists.exporting import Cell
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.money import format_amount
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record, listed_by
from tiesan.records.kinds import fact_kind
from tiesan.words.values import in_words

_STYLES = {
    FieldType.AMOUNT: "number amount",
    FieldType.INTEGER: "number",
    FieldType.DATE: "date",
    FieldType.TIME: "date",
}
_AS_THEY_ARE = frozenset({FieldType.DATE, FieldType.TIME, FieldType.INTEGER})
_LONG_TEXT = 300


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``show`` gives text or markup, ``write`` the value of an export.

    ``sort`` is the attribute, or the path over a reference, by which rows are sorted; ``style`` is
    how a cell is set: ``text``, ``name`` or ``place`` (may take two lines), ``long``, ``number``,
    ``date``, ``state`` (that of the row, which a phone shows too). ``under`` gives a second,
    quieter line.
    """

    name: str
    label: str
    show: Callable[[Any], str]
    write: Callable[[Any], Cell]
    sort: str | None = None
    style: str = "text"
    under: Callable[[Any], str] | None = None


def field_column(model: type[Base], field: Field) -> Column:
    """The column of a field."""

    def show(row: Any) -> str:
        return in_words(field, getattr(row, field.name))

    def write(row: Any) -> Cell:
        return _exported(field, getattr(row, field.name))

    return Column(field.name, field.label, show, write, sort_path(model, field), _style(field))


def _exported(field: Field, value: Any) -> Cell:
    """Dates, times and numbers as such, all else in words; an amount without separators."""
    if value is None or field.type in _AS_THEY_ARE:
        exported: Cell = value
        return exported
    if field.type is FieldType.AMOUNT:
        return Decimal(format_amount(value))
    return in_words(field, value)


def _style(field: Field) -> str:
    if (field.max_length or 0) > _LONG_TEXT:
        return "long"
    if field.to is not None:
        return "place" if field.to == "organization" else "name"
    return _STYLES.get(field.type, "text")


def sort_path(model: type[Base], field: Field) -> str:
    """The path by which rows are sorted by a field: of a reference, its name or code."""
    if field.to is None:
        return field.name
    target = target_of(model, field.name)
    named = target in (Cadre, Organization)
    first = "name" if named else fact_kind(target).identity[0]
    return f"{field.name}.{first}"


def searched(model: type[Record]) -> tuple[str, ...]:
    """Return the texts in which a search looks: its own, and names or codes that it refers to."""
    found = []
    for field in fact_kind(model).fields:
        if field.to is not None:
            found.append(sort_path(model, field))
        elif field.type is FieldType.TEXT:
            found.append(field.name)
    return tuple(found)


def newest_first(model: type[Record]) -> tuple[str, ...]:
    """Return the date from which a row is known, where it has one of its own, and the id."""
    date = listed_by(model)
    return ("id",) if date is None else (date.name, "id")
