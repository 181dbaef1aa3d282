"""Which changes of a row that was moved stand against undoing its merge.

What a person enters, corrects or decides does; what an evaluation, a clock or reading does not. Of
confidential records and flags nothing does, because it would tell that they are there.
"""

from functools import cache
from typing import Any

from sqlalchemy import Column, Table

from tiesan.extensions import Base
from tiesan.people.models import Posting
from tiesan.records.base import Record
from tiesan.records.kinds import table_of

# Of a flag: what people have made of it, not what an evaluation finds.
_OF_FLAGS = (
    "review",
    "waiver_id",
    "waived_until",
    "asked_until",
    "appeal_until",
    "confirmed_by_id",
    "appeal_entered_by_id",
    "remedy_reported",
)
# Rows of the core that are records of what people did, though no class of records has them.
_WHOLE = frozenset({"notice", "waiver", "bulletin_name", "correction_request"})
# Where a row belongs follows from the person, and is settled anew.
_FOLLOWS = frozenset({"district_id"})


@cache
def counted_columns(table: Table) -> tuple[Column[Any], ...]:
    """Return the columns of a table whose change stands against undoing; none of most tables."""
    if table.name == "flag":
        return tuple(table.c[name] for name in _OF_FLAGS)
    if table.name in _WHOLE or table is table_of(Posting) or _is_open_record(table):
        return tuple(each for each in table.columns if each.name not in _FOLLOWS)
    return ()


@cache
def record_of(table: Table) -> type[Record] | None:
    """Return the class of records that a table has, if it has one."""
    models = (mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    return next((each for each in models if issubclass(each, Record)), None)


def is_confidential(table: Table) -> bool:
    """Whether the rows of a table are confidential records."""
    model = record_of(table)
    return model is not None and model.policy.confidential


def _is_open_record(table: Table) -> bool:
    return record_of(table) is not None and not is_confidential(table)
