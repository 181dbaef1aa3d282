"""How rows are called: by what identifies them, as files write it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.records.exchange.files import ExchangeFile

_PIECE = 400


def named_rows(session: Session, file: ExchangeFile, ids: Sequence[int]) -> dict[int, str]:
    """How rows of a kind are called, by id: what identifies them, references by their codes."""
    joined: Any = file.table
    shown: list[Any] = []
    for place in file.identity:
        column, to = file.columns[place], file.fields[place].to
        if to is None:
            shown.append(column)
        else:
            target = next(iter(column.foreign_keys)).column.table.alias()
            joined = joined.outerjoin(target, column == target.c.id)
            shown.append(target.c.code)
    found: dict[int, str] = {}
    for start in range(0, len(ids), _PIECE):
        chosen = file.table.c.id.in_(ids[start : start + _PIECE])
        statement = select(file.table.c.id, *shown).select_from(joined).where(chosen)
        for row_id, *key in session.execute(statement):
            found[row_id] = " + ".join(str(each) for each in key)
    return found
