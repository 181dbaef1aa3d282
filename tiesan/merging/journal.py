"""The journal of a merge: every change of a row is made here and kept as a step.

Only plain tables are read and written, so that what somebody may see narrows nothing.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    Table,
    and_,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from tiesan.extensions import Base
from tiesan.merging.counting import counted_columns
from tiesan.people.merges import MergeStep
from tiesan.records.kinds import table_of

# Databases limit the number of values in one statement.
MOST_AT_ONCE = 300
_STEP = table_of(MergeStep)
_READ = {date: date.fromisoformat, datetime: datetime.fromisoformat, time: time.fromisoformat}


class Journal:
    """Changes rows and keeps what each was before."""

    def __init__(self, session: Session) -> None:
        """Begin without any step."""
        self._session = session
        self._steps: list[dict[str, Any]] = []
        self.moved: Counter[str] = Counter()

    def rows(self, table: Table, where: ColumnElement[bool]) -> list[RowMapping]:
        """Return rows of a table as they are stored, in the order of their keys."""
        statement = select(table).where(where).order_by(*table.primary_key.columns)
        return list(self._session.execute(statement).mappings())

    def change(self, table: Table, where: ColumnElement[bool], **values: Any) -> int:
        """Set columns of the rows for which a condition holds; returns how many there were."""
        found = self.rows(table, where)
        for row in found:
            key = {each.name: values.get(each.name, row[each]) for each in _key(table)}
            for name, after in values.items():
                before = row[table.c[name]]
                if before != after:
                    self._note(table, name, key, plain(before), plain(after))
        if found:
            self._session.connection().execute(update(table).where(where).values(**values))
        return len(found)

    def set_aside(self, table: Table, where: ColumnElement[bool], **values: Any) -> None:
        """Set columns without keeping it: what they are in the end is noted by ``note_change``."""
        self._session.connection().execute(update(table).where(where).values(**values))

    def note_change(self, table: Table, row_id: int, column: str, before: Any, after: Any) -> None:
        """Set a column of a row that was set aside, and note what it was before."""
        key = {"id": row_id}
        self._note(table, column, key, plain(before), plain(after))
        self.set_aside(table, where_key(table, key), **{column: after})

    def remove(self, table: Table, where: ColumnElement[bool]) -> None:
        """Remove the rows for which a condition holds."""
        for row in self.rows(table, where):
            key = {each.name: row[each] for each in _key(table)}
            values = {each.name: plain(row[each]) for each in table.columns}
            self._note(table, "", key, values, None)
        self._session.connection().execute(delete(table).where(where))

    def _note(
        self, table: Table, column: str, key: Mapping[str, Any], before: Any, after: Any
    ) -> None:
        step = {"table_name": table.name, "column_name": column, "key": dict(key)}
        self._steps.append({**step, "before": before, "after": after, "digest": None})

    def keep(self, merge_id: int) -> None:
        """Write the steps; with each the row as it is left, as far as it counts."""
        by_table = defaultdict(list)
        for step in self._steps:
            by_table[step["table_name"]].append(step)
        for name, steps in by_table.items():
            table = Base.metadata.tables[name]
            keys = [step["key"] for step in steps if step["column_name"]]
            found = digests(self._session, table, keys)
            for step in steps:
                step["digest"] = found.get(key_of(table, step["key"]))
                step["merge_id"] = merge_id
        for chunk in chunks(self._steps):
            self._session.connection().execute(insert(_STEP), chunk)


def digests(
    session: Session, table: Table, keys: Iterable[Mapping[str, Any]]
) -> dict[tuple[Any, ...], str]:
    """Return what rows say in the columns whose change counts, by key; nothing of other tables."""
    columns = counted_columns(table)
    if not columns:
        return {}
    found = {}
    for row in read_rows(session, table, keys):
        if table.name == "flag" and row["confidential"]:
            continue
        said = repr([plain(row[column]) for column in columns])
        key = tuple(row[each] for each in _key(table))
        found[key] = hashlib.sha256(said.encode()).hexdigest()[:16]
    return found


def read_rows(
    session: Session, table: Table, keys: Iterable[Mapping[str, Any]]
) -> Iterator[RowMapping]:
    """Give the rows of these keys, as far as there are any."""
    wanted = sorted({key_of(table, key) for key in keys})
    for chunk in chunks(wanted):
        yield from session.execute(select(table).where(_among(table, chunk))).mappings()


def _among(table: Table, keys: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    columns = _key(table)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def key_of(table: Table, key: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Return a key in the order of the table's columns."""
    return tuple(key[each.name] for each in _key(table))


def where_key(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition of the row of a key."""
    return and_(*(each == key[each.name] for each in _key(table)))


def _key(table: Table) -> tuple[Column[Any], ...]:
    return tuple(table.primary_key.columns)


def chunks(rows: list[Any]) -> Iterator[list[Any]]:
    """Give a list in parts that one statement can take."""
    for start in range(0, len(rows), MOST_AT_ONCE):
        yield rows[start : start + MOST_AT_ONCE]


def plain(value: Any) -> Any:
    """Return a value as plain JSON."""
    return value.isoformat() if isinstance(value, date | time) else value


def stored(column: Column[Any], value: Any) -> Any:
    """Return a value as its column takes it, from what ``plain`` made of it."""
    read = _READ.get(column.type.python_type) if isinstance(value, str) else None
    return value if read is None else read(value)
