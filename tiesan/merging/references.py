"""Every column that names a cadre: by a foreign key, or by the kind and the id of a row.

They are read from the tables of all installed plugins, so that a new one is moved without anybody
having thought of it. What names rows without a key is listed; a test holds that nothing is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, ColumnElement, Index, Table, UniqueConstraint, true

from tiesan.extensions import Base
from tiesan.people.models import Cadre
from tiesan.records.kinds import record_kind, table_of

_KIND = record_kind(Cadre).name
# Columns with the id of a row whose kind another column says: the table, the id, the kind.
BY_KIND = (
    ("evidence_link", "row_id", "kind"),
    ("notification", "row_id", "row_kind"),
    ("reminder", "subject_id", "subject_kind"),
)
# The account is moved on its own: a person has one.
ACCOUNT = "account"
# Whatever these say of one entry twice, or of both, is said of the person once.
SAID_ONCE = frozenset({"evidence_link", "reminder", "import_person"})
# Two rows of these are never one: their identities are settled before anything is moved.
SETTLED = frozenset({"flag", "posting"})


@dataclass(frozen=True, slots=True)
class Naming:
    """A column that names cadres, in the rows for which ``where`` holds."""

    table: Table
    column: Column[int]
    where: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Unique:
    """What keeps two rows of a table from naming one cadre: the other columns, and which rows."""

    others: tuple[Column[object], ...]
    where: ColumnElement[bool]


@cache
def naming_columns() -> tuple[Naming, ...]:
    """Return the columns of all tables that name cadres, but for that of accounts."""
    return (*_by_key(), *_by_kind())


def _by_key() -> Iterator[Naming]:
    target = table_of(Cadre).c.id
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            named = any(key.column is target for key in column.foreign_keys)
            if named and table.name != ACCOUNT:
                yield Naming(table, column, true())


def _by_kind() -> Iterator[Naming]:
    for name, column, kind in BY_KIND:
        table = Base.metadata.tables[name]
        yield Naming(table, table.c[column], table.c[kind] == _KIND)


def uniques(naming: Naming) -> Iterator[Unique]:
    """Give what keeps rows of a table apart by a column that names cadres."""
    table = naming.table
    for constraint in (table.primary_key, *table.constraints):
        if isinstance(constraint, UniqueConstraint) or constraint is table.primary_key:
            columns = tuple(constraint.columns)
            if naming.column in columns and len(columns) > 1:
                yield Unique(_without(columns, naming.column), naming.where)
    for index in table.indexes:
        columns = tuple(index.columns)
        if index.unique and naming.column in columns:
            yield Unique(_without(columns, naming.column), _of_index(index) & naming.where)


def _without(columns: tuple[Column[object], ...], one: Column[int]) -> tuple[Column[object], ...]:
    return tuple(each for each in columns if each is not one)


def _of_index(index: Index) -> ColumnElement[bool]:
    """The rows that an index is about; said alike for both kinds of database."""
    condition: ColumnElement[bool] | None = index.dialect_options["sqlite"]["where"]
    return true() if condition is None else condition
