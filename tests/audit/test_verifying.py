"""Every forgery of a single entry is found and named, on both databases."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from tests.audit.conftest import ACTOR, AT
from tiesan.audit import Subject, record_entry, remove_contents
from tiesan.audit.chain import link_entries
from tiesan.audit.heads import KnownHead
from tiesan.audit.verifying import Finding, Wrong, chains, verify_chain
from tiesan.config import read_database_url
from tiesan.database import make_engine

# What each column is changed to: something that no constraint refuses.
CHANGED = {
    "id": "id + 100000",
    "at": "'2026-03-02 01:02:03.000044'",
    "actor_id": "CASE WHEN actor_id IS NULL THEN (SELECT min(id) FROM account) END",
    "actor_name": "actor_name || '.'",
    "verb": "verb || '!'",
    "object_kind": "object_kind || 's'",
    "object_id": "coalesce(object_id, 0) + 1",
    "object_code": "coalesce(object_code, '') || '1'",
    "district_id": "CASE WHEN district_id IS NULL THEN (SELECT min(id) FROM organization) END",
    "details": '\'{"changed": {"额": [0, 1.50001]}}\'',
}
OF_REMOVED = {
    **{name: CHANGED[name] for name in CHANGED if name not in {"actor_name", "object_code"}},
    "removed_at": "'2026-03-02 01:02:03.000044'",
    "removed_by": "'no rule'",
    "contents_digest": "(SELECT digest FROM audit_link LIMIT 1)",
}


def found(connection: Connection, known: Sequence[KnownHead] = ()) -> list[Finding]:
    """All that is wrong with any chain."""
    return [
        finding
        for chain in chains(connection)
        for finding in verify_chain(connection, chain, [e for e in known if e.chain == chain])
    ]


@contextmanager
def forging(engine: Engine) -> Iterator[Connection]:
    """A connection of somebody who heeds no foreign key; it is rolled back."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        connection.rollback()


def links(engine: Engine) -> list[tuple[int, int, int]]:
    """Chain, number and entry of every link."""
    statement = text("SELECT chain, number, entry_id FROM audit_link ORDER BY chain, number")
    with engine.connect() as connection:
        return [(row.chain, row.number, row.entry_id) for row in connection.execute(statement)]


def test_what_was_written_verifies_without_gaps(engine: Engine, districts: list[int]) -> None:
    numbers = [link[:2] for link in links(engine)]
    expected = {0: 3, districts[0]: 5, districts[1]: 5}
    assert numbers == [(c, n) for c, most in sorted(expected.items()) for n in range(1, most + 1)]
    with engine.connect() as connection:
        assert found(connection) == []


@pytest.mark.usefixtures("districts")
def test_a_change_of_any_column_of_any_entry_is_found(engine: Engine) -> None:
    for chain, number, entry in links(engine):
        for column, value in CHANGED.items():
            with forging(engine) as connection:
                change = f"UPDATE audit_entry SET {column} = {value} WHERE id = {entry}"
                assert connection.execute(text(change)).rowcount == 1
                named = {(each.chain, each.number) for each in found(connection)}
            assert (chain, number) in named, column
            # What has got another id, or another district, stands without a place besides.
            assert named - {(chain, number)} <= {(each, None) for each, _n, _e in links(engine)}


def test_what_retention_removed_verifies_and_cannot_be_changed(
    engine: Engine, districts: list[int]
) -> None:
    with Session(engine) as session:
        before = AT + timedelta(days=2)
        removed = remove_contents(
            session, ACTOR, before, districts[0], rule="trail 36", at=AT + timedelta(days=90)
        )
        session.commit()
    # That the district was made is the first of them.
    assert removed == 3
    with engine.connect() as connection:
        assert found(connection) == []
    for chain, number, entry in links(engine)[3:6]:
        for column, value in OF_REMOVED.items():
            with forging(engine) as connection:
                change = f"UPDATE audit_entry SET {column} = {value} WHERE id = {entry}"
                assert connection.execute(text(change)).rowcount == 1
                named = {(each.chain, each.number) for each in found(connection)}
            assert (chain, number) in named, column


def test_what_nobody_tells_of_was_not_removed_by_retention(
    engine: Engine, districts: list[int]
) -> None:
    with Session(engine) as session:
        before, at = AT + timedelta(days=1), AT + timedelta(days=90)
        remove_contents(session, ACTOR, before, districts[0], rule="trail 36", at=at)
        session.commit()
    chain, number, entry = links(engine)[6]
    forged = (
        "UPDATE audit_entry SET actor_name = '', object_code = NULL, details = '{}', "
        "(removed_at, removed_by, contents_digest) = (SELECT e.removed_at, e.removed_by, "
        "e.contents_digest FROM audit_entry e WHERE e.removed_at IS NOT NULL LIMIT 1) "
        f"WHERE id = {entry}"
    )
    with forging(engine) as connection:
        connection.execute(text(forged))
        wrong = {(each.wrong, each.chain, each.number) for each in found(connection)}
    assert (Wrong.REMOVED, chain, number) in wrong


@pytest.mark.usefixtures("districts")
def test_whatever_is_taken_away_is_found(engine: Engine) -> None:
    for chain, number, entry in links(engine):
        with forging(engine) as connection:
            connection.execute(text(f"DELETE FROM audit_entry WHERE id = {entry}"))
            assert [(e.wrong, e.chain, e.number) for e in found(connection)] == [
                (Wrong.MISSING, chain, number)
            ]
        with forging(engine) as connection:
            connection.execute(text(f"DELETE FROM audit_link WHERE entry_id = {entry}"))
            connection.execute(text(f"DELETE FROM audit_entry WHERE id = {entry}"))
            (finding,) = found(connection)
            assert (finding.chain, finding.number) == (chain, number)
            assert finding.wrong in {Wrong.MISSING, Wrong.CUT}
        with forging(engine) as connection:
            # A link alone: its entry has no place any more.
            connection.execute(text(f"DELETE FROM audit_link WHERE entry_id = {entry}"))
            assert {each.wrong for each in found(connection)} & {Wrong.MISSING, Wrong.CUT}


@pytest.mark.usefixtures("districts")
def test_whatever_is_swapped_is_found(engine: Engine) -> None:
    every = links(engine)
    columns = "at, actor_id, actor_name, verb, object_kind, object_id, object_code, details"
    for (chain, first, one), (_chain, second, other) in (
        (a, b) for a in every for b in every if a[0] == b[0] and a[1] < b[1]
    ):
        with forging(engine) as connection:
            _exchange(connection, "audit_entry", columns, (f"id = {one}", f"id = {other}"))
            named = {(e.chain, e.number) for e in found(connection)}
            # Entries that say the same of the same moment are the same but for their ids.
            assert named == {(chain, first), (chain, second)}
        with forging(engine) as connection:
            for link in (f"entry_id = {one}", f"entry_id = {other}"):
                connection.execute(text(f"UPDATE audit_link SET entry_id = -entry_id WHERE {link}"))
            both = (f"entry_id = -{one}", other), (f"entry_id = -{other}", one)
            for link, entry in both:
                connection.execute(text(f"UPDATE audit_link SET entry_id = {entry} WHERE {link}"))
            wrong = {(e.wrong, e.number, e.other) for e in found(connection)}
            assert wrong == {(Wrong.REORDERED, first, second), (Wrong.REORDERED, second, first)}


def _exchange(connection: Connection, table: str, columns: str, rows: tuple[str, str]) -> None:
    kept = [
        connection.execute(text(f"SELECT {columns} FROM {table} WHERE {row}")).one() for row in rows
    ]
    names = columns.split(", ")
    placed = ", ".join(
        f"{name} = " + (f"CAST(:{name} AS json)" if name == "details" else f":{name}")
        for name in names
    )
    if connection.dialect.name == "sqlite":
        placed = ", ".join(f"{name} = :{name}" for name in names)
    for row, values in zip(rows, reversed(kept), strict=True):
        given = dict(zip(names, values, strict=True))
        if isinstance(given["details"], dict):
            given["details"] = json.dumps(given["details"])
        connection.execute(text(f"UPDATE {table} SET {placed} WHERE {row}"), given)


def test_an_entry_that_is_added_is_found(engine: Engine, districts: list[int]) -> None:
    for district in ("NULL", *map(str, districts)):
        add = (
            "INSERT INTO audit_entry (at, actor_name, verb, object_kind, district_id, details) "
            f"VALUES ('2026-03-03 00:00:00', 'x', 'approve', 'leave', {district}, '{{}}')"
        )
        with forging(engine) as connection:
            connection.execute(text(add))
            (finding,) = found(connection)
            assert (finding.wrong, finding.number) == (Wrong.ADDED, None)
            assert finding.what == "approve · leave"
            assert finding.when.startswith("2026-03-03 00:00:00")
            # It finds no place at the end without the head, and none before at all.
            (entry,) = connection.execute(text("SELECT max(id) FROM audit_entry")).one()
            head = "SELECT number, hash FROM audit_head WHERE chain = {}"
            chain = 0 if district == "NULL" else int(district)
            (number, last) = connection.execute(text(head.format(chain))).one()
            link_entries(connection, [entry])
            keep = "UPDATE audit_head SET number = :number, hash = :hash WHERE chain = :chain"
            given = {"number": number, "hash": last, "chain": chain}
            connection.execute(text(keep), given)
            assert [e.wrong for e in found(connection)] == [Wrong.ADDED]


def test_an_end_that_is_cut_off_is_found_against_heads_that_stand_elsewhere(
    engine: Engine, districts: list[int]
) -> None:
    chain = districts[1]
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT chain, number, hash FROM audit_head"))
        known = [KnownHead(*row) for row in rows]
        assert found(connection, known) == []
    with forging(engine) as connection:
        tail = f"chain = {chain} AND number > 3"
        ids = f"SELECT entry_id FROM audit_link WHERE {tail}"
        connection.execute(text(f"DELETE FROM audit_entry WHERE id IN ({ids})"))
        connection.execute(text(f"DELETE FROM audit_link WHERE {tail}"))
        assert [(e.wrong, e.number, e.other) for e in found(connection)] == [(Wrong.CUT, 5, 3)]
        last = f"SELECT hash FROM audit_link WHERE chain = {chain} AND number = 3"
        move = f"UPDATE audit_head SET number = 3, hash = ({last}) WHERE chain = {chain}"
        connection.execute(text(move))
        # Whoever owns the database could do so, and nothing in it would tell.
        assert found(connection) == []
        assert [(e.wrong, e.number, e.other) for e in found(connection, known)] == [
            (Wrong.CUT, 5, 3)
        ]


def test_a_chain_that_is_made_anew_is_found_against_heads_that_stand_elsewhere(
    engine: Engine, districts: list[int]
) -> None:
    with forging(engine) as connection:
        head = "SELECT chain, number, hash FROM audit_head WHERE chain = :chain"
        (known,) = connection.execute(text(head), {"chain": districts[0]})
        own = f"chain = {districts[0]}"
        ids = list(connection.scalars(text(f"SELECT entry_id FROM audit_link WHERE {own}")))
        connection.execute(text(f"DELETE FROM audit_link WHERE {own}"))
        connection.execute(text(f"DELETE FROM audit_head WHERE {own}"))
        connection.execute(text(f"UPDATE audit_entry SET object_id = 8 WHERE id = {ids[2]}"))
        link_entries(connection, ids)
        assert found(connection) == []
        (finding,) = found(connection, [KnownHead(*known)])
        assert (finding.wrong, finding.number) == (Wrong.REPLACED, 5)


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "soon"), ("details", "{"), ("details", "[]"), ("object_id", "x"), ("verb", b"\xff")],
)
def test_what_cannot_be_read_any_more_is_a_finding(
    sqlite_url: str, column: str, value: str | bytes
) -> None:
    engine = make_engine(read_database_url(sqlite_url))
    with Session(engine) as session:
        record_entry(session, ACTOR, "test way", Subject("way"), at=AT)
        session.commit()
    with forging(engine) as connection:
        connection.execute(text(f"UPDATE audit_entry SET {column} = :value"), {"value": value})
        assert [each.wrong for each in found(connection)] == [Wrong.CHANGED]
    engine.dispose()
