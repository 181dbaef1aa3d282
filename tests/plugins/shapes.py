"""How the tests of plugins write down a record class: as the table of the exchange format does."""

from tiesan.extensions import Base
from tiesan.records.kinds import fact_kind
from tiesan.records.kinds import record_kind as kind_of


def shape(model: type[Base]) -> tuple[str, str, tuple[str, ...]]:
    """The file, its columns (``*``: must not be empty), and the principal date of a class."""
    kind = fact_kind(model)
    columns = " ".join(f"{field.name}{'*' * field.required}" for field in kind.fields)
    return kind_of(model).file, columns, kind.principal


def choices(model: type[Base], field: str) -> list[str]:
    """The values that a choice takes."""
    return list(fact_kind(model).by_name[field].choices)


def planned(model: type[Base]) -> set[str]:
    """The dates that are known with their row."""
    return {field.name for field in fact_kind(model).fields if field.planned}
