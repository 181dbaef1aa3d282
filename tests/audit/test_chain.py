"""Numbers have no gaps, whoever writes at once, and whatever is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.audit.conftest import ACTOR, AT
from tests.audit.test_verifying import found, links
from tiesan.audit import AuditEntry, Subject, record_entries, record_entry
from tiesan.database import begin_writing


def write(session: Session, *districts: int | None) -> None:
    """Add an entry to the chain of each district."""
    for each in districts:
        record_entry(session, ACTOR, "update", Subject("expense", 1, None, each), at=AT)


def test_those_who_save_at_once_leave_no_gap(engine: Engine, districts: list[int]) -> None:
    writers, times = 6, 8
    begin = Barrier(writers)

    def save(writer: int) -> None:
        begin.wait()
        for time in range(times):
            with Session(engine) as session:
                begin_writing(session)
                # Each takes several chains, and not in the same order as the others.
                write(session, *(districts if writer % 2 else reversed(districts)), None)
                session.flush()
                if (writer + time) % 4 == 0:
                    session.rollback()
                else:
                    session.commit()

    before = len(links(engine))
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(save, range(writers)))
    with engine.connect() as connection:
        assert found(connection) == []
    assert len(links(engine)) == before + 3 * writers * times * 3 // 4


@pytest.mark.parametrize(
    "backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_writers_wait_for_each_other_only_at_the_end(engine: Engine, districts: list[int]) -> None:
    with Session(engine) as first, Session(engine) as second:
        for session in (first, second):
            write(session, districts[0])
            session.flush()
        # Both have written; who commits first is first in the chain.
        second.commit()
        first.commit()
        newest = select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(2)
        one, other = first.scalars(newest)
    in_order = [entry for chain, _number, entry in links(engine) if chain == districts[0]]
    assert in_order[-2:] == [one, other]
    with engine.connect() as connection:
        assert found(connection) == []


def test_what_is_taken_back_leaves_no_gap(engine: Engine, districts: list[int]) -> None:
    nothing: dict[str, Any] = {}
    told = [("update", Subject("expense", 1, None, each), nothing) for each in districts]
    before = len(links(engine))
    with Session(engine) as session:
        begin_writing(session)
        write(session, None)
        with session.begin_nested():
            write(session, *districts)
        tried = session.begin_nested()
        write(session, *districts)
        record_entries(session, ACTOR, told, at=AT)
        session.flush()
        tried.rollback()
        record_entries(session, ACTOR, told, at=AT)
        session.commit()
        write(session, *districts)
        session.flush()
        # Closed without a word, as after an error.
    with Session(engine) as session:
        write(session, districts[1])
        session.commit()
    assert len(links(engine)) == before + 1 + 2 + 2 + 1
    with engine.connect() as connection:
        assert found(connection) == []


def test_a_commit_that_fails_leaves_no_gap(engine: Engine, districts: list[int]) -> None:
    with Session(engine) as session:
        write(session, *districts)
        session.flush()
        session.add(AuditEntry(at=AT, actor_name="x", object_kind="nothing done", details={}))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        write(session, *districts)
        session.commit()
    with engine.connect() as connection:
        assert found(connection) == []
        entries = connection.scalar(select(func.count()).select_from(AuditEntry.__table__))
    assert entries == len(links(engine))


def test_moments_and_texts_are_hashed_as_they_are_stored(engine: Engine) -> None:
    odd = {
        "é": "e\u0301",
        "数": [0.1, 10**30, -0.0, None, True],
        "\u2028": "\ud83d\ude00😀",
        "1": {},
    }
    with Session(engine) as session:
        for micro in (0, 1, 999_999, 120_000):
            at = AT.replace(microsecond=micro) + timedelta(days=micro)
            subject = Subject("类", 2**31 - 1, "\\ \" ' \n")
            record_entry(session, ACTOR, "做", subject, at=at, details=odd)
        session.commit()
    with engine.connect() as connection:
        assert found(connection) == []
        assert connection.scalar(text("SELECT number FROM audit_head WHERE chain = 0")) == 4
