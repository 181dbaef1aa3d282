"""Rows that an import brought and that were taken back with it: a mended file brings them again.

A row that a person voided stays voided, whatever a file says; one that went with the import that
had brought it was never anybody's decision.
"""

from collections.abc import Collection

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.imports.models import DataImport, ImportRow
from tiesan.records.kinds import table_of

_MOST_AT_ONCE = 400


def taken_back(session: Session, file: ExchangeFile, voided: Collection[int]) -> set[int]:
    """Of voided rows of a kind, by id, those that went with the import that had brought them.

    Organizations and persons are voided in no other way.
    """
    if not file.is_record:
        return set(voided)
    row, brought, table = table_of(ImportRow), table_of(DataImport), file.table
    joined = row.join(brought, brought.c.id == row.c.import_id).join(
        table, and_(table.c.id == row.c.row_id, table.c.voided_at == brought.c.undone_at)
    )
    of_kind = and_(row.c.kind == file.kind.name, row.c.before.is_(None))
    statement = select(row.c.row_id).select_from(joined).where(of_kind)
    wanted, found = sorted(voided), set[int]()
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        some = row.c.row_id.in_(wanted[start : start + _MOST_AT_ONCE])
        found |= set(session.scalars(statement.where(some)))
    return found
