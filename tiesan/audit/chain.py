"""Each entry is chained before its transaction is committed, whoever wrote it.

The ids of entries that a session has written wait in its ``info``. Before the commit they are read
back as they are stored, those of a savepoint that was taken back being gone; the heads of their
chains are locked, in one order and last of all, so that writers wait for each other only there.
What is rolled back leaves no gap: a number is given in the transaction that stores its entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, event, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapper, Session, SessionTransaction, object_session

from tiesan.audit.canonical import HASHED, NOTHING, chained, entry_digest
from tiesan.audit.models import INSTALLATION, AuditEntry, AuditHead, AuditLink

_WAITING = "audit entries that are not chained yet"
_AT_ONCE = 1000
_tables = AuditEntry.metadata.tables
_ENTRY, _LINK, _HEAD = (_tables[each.__tablename__] for each in (AuditEntry, AuditLink, AuditHead))
_ADD_HEADS = {
    "sqlite": sqlite.insert(_HEAD).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_HEAD).on_conflict_do_nothing(),
}
_READ = select(*HASHED).where(_ENTRY.c.id.in_(bindparam("ids", expanding=True)))
_LOCK = (
    select(_HEAD.c.chain, _HEAD.c.number, _HEAD.c.hash)
    .where(_HEAD.c.chain.in_(bindparam("chains", expanding=True)))
    .order_by(_HEAD.c.chain)
    .with_for_update()
)
_MOVE = (
    update(_HEAD)
    .where(_HEAD.c.chain == bindparam("of_chain"))
    .values(number=bindparam("to_number"), hash=bindparam("to_hash"))
)


def await_links(session: Session, ids: Iterable[int]) -> None:
    """Have entries that a session has just written chained when it commits."""
    session.info.setdefault(_WAITING, set()).update(ids)


def link_entries(connection: Connection, ids: Iterable[int]) -> None:
    """Give entries of this transaction the next numbers of their chains, in the order of ids."""
    digests: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for row in _read(connection, sorted(ids)):
        digests[row.district_id or INSTALLATION].append((row.id, entry_digest(row)))
    links: list[dict[str, Any]] = []
    moved = []
    for chain, (number, last) in _locked_heads(connection, sorted(digests)).items():
        added = _links(chain, number, last, digests[chain])
        links.extend(added)
        end = added[-1]
        moved.append({"of_chain": chain, "to_number": end["number"], "to_hash": end["hash"]})
    if links:
        connection.execute(insert(_LINK), links)
        connection.execute(_MOVE, moved)


def _links(
    chain: int, number: int, last: bytes, entries: Iterable[tuple[int, bytes]]
) -> list[dict[str, Any]]:
    """The rows that chain entries to the link that was the last one."""
    added = []
    for entry_id, digest in entries:
        number += 1
        last = chained(digest, last)
        added.append({
            "chain": chain, "number": number, "entry_id": entry_id,
            "digest": digest, "hash": last,
        })  # fmt: skip
    return added


def _read(connection: Connection, ids: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        yield from sorted(connection.execute(_READ, {"ids": chunk}), key=lambda row: row.id)


def _locked_heads(connection: Connection, chains: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    """Number and hash of the heads of chains, each locked until the end of the transaction."""
    found = _lock(connection, chains)
    lacking = [each for each in chains if each not in found]
    if lacking:
        new = [{"chain": each, "number": 0, "hash": NOTHING} for each in lacking]
        connection.execute(_ADD_HEADS[connection.dialect.name], new)
        found |= _lock(connection, lacking)
    return dict(sorted(found.items()))


def _lock(connection: Connection, chains: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    if not chains:
        return {}
    rows = connection.execute(_LOCK, {"chains": chains})
    return {chain: (number, last) for chain, number, last in rows}


# --- what a session does by itself ----------------------------------------------------------------


@event.listens_for(AuditEntry, "after_insert")
def _note_entry(_mapper: Mapper[AuditEntry], _connection: Connection, entry: AuditEntry) -> None:
    session = object_session(entry)
    if session is not None:
        await_links(session, [entry.id])


@event.listens_for(Session, "before_commit")
def link_waiting(session: Session) -> None:
    """Chain what waits; the end of a savepoint is not yet the end of the transaction."""
    if session.in_nested_transaction():
        return
    session.flush()
    waiting = session.info.pop(_WAITING, None)
    if waiting:
        link_entries(session.connection(), waiting)


@event.listens_for(Session, "after_transaction_end")
def _forget_waiting(session: Session, transaction: SessionTransaction) -> None:
    """What was rolled back is not there any more, and its ids may be given again."""
    if transaction.parent is None:
        session.info.pop(_WAITING, None)
