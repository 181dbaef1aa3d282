"""The audit trail: one entry for every write, saying who did what to which row.

Entries are only ever added. A service adds one in the transaction of its write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tiesan.extensions import Base

NAME_LENGTH = 80
VERB_LENGTH = 60


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


class AuditEntry(Base):
    """One line of the audit trail (审计日志)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "district_id", "at"),
        Index(None, "object_kind", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    verb: Mapped[str] = mapped_column(String(VERB_LENGTH))
    object_kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    object_id: Mapped[int | None]
    object_code: Mapped[str | None] = mapped_column(String(200))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    # The room of people, which has accounts, stands above this one.
    actor: Mapped[Any] = relationship("Account", viewonly=True)


def record_entry(
    session: Session,
    actor: Actor,
    verb: str,
    subject: Subject,
    *,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the session and return it; ``details`` must be plain JSON."""
    entry = AuditEntry(**_columns(actor, verb, subject, at, details))
    session.add(entry)
    return entry


def record_entries(
    session: Session,
    actor: Actor,
    entries: Iterable[tuple[str, Subject, Mapping[str, Any]]],
    *,
    at: datetime,
) -> None:
    """Write many entries by one statement: of each the verb, what it is about, and the details."""
    rows = [_columns(actor, verb, subject, at, details) for verb, subject, details in entries]
    if rows:
        session.execute(insert(AuditEntry), rows)


def _columns(
    actor: Actor, verb: str, subject: Subject, at: datetime, details: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "verb": verb,
        "object_kind": subject.kind,
        "object_id": subject.id,
        "object_code": subject.code,
        "district_id": subject.district_id,
        "details": dict(details or {}),
    }
