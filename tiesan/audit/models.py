"""The tables of the audit trail: entries, the chain that they stand in, and where it ends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from tiesan.extensions import Base

NAME_LENGTH = 80
VERB_LENGTH = 60
CODE_LENGTH = 200
RULE_LENGTH = 100
# The chain of what belongs to no district.
INSTALLATION = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: an account, or the command line or the daily run (``account_id`` None).

    ``name`` is kept beside the id so that the trail can be read without the account; ``source``
    says by which way the rows came (``web``, ``import``, ``demo``).
    """

    account_id: int | None
    name: str
    source: str = "web"


COMMAND_LINE = Actor(None, "command line", "import")
SIGN_IN = Actor(None, "sign-in", "sign-in")
DAILY_RUN = Actor(None, "daily run", "daily run")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: the kind of the row, its id, its code, and its district's id."""

    kind: str
    id: int | None = None
    code: str | None = None
    district_id: int | None = None


class AuditLink(Base):
    """The place of an entry in the chain of its district, or of the installation (chain 0).

    ``digest`` is the SHA-256 of the entry, ``hash`` that of the digest and the hash before. A link
    is never written again, so that the application needs no right to change either table.
    """

    __tablename__ = "audit_link"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("length(digest) = 32 AND length(hash) = 32", name="length"),
    )

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditEntry(Base):
    """One line of the audit trail (审计日志).

    Retention may remove what it says (``removing``): then ``removed_at`` and ``removed_by`` say
    when and by which rule, and ``contents_digest`` stands for what was there.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)"
            " AND (removed_at IS NULL) = (contents_digest IS NULL)",
            name="removed_wholly",
        ),
        CheckConstraint(
            "removed_at IS NULL OR (actor_name = '' AND object_code IS NULL)",
            name="removed_is_empty",
        ),
        # A search is a walk along one of these, newest first.
        Index(None, "district_id", "at"),
        Index(None, "actor_id", "at"),
        Index(None, "verb", "at"),
        Index(None, "object_kind", "at"),
        Index(None, "object_code", "at", postgresql_ops={"object_code": "varchar_pattern_ops"}),
        Index(None, "object_kind", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    verb: Mapped[str] = mapped_column(String(VERB_LENGTH))
    object_kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    object_id: Mapped[int | None]
    object_code: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(RULE_LENGTH))
    contents_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    # Its number in its chain, where it is asked for; said below, where there is a chain.
    number: ClassVar[Any]

    # The room of people, which has accounts, stands above this one.
    actor: Mapped[Any] = relationship("Account", viewonly=True)


_ENTRY, _LINK = (AuditEntry.metadata.tables[name] for name in ("audit_entry", "audit_link"))
AuditEntry.number = column_property(
    select(_LINK.c.number).where(_LINK.c.entry_id == _ENTRY.c.id).correlate(_ENTRY)
    .scalar_subquery(),
    deferred=True,
)  # fmt: skip


class AuditHead(Base):
    """Where a chain ends: the number and the hash of its last link. Who adds to it locks it."""

    __tablename__ = "audit_head"
    __table_args__ = (
        CheckConstraint("number >= 0", name="number"),
        CheckConstraint("length(hash) = 32", name="length"),
    )

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
