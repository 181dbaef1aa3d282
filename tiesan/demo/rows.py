"""Rows of the demo records, collected by table and written in bulk."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from tiesan.columns import EMPTY
from tiesan.extensions import Base
from tiesan.facts.kinds import FieldType
from tiesan.records.base import folded_texts
from tiesan.records.kinds import field_columns, table_of

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A row that other rows can refer to."""

    id: int


@cache
def _columns(model: type[Base]) -> Mapping[str, tuple[str, bool]]:
    """By name of a field: its column, and whether it names another row."""
    return {
        field.name: (column.name, field.type is FieldType.REFERENCE)
        for field, column in field_columns(model)
    }


class Rows:
    """Rows to be written, with the ids that they will have in a database without any.

    Fields are given by name; one that is left out is blank, a reference is given as the row that
    it names. ``write`` may be called again and again, ids go on.
    """

    def __init__(self) -> None:
        """Begin with the id 1 everywhere."""
        self._ids = Counter[Table]()
        self._waiting: dict[Table, list[dict[str, Any]]] = defaultdict(list)

    def blank(self, model: type[Base], **columns: object) -> dict[str, Any]:
        """A row whose columns are blank but the given ones; ``add`` copies it."""
        blank = {each.name: each.info.get(EMPTY) for each in table_of(model).columns}
        return blank | columns

    def new_id(self, model: type[Base]) -> int:
        """The next id of a table, for a row that others refer to before it is added."""
        self._ids[table_of(model)] += 1
        return self._ids[table_of(model)]

    def add(self, model: type[Base], blank: Mapping[str, Any], fields: Mapping[str, Any]) -> Stored:
        """Add a row: ``blank`` with these fields; KeyError for a field that the class lacks.

        Its id is the next one, unless ``blank`` has one from ``new_id``.
        """
        columns, row = _columns(model), dict(blank)
        for name, value in fields.items():
            column, reference = columns[name]
            row[column] = value.id if reference and value is not None else value
        row |= folded_texts(model, row)
        if row["id"] is None:
            row["id"] = self.new_id(model)
        self._waiting[table_of(model)].append(row)
        return Stored(row["id"])

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows were added, by name of the table."""
        return {table.name: number for table, number in self._ids.items()}

    def write(self, connection: Connection, models: Iterable[type[Base]]) -> None:
        """Write what was added since the last time; a table comes after those it refers to."""
        for model in models:
            table = table_of(model)
            rows = self._waiting.pop(table, [])
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(insert(table), rows[start : start + _AT_ONCE])

    def settle_ids(self, connection: Connection) -> None:
        """Let PostgreSQL go on behind the ids that were given here; SQLite does by itself."""
        if connection.dialect.name != "postgresql":
            return
        for table, number in self._ids.items():
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, number)))
