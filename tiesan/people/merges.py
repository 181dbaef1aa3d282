"""Merging two entries of one person: what it leaves, so that it can be undone.

Source: trust.md, "People". The entry that is given up is removed and its code is an *alias* of the
one that is kept. Each change of a row is kept as a step. Who writes them is ``tiesan.merging``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tiesan.audit import NAME_LENGTH
from tiesan.columns import CODE_LENGTH
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Account, Cadre

_NAME_LENGTH = 100
_REASON_LENGTH = 500
# As long as databases let names of tables and columns be.
_IDENTIFIER = 63
_TABLES = Base.metadata.tables


class CadreMerge(Base):
    """That an entry of a person was merged into another one, by whom, when and why.

    ``merged_id``, ``code`` and ``name`` are those of the entry that is gone, ``counts`` how many
    rows of which table went along; confidential kinds are not among them. ``given_up_id`` is the
    account that stands for nobody since, because a person has one.
    """

    __tablename__ = "cadre_merge"
    __table_args__ = (
        CheckConstraint("kept_id <> merged_id", name="two_entries"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone_for_a_reason"),
        CheckConstraint(f"length(reason) BETWEEN 1 AND {_REASON_LENGTH}", name="reason_length"),
        Index(None, "kept_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"))
    merged_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    name: Mapped[str] = mapped_column(String(_NAME_LENGTH))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    given_up_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    reason: Mapped[str] = mapped_column(String(_REASON_LENGTH))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undo_reason: Mapped[str | None] = mapped_column(String(_REASON_LENGTH))

    kept: Mapped[Cadre] = relationship()
    undone_by: Mapped[Account | None] = relationship(foreign_keys=[undone_by_id])


class CadreAlias(Base):
    """A code by which a cadre was known before their entries were merged; no cadre has it."""

    __tablename__ = "cadre_alias"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("merge_id"),
        CheckConstraint(f"length(code) BETWEEN 1 AND {CODE_LENGTH}", name="code_length"),
        Index(None, "cadre_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"))
    merge_id: Mapped[int] = mapped_column(ForeignKey("cadre_merge.id"))


class MergeStep(Base):
    """What a merge did to one column of one row: the value before and after.

    ``key`` are the values of the row's primary key after it. Of a row that was removed, the column
    is empty and ``before`` has all its values. ``digest`` is that of the row as it was left, as far
    as a change of it stands against undoing; without one only the column itself does.
    """

    __tablename__ = "merge_step"
    __table_args__ = (Index(None, "merge_id", "table_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("cadre_merge.id"))
    table_name: Mapped[str] = mapped_column(String(_IDENTIFIER))
    column_name: Mapped[str] = mapped_column(String(_IDENTIFIER))
    key: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    digest: Mapped[str | None] = mapped_column(String(20))


def known_code(session: Session, code: str) -> str:
    """Return the code of the cadre whom a code means: of an alias that of the entry kept."""
    alias, cadre = _TABLES["cadre_alias"], _TABLES["cadre"]
    statement = (
        select(cadre.c.code).join(alias, alias.c.cadre_id == cadre.c.id).where(alias.c.code == code)
    )
    found: str | None = session.scalar(statement)
    return code if found is None else found


def is_alias(session: Session, code: str) -> bool:
    """Whether a code is that of an entry that was merged into another one."""
    alias = _TABLES["cadre_alias"]
    return session.scalar(select(alias.c.id).where(alias.c.code == code)) is not None


def aliases(session: Session) -> dict[str, int]:
    """Return the ids of the cadres who were known by other codes, by these codes."""
    alias = _TABLES["cadre_alias"]
    found: dict[str, int] = dict(session.execute(select(alias.c.code, alias.c.cadre_id)).all())
    return found


def present_codes(session: Session) -> dict[str, str]:
    """Return the codes of the entries kept by the codes of those that were merged into them."""
    alias, cadre = _TABLES["cadre_alias"], _TABLES["cadre"]
    statement = select(alias.c.code, cadre.c.code).join(cadre, cadre.c.id == alias.c.cadre_id)
    found: dict[str, str] = dict(session.execute(statement).all())
    return found


def refuse_former_codes(session: Session) -> None:
    """Raise UserError if a cadre has the code of an entry that somebody has just merged."""
    alias, cadre = _TABLES["cadre_alias"], _TABLES["cadre"]
    statement = select(cadre.c.id).join(alias, alias.c.code == cadre.c.code).limit(1)
    if session.scalar(statement) is not None:
        text = _("Somebody else has just stored something that does not go with it; try again.")
        raise UserError(text)


def was_given_up(session: Session, account_id: int) -> bool:
    """Whether an account stands for nobody since entries of its person were merged."""
    merge = _TABLES["cadre_merge"]
    given_up = select(merge.c.id).where(
        merge.c.given_up_id == account_id, merge.c.undone_at.is_(None)
    )
    return session.scalar(given_up.limit(1)) is not None
