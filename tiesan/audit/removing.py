"""What an entry says may be removed by retention; that it was, and its place in the chain, stay.

Removed are the name of the actor, the code of the object and the details. What was done, when, to
which kind of row, by the id of which account and to the row of which id stays.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from tiesan.audit.canonical import contents_digest
from tiesan.audit.entries import record_entry
from tiesan.audit.models import Actor, AuditEntry, Subject

REMOVE_CONTENTS = "remove contents"
_AT_ONCE = 2000
_ENTRY = AuditEntry.metadata.tables["audit_entry"]
_OF_ENTRY = _ENTRY.c.id == bindparam("entry")


def remove_contents(
    session: Session,
    actor: Actor,
    before: datetime,
    district: int | None,
    *,
    rule: str,
    at: datetime,
) -> int:
    """Remove the contents of a district's entries from before a moment; returns of how many.

    ``district`` is its id, None for what belongs to no district; ``rule`` names what says so, 100
    characters at most. One entry tells of it, by which the chain verifies; entries that tell of
    removals keep what they say. The session must be one that may change entries. The caller
    commits.
    """
    count = 0
    empty = (
        update(_ENTRY)
        .where(_OF_ENTRY)
        .values(actor_name="", object_code=None, details={}, removed_at=at, removed_by=rule,
                contents_digest=bindparam("digest"))
    )  # fmt: skip
    for rows in _chunks(session, before, district):
        digests = [
            {"entry": id_, "digest": contents_digest(name, code, said)}
            for id_, name, code, said in rows
        ]
        session.connection().execute(empty, digests)
        count += len(digests)
    if count:
        details = {"rule": rule, "before": before.astimezone(UTC).isoformat(), "rows": count}
        subject = Subject("audit", district_id=district)
        record_entry(session, actor, REMOVE_CONTENTS, subject, at=at, details=details)
    return count


def removable(before: datetime, district: int | None) -> Any:
    """Return the condition of the entries whose contents would be removed, to count them."""
    return (
        (_ENTRY.c.at < before)
        & (_ENTRY.c.district_id == district)
        & _ENTRY.c.removed_at.is_(None)
        & (_ENTRY.c.verb != REMOVE_CONTENTS)
    )


def _chunks(session: Session, before: datetime, district: int | None) -> Iterator[Sequence[Any]]:
    """Id, actor's name, code and details of what is to be emptied, some thousand at a time."""
    columns = (_ENTRY.c.id, _ENTRY.c.actor_name, _ENTRY.c.object_code, _ENTRY.c.details)
    statement = select(*columns).where(removable(before, district), _ENTRY.c.id > bindparam("last"))
    statement = statement.order_by(_ENTRY.c.id).limit(_AT_ONCE)
    last = 0
    while rows := list(session.connection().execute(statement, {"last": last})):
        yield rows
        last = rows[-1][0]
