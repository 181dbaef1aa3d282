"""Entries are added here; what chains them before the commit is found by itself (``chain``)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tiesan.audit.chain import await_links
from tiesan.audit.models import Actor, AuditEntry, Subject


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
        await_links(session, session.scalars(insert(AuditEntry).returning(AuditEntry.id), rows))


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
