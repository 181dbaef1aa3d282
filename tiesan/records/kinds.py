"""Fact kinds of record classes: what the rules see of a table, read from its columns."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Column, Table, inspect

from tiesan.columns import RecordKind, field_of
from tiesan.extensions import Base
from tiesan.facts.derived import Derivation, extended
from tiesan.facts.kinds import FactKind, FactKinds, Field
from tiesan.people.models import Cadre, Organization, Posting

__all__ = [
    "RecordKind",
    "core_classes",
    "fact_kind",
    "fact_kinds",
    "field_columns",
    "record_kind",
    "row_id",
    "table_of",
]


def core_classes() -> tuple[type[Base], ...]:
    """The classes of the core whose rows are facts."""
    return (Organization, Cadre, Posting)


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class."""
    table = model.__table__
    if not isinstance(table, Table):
        message = f"{model.__name__} is mapped to no plain table"
        raise TypeError(message)
    return table


def row_id(row: Base) -> int:
    """Return the id of a row."""
    number: int = getattr(row, "id")  # noqa: B009 - every class has one, the base has none
    return number


def id_as_stored(row: Base) -> int:
    """Return the id of a row that is stored, without reading the row anew after a commit."""
    identity = inspect(row).identity
    return row_id(row) if identity is None else int(identity[0])


def record_kind(model: type[Base]) -> RecordKind:
    """What the rows of a class are called; TypeError for a class that says nothing."""
    kind = getattr(model, "record_kind", None)
    if not isinstance(kind, RecordKind):
        message = f"{model.__name__} has no record_kind"
        raise TypeError(message)
    return kind


@cache
def field_columns(model: type[Base]) -> tuple[tuple[Field, Column[object]], ...]:
    """The fields of a class with their columns, in declared order."""
    fields = ((field_of(column), column) for column in table_of(model).columns)
    return tuple((field, column) for field, column in fields if field is not None)


@cache
def fact_kind(model: type[Base]) -> FactKind:
    """The fact kind of a class, its fields in declared order, without derived fields."""
    kind = record_kind(model)
    return FactKind(
        name=kind.name,
        title=kind.title,
        fields=tuple(field for field, _column in field_columns(model)),
        identity=kind.identity,
        principal=kind.principal,
        file=kind.file,
        unseen=kind.unseen,
    )


def fact_kinds(
    records: Iterable[type[Base]],
    derivations: tuple[Derivation, ...],
    further: Iterable[FactKind] = (),
) -> FactKinds:
    """All fact kinds: the core's, those of records with derived fields, and ``further`` ones."""
    stored = [fact_kind(model) for model in (*core_classes(), *records)]
    by_name = {kind.name: kind for kind in stored}
    return FactKinds([*extended(by_name, derivations), *further])
