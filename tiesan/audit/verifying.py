"""The chain is verified: every entry is there, says what it said, and stands where it stood.

Whoever may write in the database can make a whole chain anew; what was cut off its end, or put in
the place of what was there, is then found against the heads that were written down elsewhere
(``heads``). Rows are read as the driver gives them and one after the other: a million takes
seconds and no memory, and what cannot be read any more is a finding, not an error.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column, select

from tiesan.audit.canonical import HASHED, NOTHING, chained, entry_digest
from tiesan.audit.heads import KnownHead
from tiesan.audit.models import INSTALLATION, AuditEntry, AuditHead, AuditLink
from tiesan.audit.removing import REMOVE_CONTENTS

_tables = AuditEntry.metadata.tables
_ENTRY, _LINK, _HEAD = (_tables[each.__tablename__] for each in (AuditEntry, AuditLink, AuditHead))
_AT_ONCE = 2000
# Moments stand here as in the database: UTC without a zone.
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001
# A moment and a text as the driver gives them: what was forged may be none.
_RAW: tuple[ColumnElement[Any], ...] = tuple(
    literal_column(f"audit_entry.{each.name}").label(each.name) for each in HASHED
)
_REMOVED: tuple[ColumnElement[Any], ...] = tuple(
    literal_column(f"audit_entry.{name}").label(name) for name in ("removed_at", "removed_by")
)
_WIDTH = len(HASHED)
_AT, _VERB, _KIND, _DISTRICT, _DETAILS, _DIGEST = 1, 3, 4, 6, 9, 10


class Wrong(StrEnum):
    """What can be wrong with an entry or with a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    REORDERED = "reordered"
    CUT = "cut"
    REPLACED = "replaced"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which chain, at which number, and what is known of the entry.

    ``number`` is None for an entry that has none; ``other`` is where a reordered one belongs.
    """

    wrong: Wrong
    chain: int
    number: int | None
    entry_id: int | None = None
    what: str = ""
    when: str = ""
    other: int | None = None


@dataclass(slots=True)
class _Removals:
    """What is marked as removed at a moment by a rule, and what an entry tells of it."""

    marked: int = 0
    told: int = 0
    numbers: list[int] = field(default_factory=list)
    latest: datetime = _FIRST
    before: datetime = _LAST


def chains(connection: Connection) -> list[int]:
    """Return every chain that anything belongs to, that of the installation first."""
    entry = select(_ENTRY.c.district_id).distinct()
    found = {each or INSTALLATION for each in connection.scalars(entry)}
    for table in (_LINK, _HEAD):
        found.update(connection.scalars(select(table.c.chain).distinct()))
    return sorted(found)


def verify_chain(
    connection: Connection, chain: int, known: Iterable[KnownHead] = ()
) -> Iterator[Finding]:
    """Yield what is wrong with a chain; ``known`` are heads of it that stand elsewhere."""
    yield from _Walk(connection, chain, known).findings()


class _Walk:
    """One way through a chain, from its first link to its head."""

    def __init__(self, connection: Connection, chain: int, known: Iterable[KnownHead]) -> None:
        self._connection, self._chain = connection, chain
        self._known: dict[int, set[bytes]] = {}
        for head in known:
            self._known.setdefault(head.number, set()).add(head.hash)
        self._number, self._hash = 0, NOTHING
        self._removals: dict[tuple[str, str], _Removals] = {}

    def findings(self) -> Iterator[Finding]:
        for row in self._rows():
            yield from self._of_link(row)
        yield from self._of_end()
        yield from self._of_removals()
        yield from self._of_added()

    def _rows(self) -> Iterator[Sequence[Any]]:
        """Links with their entries, by number; all columns of an entry that is gone are NULL."""
        link = (_LINK.c.number, _LINK.c.entry_id, _LINK.c.digest, _LINK.c.hash)
        joined = _LINK.outerjoin(_ENTRY, _ENTRY.c.id == _LINK.c.entry_id)
        statement: Select[Any] = select(*link, *_RAW, *_REMOVED).select_from(joined)
        statement = statement.where(
            _LINK.c.chain == self._chain, _LINK.c.number > bindparam("last")
        )
        statement = statement.order_by(_LINK.c.number).limit(_AT_ONCE)
        last = -(2**31)
        while rows := list(self._connection.execute(statement, {"last": last})):
            yield from rows
            last = rows[-1][0]

    def _of_link(self, row: Sequence[Any]) -> Iterator[Finding]:
        number, entry_id, digest, hash_ = row[:4]
        entry, (removed_at, removed_by) = row[4 : 4 + _WIDTH], row[4 + _WIDTH :]
        for lacking in range(self._number + 1, min(number, self._number + 1 + _AT_ONCE)):
            yield Finding(Wrong.MISSING, self._chain, lacking)
        follows = number == self._number + 1
        if entry[0] is None:
            yield Finding(Wrong.MISSING, self._chain, number, entry_id)
        else:
            yield from self._of_entry(number, digest, entry)
            self._note_removal(number, entry, removed_at, removed_by)
        if follows and chained(digest, self._hash) != hash_:
            yield self._found(Wrong.REORDERED, number, entry)
        if number in self._known and self._known.pop(number) != {hash_}:
            yield self._found(Wrong.REPLACED, number, entry)
        self._number, self._hash = number, hash_

    def _of_entry(self, number: int, digest: bytes, entry: Sequence[Any]) -> Iterator[Finding]:
        found = _digest(entry)
        if (entry[_DISTRICT] or INSTALLATION) == self._chain and found == digest:
            return
        other = None if found is None else self._number_of(found)
        wrong = Wrong.CHANGED if other is None or other == number else Wrong.REORDERED
        yield self._found(wrong, number, entry, other)

    def _number_of(self, digest: bytes) -> int | None:
        """Where in the chain an entry belongs that stands in the place of another."""
        statement = select(_LINK.c.number).where(
            _LINK.c.chain == self._chain, _LINK.c.digest == digest
        )
        return self._connection.scalar(statement.limit(1))

    def _found(
        self, wrong: Wrong, number: int | None, entry: Sequence[Any], other: int | None = None
    ) -> Finding:
        what = "" if entry[0] is None else f"{entry[_VERB]} · {entry[_KIND]}"
        when = "" if entry[0] is None else str(entry[_AT])
        return Finding(wrong, self._chain, number, entry[0], what, when, other)

    # --- what retention removed -------------------------------------------------------------------

    def _note_removal(self, number: int, entry: Sequence[Any], at: Any, rule: Any) -> None:
        moment = _moment(entry[_AT])
        if entry[_VERB] == REMOVE_CONTENTS and moment is not None:
            told = _details(entry[_DETAILS])
            if isinstance(told, dict) and isinstance(told.get("rows"), int):
                removals = self._removals_of(str(moment), str(told.get("rule")))
                removals.told += told["rows"]
                removals.before = _moment(told.get("before")) or _FIRST
        if at is not None or rule is not None or entry[_DIGEST] is not None:
            removals = self._removals_of(str(_moment(at)), str(rule))
            removals.marked += 1
            removals.latest = max(removals.latest, moment or _LAST)
            # Of many that nothing tells of, the first are named.
            if len(removals.numbers) < _AT_ONCE:
                removals.numbers.append(number)

    def _removals_of(self, at: str, rule: str) -> _Removals:
        return self._removals.setdefault((at, rule), _Removals())

    def _of_removals(self) -> Iterator[Finding]:
        """What is marked as removed has an entry that tells of it, and of exactly as many."""
        for (at, rule), removals in self._removals.items():
            if removals.marked != removals.told or removals.latest >= removals.before:
                numbers: list[int | None] = [*removals.numbers] or [None]
                for number in numbers:
                    yield Finding(Wrong.REMOVED, self._chain, number, None, rule, at)

    # --- the end, and what has no place -----------------------------------------------------------

    def _of_end(self) -> Iterator[Finding]:
        statement = select(_HEAD.c.number, _HEAD.c.hash).where(_HEAD.c.chain == self._chain)
        head = self._connection.execute(statement).one_or_none()
        last = 0 if head is None else head.number
        known = max(self._known, default=0)
        if max(last, known) > self._number:
            yield Finding(Wrong.CUT, self._chain, max(last, known), other=self._number)
        elif last < self._number:
            yield Finding(Wrong.ADDED, self._chain, self._number, other=last)
        elif head is not None and head.hash != self._hash:
            yield Finding(Wrong.REPLACED, self._chain, self._number)

    def _of_added(self) -> Iterator[Finding]:
        """Entries without a link: nobody who writes by this application leaves one."""
        if self._chain == INSTALLATION:
            own: ColumnElement[bool] = _ENTRY.c.district_id.is_(None) | (
                _ENTRY.c.district_id == INSTALLATION
            )
        else:
            own = _ENTRY.c.district_id == self._chain
        joined = _ENTRY.outerjoin(_LINK, _ENTRY.c.id == _LINK.c.entry_id)
        statement = select(*_RAW).select_from(joined).where(own, _LINK.c.entry_id.is_(None))
        for row in self._connection.execute(statement.order_by(_ENTRY.c.id)):
            yield self._found(Wrong.ADDED, None, row)


def _digest(entry: Sequence[Any]) -> bytes | None:
    """The digest of an entry as the driver gives it; None where it cannot be one any more."""
    values = list(entry)
    values[_AT], values[_DETAILS] = _moment(entry[_AT]), _details(entry[_DETAILS])
    removed = entry[_DIGEST]
    if removed is not None:
        values[_DIGEST] = bytes(removed) if isinstance(removed, bytes) else None
        if values[_DETAILS] != {}:
            return None
    try:
        return entry_digest(values)
    except (TypeError, ValueError, AttributeError):
        # A forged cell of SQLite may hold anything.
        return None


def _moment(kept: Any) -> datetime | None:
    if isinstance(kept, str):
        try:
            kept = datetime.fromisoformat(kept)
        except ValueError:
            return None
    if not isinstance(kept, datetime):
        return None
    return kept.astimezone(UTC).replace(tzinfo=None) if kept.tzinfo else kept


def _details(kept: Any) -> Any:
    """The parsed details; a text that is no JSON stands for itself, which was never stored."""
    if not isinstance(kept, str | bytes):
        return kept
    try:
        return json.loads(kept)
    except ValueError:
        return kept
