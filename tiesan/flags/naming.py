"""From what facts call rows to the rows, and back: a code, or a cadre and a day, and an id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import FromClause

from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.records.kinds import fact_kind, field_columns, record_kind, table_of
from tiesan.rules import Reference, raw_text

# Databases limit the number of values in one statement; this many rows are asked for at a time.
_ROWS = 400


class NamedRows:
    """The rows of one class as references and as ids; voided ones have no reference."""

    def __init__(self, session: Session, model: type[Base]) -> None:
        """Take the session to read with."""
        self._session, self._kind = session, record_kind(model).name
        self._table = table_of(model)
        self._statement, self._columns = _named(model)

    def among(self, ids: Select[int]) -> Iterator[tuple[int, Reference]]:
        """The ids and the references of the rows whose ids a statement selects."""
        yield from self._read([self._table.c.id.in_(ids)])

    def ids(self, wanted: Iterable[Reference]) -> Mapping[Reference, int]:
        """The ids of the rows that are called so, as far as there are any."""
        ordered = sorted(wanted)
        found: dict[Reference, int] = {}
        for start in range(0, len(ordered), _ROWS):
            some = ordered[start : start + _ROWS]
            conditions = [
                column.in_({_value(parts[position], field) for _kind, parts in some})
                for position, (field, column) in enumerate(self._columns)
            ]
            asked = set(some)
            # Of rows with two parts every combination is read; the few that are meant are kept.
            found |= {name: row_id for row_id, name in self._read(conditions) if name in asked}
        return found

    def _read(self, conditions: Sequence[ColumnElement[bool]]) -> Iterator[tuple[int, Reference]]:
        for row_id, *values in self._session.execute(self._statement.where(*conditions)):
            pairs = zip(values, self._columns, strict=True)
            parts = tuple(raw_text(value, field.type) for value, (field, _column) in pairs)
            yield row_id, (self._kind, parts)


@cache
def _named(model: type[Base]) -> tuple[Select[Any], Sequence[tuple[Field, ColumnElement[Any]]]]:
    """The ids of the rows that are not voided and what they are called by, with its columns."""
    table = table_of(model)
    source: FromClause = table
    by_name = {field.name: (field, column) for field, column in field_columns(model)}
    columns: list[tuple[Field, ColumnElement[Any]]] = []
    for field, column in (by_name[name] for name in fact_kind(model).identity):
        if field.type is FieldType.REFERENCE:
            target = next(iter(column.foreign_keys)).column.table.alias()
            source = source.join(target, column == target.c.id)
            columns.append((field, target.c.code))
        else:
            columns.append((field, column))
    statement = select(table.c.id, *(column for _field, column in columns)).select_from(source)
    if "voided_at" in table.c:
        statement = statement.where(table.c.voided_at.is_(None))
    return statement, columns


def _value(text: str, field: Field) -> str | int | date:
    """A part of an identity as its column holds it; texts and codes stay as they are."""
    if field.type is FieldType.DATE:
        return date.fromisoformat(text)
    return int(text) if field.type is FieldType.INTEGER else text
