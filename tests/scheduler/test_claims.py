"""Claims: one process at a time, taken over after a crash, in the hands of a person after three."""

import threading
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.scheduler.conftest import TIDY, Timetable, at
from tiesan.audit import Actor
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.claims import (
    AGAIN_AFTER,
    LEASE,
    Claim,
    give_back,
    note_progress,
    renew,
)
from tiesan.scheduler.models import JobRun

NOW = at(2, 2, 30)
A_MOMENT = timedelta(microseconds=1)


def only(timetable: Timetable) -> JobRun:
    [run] = timetable.runs("tidy")
    return run


def claimed(timetable: Timetable) -> Claim:
    timetable.plan(NOW, TIDY)
    claim = timetable.claim(NOW)
    assert claim is not None
    return claim


def test_a_run_is_claimed_once_and_done_once(timetable: Timetable) -> None:
    claim = claimed(timetable)
    run = only(timetable)
    assert (run.state, run.claimed_by, run.began_at) == ("running", "one", NOW)
    assert (run.attempts, run.lease_until) == (1, NOW + LEASE)
    assert timetable.claim(NOW, "two") is None
    assert timetable.settle(claim, NOW + LEASE)
    run = only(timetable)
    assert (run.state, run.ended_at, run.claim) == ("done", NOW + LEASE, None)
    assert not timetable.settle(claim, NOW + LEASE)
    assert timetable.claim(NOW + 2 * LEASE) is None


def test_a_run_is_not_claimed_before_it_is_due(timetable: Timetable) -> None:
    timetable.plan(NOW, TIDY)
    assert timetable.claim(NOW - A_MOMENT) is None
    assert timetable.claim(NOW) is not None


def test_a_crashed_claim_is_taken_over_when_its_lease_is_over(timetable: Timetable) -> None:
    crashed = claimed(timetable)
    assert timetable.claim(NOW + LEASE - A_MOMENT, "two") is None
    taken = timetable.claim(NOW + LEASE, "two")
    assert taken is not None
    assert taken.run_id == crashed.run_id
    assert only(timetable).claimed_by == "two"
    # Who was only slow has nothing to say any more.
    assert not timetable.settle(crashed, NOW + LEASE)
    with Session(timetable.database) as session:
        assert not renew(session, crashed, NOW + LEASE)
        assert not note_progress(session, crashed, 0, 1)
        assert not give_back(session, crashed, NOW + LEASE)
    assert timetable.settle(taken, NOW + LEASE)


def test_a_claim_that_is_renewed_is_kept(timetable: Timetable) -> None:
    claim = claimed(timetable)
    with Session(timetable.database) as session:
        assert renew(session, claim, NOW + timedelta(minutes=1))
        session.commit()
    assert timetable.claim(NOW + LEASE, "two") is None
    assert timetable.claim(NOW + LEASE + timedelta(minutes=1), "two") is not None


def test_after_three_failures_it_waits_for_a_person(timetable: Timetable) -> None:
    timetable.plan(NOW, TIDY)
    now = NOW
    for attempt in (1, 2, 3):
        claim = timetable.claim(now)
        assert claim is not None
        assert timetable.settle(claim, now, well=False)
        assert only(timetable).attempts == attempt
        assert timetable.claim(now + AGAIN_AFTER - A_MOMENT) is None
        now += AGAIN_AFTER
    assert (only(timetable).state, only(timetable).ended_at) == ("failed", now - AGAIN_AFTER)
    assert timetable.claim(now + timedelta(hours=9)) is None


def test_after_three_crashes_it_waits_for_a_person(timetable: Timetable) -> None:
    timetable.plan(NOW, TIDY)
    for crash in range(3):
        assert timetable.claim(NOW + crash * LEASE) is not None
    assert timetable.claim(NOW + 3 * LEASE - A_MOMENT) is None
    assert only(timetable).state == "running"
    assert timetable.claim(NOW + 3 * LEASE) is None
    assert only(timetable).state == "failed"


def test_what_is_given_back_is_no_attempt(timetable: Timetable) -> None:
    claim = claimed(timetable)
    with Session(timetable.database) as session:
        assert give_back(session, claim, NOW)
        session.commit()
    assert (only(timetable).state, only(timetable).attempts) == ("waiting", 0)
    assert timetable.claim(NOW, "two") is not None


def test_what_a_person_waits_for_comes_first(timetable: Timetable) -> None:
    timetable.plan(NOW, TIDY)
    with Session(timetable.database) as session:
        run_id = ask_evaluation(Actor(None, "li", "web"), session, [1], now=NOW).id
        session.commit()
    claim = timetable.claim(NOW)
    assert claim is not None
    assert claim.run_id == run_id
    timetable.settle(claim, NOW)
    assert timetable.claim(NOW, asked_only=True) is None
    assert timetable.claim(NOW) is not None


def test_on_sqlite_one_runs_at_a_time(timetable: Timetable, backend: str) -> None:
    """It has one writer; a second evaluation would only wait, and give up waiting."""
    timetable.plan(NOW)
    assert timetable.claim(NOW) is not None
    assert (timetable.claim(NOW) is None) is (backend == "sqlite")
    # The crashed one is taken over first.
    assert timetable.claim(NOW + LEASE) is not None


def test_of_many_at_once_each_run_has_one(timetable: Timetable, database: Engine) -> None:
    """Eight plan and claim at the same time; nothing is planned or claimed twice."""
    barrier = threading.Barrier(8)
    found: list[Claim | None] = []

    def look(name: str) -> None:
        barrier.wait()
        timetable.plan(NOW, TIDY)
        found.append(timetable.claim(NOW, name))

    threads = [threading.Thread(target=look, args=(f"process {each}",)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(timetable.runs("tidy")) == 1
    assert len([claim for claim in found if claim is not None]) == 1
    assert len(found) == 8
