"""Which voided records were withdrawn by their author: 撤回, where a supervisor's is 作废.

A withdrawn record is voided like any other; that it was its author who took it back is kept beside
it, so that pages go on saying so when the author chairs or enters nothing here any more.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import PrimaryKeyConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor
from tiesan.extensions import Base
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.services import void_record

WITHDRAW = "withdraw"
_KIND_LENGTH = 60


class RecordWithdrawal(Base):
    """A voided record that its author has withdrawn, by kind and id."""

    __tablename__ = "record_withdrawal"
    __table_args__ = (PrimaryKeyConstraint("kind", "row_id"),)

    kind: Mapped[str] = mapped_column(String(_KIND_LENGTH), comment="the kind of the record")
    row_id: Mapped[int] = mapped_column(comment="the id of the record", autoincrement=False)


def withdraw_record(
    actor: Actor, session: Session, row: Record, *, reason: str, at: datetime
) -> None:
    """Void a record as its author, and keep that it was withdrawn. The caller commits.

    Raises UserError as voiding it does.
    """
    void_record(actor, session, row, reason=reason, at=at, by=WITHDRAW)
    session.add(RecordWithdrawal(kind=record_kind(type(row)).name, row_id=row.id))
    session.flush()


def withdrawn_among(session: Session, rows: Collection[Record]) -> frozenset[int]:
    """Return the ids of those records of one kind that their authors have withdrawn."""
    voided = [row for row in rows if row.voided_at is not None]
    if not voided:
        return frozenset()
    table, kind = table_of(RecordWithdrawal), record_kind(type(voided[0])).name
    ids = [row.id for row in voided]
    statement = select(table.c.row_id).where(table.c.kind == kind, table.c.row_id.in_(ids))
    return frozenset(session.scalars(statement))
