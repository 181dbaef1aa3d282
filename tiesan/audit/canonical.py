"""What is hashed of an entry: its canonical JSON, the same on every database.

Keys are sorted, there are no spaces, every character is ASCII, moments are UTC to the microsecond.
What retention may remove (the actor's name, the code, the details) is in it by its own SHA-256
only, so that what stays of such an entry can still be verified.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from tiesan.audit.models import AuditEntry

_ENTRY = AuditEntry.metadata.tables["audit_entry"].c
# In this order ``entry_digest`` takes them.
HASHED = (
    _ENTRY.id,
    _ENTRY.at,
    _ENTRY.actor_id,
    _ENTRY.verb,
    _ENTRY.object_kind,
    _ENTRY.object_id,
    _ENTRY.district_id,
    _ENTRY.actor_name,
    _ENTRY.object_code,
    _ENTRY.details,
    _ENTRY.contents_digest,
)
# Before the first link of a chain.
NOTHING = bytes(32)
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def contents_digest(actor_name: str, code: str | None, details: Any) -> bytes:
    """Return the SHA-256 of what retention may remove of an entry."""
    contents = {"actor_name": actor_name, "object_code": code, "details": details}
    return sha256(_encode(contents).encode()).digest()


def entry_digest(values: Sequence[Any]) -> bytes:
    """Return the SHA-256 of an entry; its ``values`` are those of ``HASHED``."""
    id_, at, actor_id, verb, kind, object_id, district_id, name, code, details, removed = values
    contents = removed or contents_digest(name, code, details)
    entry = {
        "id": id_,
        "at": _moment(at),
        "actor_id": actor_id,
        "verb": verb,
        "object_kind": kind,
        "object_id": object_id,
        "district_id": district_id,
        "contents": contents.hex(),
    }
    return sha256(_encode(entry).encode()).digest()


def chained(digest: bytes, before: bytes) -> bytes:
    """Return the SHA-256 of an entry's digest and the hash before it."""
    return sha256(digest + before).digest()


def _moment(at: datetime) -> str:
    """A moment in UTC, whose zone is not written."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")
