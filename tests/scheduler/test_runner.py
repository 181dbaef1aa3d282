"""What is claimed is run in a child process: its end, output and memory are kept."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import psutil
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.scheduler.conftest import JOBS, Timetable, at
from tiesan.audit import Actor
from tiesan.config import read_database_url
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.people.models import Account
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.claims import LEASE, MOST_ATTEMPTS
from tiesan.scheduler.evaluating import district_ids
from tiesan.scheduler.jobs import Job
from tiesan.scheduler.memory import peak_of, without_peak
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner

NIGHT = at(2)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A quarter past one in the night of April 2."""
    return Clock(NIGHT)


@pytest.fixture
def runner(database_url: str, timetable: Timetable, clock: Clock) -> Iterator[Runner]:
    """A runner with our clock, which renews its claims all the time."""
    yield from _runner(database_url, clock)


def _runner(url: str, clock: Clock, jobs: dict[str, Job] | None = None) -> Iterator[Runner]:
    runner = Runner(read_database_url(url), jobs or JOBS, clock, timedelta(seconds=0.05))
    yield runner
    runner.close()


def children() -> list[psutil.Process]:
    """The processes that run a job now."""
    found = psutil.Process().children(recursive=True)
    return [each for each in found if "tiesan.scheduler.child" in " ".join(each.cmdline())]


def test_the_night_evaluates_every_district(runner: Runner, timetable: Timetable) -> None:
    assert len(runner.plan()) == 2
    done = runner.run_due()
    assert [(ended.well, ended.output) for _claim, ended in done] == [(True, "")] * 2
    for run in timetable.runs():
        assert (run.state, run.attempts, run.output) == ("done", 1, "")
        assert run.outcome["as_of"] == "2026-04-01"
        assert run.outcome["not_evaluated"] == 0
        assert run.peak_memory_kb is not None
        assert run.peak_memory_kb > 10_000
        assert run.claimed_by == runner.claimant
    with Session(timetable.database) as session:
        judged = set(session.scalars(select(DistrictState.evaluated_as_of)))
        assert judged == {at(1).date()}
        assert set(session.scalars(select(StoredEvaluation.actor_name))) == {"daily run"}
    assert runner.plan() == []
    assert runner.run_due() == []


def test_the_memory_of_a_child_is_its_own(runner: Runner, timetable: Timetable) -> None:
    # The kernel's count of a child begins with what its parent has.
    large = bytearray(os.urandom(1_000) * 400_000)
    runner.plan()
    done = runner.run_due()
    assert len(done) == 2
    assert all(10_000 < (ended.peak_memory_kb or 0) < 300_000 for _claim, ended in done)
    assert len(large) == 400_000_000


def test_the_memory_of_one_that_was_killed_is_known_when_it_is_above_the_parents() -> None:
    assert without_peak("went wrong\npeak memory: 12 kB\n") == ("went wrong", 12)
    assert without_peak("peak memory: 12 kB") == ("", 12)
    assert without_peak("peak memory: 12 kB and more") == ("peak memory: 12 kB and more", None)
    assert peak_of(12, counted=500, before=400) == 12
    assert peak_of(None, counted=500, before=400) == 500
    assert peak_of(None, counted=400, before=400) is None


def test_what_was_asked_for_is_run_at_once_and_says_how_far_it_is(
    runner: Runner, timetable: Timetable
) -> None:
    with Session(timetable.database) as session:
        account = Account(username="li", password="", fs_uniquifier="li", created_at=NIGHT)
        session.add(account)
        session.flush()
        wanted = district_ids(session)
        run_id = ask_evaluation(Actor(account.id, "li"), session, wanted, now=NIGHT).id
        session.commit()
    assert runner.call_for(run_id, 300)
    [run] = timetable.runs("evaluate_now")
    assert (run.state, run.step, run.steps) == ("done", 2, 2)
    with Session(timetable.database) as session:
        assert set(session.scalars(select(StoredEvaluation.actor_name))) == {"li"}


def test_who_does_not_wait_for_it_gets_it_done_all_the_same(
    runner: Runner, timetable: Timetable
) -> None:
    with Session(timetable.database) as session:
        run = ask_evaluation(Actor(None, "li"), session, district_ids(session), now=NIGHT)
        session.commit()
        assert not runner.call_for(run.id, 0)
    runner.join()
    assert [run.state for run in timetable.runs("evaluate_now")] == ["done"]


def test_a_job_that_fails_says_why_and_in_the_end_waits_for_a_person(
    runner: Runner, timetable: Timetable
) -> None:
    """The third time; a clock was ahead, so that a later day has been evaluated already."""
    runner.plan()
    with Session(timetable.database) as session:
        for run in timetable.runs():
            session.add(DistrictState(district_id=run.district_id, evaluated_as_of=at(8).date()))
        session.execute(update(JobRun).values(attempts=MOST_ATTEMPTS - 1))
        session.commit()
    assert not any(ended.well for _claim, ended in runner.run_due())
    for run in timetable.runs():
        assert (run.state, run.outcome["failed"]) == ("failed", "later_day_stored")


def test_what_a_job_says_last_is_kept(database_url: str, timetable: Timetable) -> None:
    broken = replace(JOBS["evaluate"], name="unheard_of")
    for runner in _runner(database_url, Clock(NIGHT), {broken.name: broken}):
        runner.plan()
        # The child knows no job of that name.
        assert not any(ended.well for _claim, ended in runner.run_due())
    for run in timetable.runs("unheard_of"):
        assert (run.state, run.attempts) == ("waiting", 1)
        assert run.output.endswith("KeyError: 'unheard_of'")


def test_a_job_that_takes_too_long_is_ended(database_url: str, timetable: Timetable) -> None:
    short = replace(JOBS["evaluate"], longest=timedelta(0))
    for runner in _runner(database_url, Clock(NIGHT), {short.name: short}):
        runner.plan()
        assert not any(ended.well for _claim, ended in runner.run_due())
    assert [run.state for run in timetable.runs()] == ["waiting", "waiting"]


@pytest.fixture
def at_work(runner: Runner) -> Iterator[threading.Thread]:
    """A thread that runs what is due; it has begun, and its child is there."""
    runner.plan()
    begun = threading.Event()
    renew = runner._renew

    def renewed(claim: object) -> bool:
        begun.set()
        return renew(claim)  # type: ignore[arg-type] # as it was given

    runner._renew = renewed  # type: ignore[method-assign] # to know when it has begun
    thread = threading.Thread(target=runner.run_due)
    thread.start()
    assert begun.wait(60)
    yield thread
    thread.join()


def test_closing_ends_what_runs_and_gives_it_back(
    runner: Runner, timetable: Timetable, at_work: threading.Thread, clock: Clock
) -> None:
    assert len(children()) == 1
    runner.close()
    # Nobody waits for the thread here: closing has waited for what it had to store.
    assert children() == []
    assert [(run.state, run.attempts) for run in timetable.runs()] == [("waiting", 0)] * 2
    at_work.join()
    assert timetable.claim(clock.now, "another") is not None


def test_an_interrupt_gives_back_what_runs(
    runner: Runner, timetable: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_claim: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_renew", interrupted)
    runner.plan()
    with pytest.raises(KeyboardInterrupt):
        runner.run_due()
    assert children() == []
    assert [(run.state, run.attempts) for run in timetable.runs()] == [("waiting", 0)] * 2


def test_a_child_that_is_killed_is_a_failure(
    runner: Runner, timetable: Timetable, at_work: threading.Thread
) -> None:
    [child] = children()
    os.kill(child.pid, signal.SIGKILL)
    at_work.join()
    assert sorted((run.state, run.attempts) for run in timetable.runs()) == [
        ("done", 1),
        ("waiting", 1),
    ]


def test_who_has_lost_the_claim_ends_its_child(
    runner: Runner, timetable: Timetable, at_work: threading.Thread, clock: Clock
) -> None:
    before = {child.pid for child in children()}
    taken = timetable.claim(clock.now + LEASE, "another")
    assert taken is not None
    # Whoever waited for the child here would take its end from the runner.
    at_work.join()
    assert before
    assert [pid for pid in before if psutil.pid_exists(pid)] == []
    [run] = [each for each in timetable.runs() if each.id == taken.run_id]
    assert (run.claim, run.claimed_by) == (taken.token, "another")
