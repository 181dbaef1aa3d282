"""Claims: each run belongs to one process at a time, for as long as it renews its lease.

A claim is taken by one statement, so that of any number of processes on one database one gets it.
Who crashed renews nothing, and its run is taken over when the lease is over. After three attempts
that failed or crashed a run waits for a person.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, literal, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from tiesan.extensions import Instant
from tiesan.scheduler.jobs import IMPORTS
from tiesan.scheduler.models import CLAIMANT_LENGTH, JobRun, State

LEASE = timedelta(minutes=10)
RENEWED_EVERY = timedelta(minutes=1)
AGAIN_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is ours: ``token`` is the word by which the row knows it."""

    run_id: int
    token: str
    job: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: what its process said last, and how much memory it took at most."""

    well: bool
    output: str = ""
    peak_memory_kb: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a process looks for; ``alone``: none while another one is running."""

    now: datetime
    asked_only: bool = False
    alone: bool = False

    def condition(self, run: type[JobRun] = JobRun) -> ColumnElement[bool]:
        """The condition of the runs that may be claimed."""
        left = and_(run.state == State.RUNNING, run.lease_until <= self.now)
        free = or_(and_(run.state == State.WAITING, run.due_at <= self.now), left)
        asked = run.asked != "" if self.asked_only else true()
        return and_(free, asked, run.attempts < MOST_ATTEMPTS, *self._unless_taken(run))

    def _unless_taken(self, run: type[JobRun]) -> Iterator[ColumnElement[bool]]:
        other = aliased(JobRun)
        running = and_(other.state == State.RUNNING, other.lease_until > self.now)
        if self.alone:
            yield ~exists().where(running)
            return
        # One import at a time in a district; that of several districts is one of each.
        same = or_(
            other.district_id == run.district_id,
            other.district_id.is_(None),
            run.district_id.is_(None),
        )
        another = exists().where(running, same, other.job.in_(sorted(IMPORTS)), other.id != run.id)
        yield or_(run.job.not_in(sorted(IMPORTS)), ~another)


def claim_next(
    session: Session, now: datetime, claimant: str, *, asked_only: bool = False
) -> Claim | None:
    """Take the next run that is due, what a person waits for first; None when there is none.

    The session must be unused; each transaction ends here. SQLite has one writer at a time, so
    there a second run begins when the first has ended.
    """
    alone = session.get_bind().dialect.name == "sqlite"
    wanted = Wanted(now, asked_only, alone)
    give_up_left(session, now)
    # Looking first locks nothing while there is nothing to do.
    if session.scalar(select(JobRun.id).where(wanted.condition()).limit(1)) is None:
        session.rollback()
        return None
    session.rollback()
    claim = session.execute(_taking(wanted, claimant)).one_or_none()
    session.commit()
    return None if claim is None else Claim(claim.id, claim.claim, claim.job)


def _taking(wanted: Wanted, claimant: str) -> Any:
    run = aliased(JobRun)
    first = (
        select(run.id)
        .where(wanted.condition(run))
        .order_by(case((run.asked != "", 0), else_=1), run.due_at, run.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    values = {
        "state": State.RUNNING.value,
        "claim": secrets.token_hex(16),
        "claimed_by": claimant[:CLAIMANT_LENGTH],
        "lease_until": wanted.now + LEASE,
        "began_at": wanted.now,
        "attempts": JobRun.attempts + 1,
        "step": 0,
        "steps": 0,
        "outcome": {},
        "output": "",
    }
    taken = update(JobRun).where(JobRun.id == first.scalar_subquery(), wanted.condition())
    returned = taken.values(values).returning(JobRun.id, JobRun.claim, JobRun.job)
    return returned.execution_options(synchronize_session=False)


def give_up_left(session: Session, now: datetime) -> None:
    """Have the runs wait for a person whose last attempt crashed, and commit."""
    left = and_(
        JobRun.state == State.RUNNING,
        JobRun.lease_until <= now,
        JobRun.attempts >= MOST_ATTEMPTS,
    )
    ids = list(session.scalars(select(JobRun.id).where(left)))
    session.rollback()
    if ids:
        statement = update(JobRun).where(JobRun.id.in_(ids), left).values(_failed(now))
        session.execute(statement.execution_options(synchronize_session=False))
        session.commit()


def _failed(now: datetime) -> Mapping[str, Any]:
    values = {"state": State.FAILED.value, "ended_at": now}
    return {**values, "claim": None, "lease_until": None}


def renew(session: Session, claim: Claim, now: datetime) -> bool:
    """Keep a claim for another lease; False when the run is somebody else's by now."""
    return _changed(session, claim, {"lease_until": now + LEASE})


def note_progress(session: Session, claim: Claim, step: int, steps: int) -> bool:
    """Say how far a run is; False when it is somebody else's by now."""
    return _changed(session, claim, {"step": step, "steps": steps})


def note_outcome(session: Session, claim: Claim, outcome: Mapping[str, Any]) -> bool:
    """Say what a run did; False when it is somebody else's by now."""
    return _changed(session, claim, {"outcome": dict(outcome)})


def give_back(session: Session, claim: Claim, now: datetime) -> bool:
    """Let a run wait again that could not be finished here; it does not count as an attempt."""
    values = {"state": State.WAITING.value, "due_at": now, "claim": None, "lease_until": None}
    return _changed(session, claim, {**values, "attempts": JobRun.attempts - 1})


def settle(session: Session, claim: Claim, ended: Ended, now: datetime) -> bool:
    """Say how an attempt ended; False when the run is somebody else's by now.

    A run that failed is due again after a while, and waits for a person after the last attempt.
    Where a later run of the timetable has been planned meanwhile, that one makes up for it.
    """
    kept = {"output": ended.output, "peak_memory_kb": ended.peak_memory_kb}
    over = {"ended_at": now, "claim": None, "lease_until": None}
    if ended.well:
        return _changed(session, claim, {**kept, **over, "state": State.DONE.value})
    if _is_followed(session, claim):
        return _changed(session, claim, {**kept, **over, "state": State.COVERED.value})
    last = JobRun.attempts >= MOST_ATTEMPTS
    values = {
        "state": case((last, State.FAILED.value), else_=State.WAITING.value),
        "ended_at": case((last, literal(now, Instant())), else_=None),
        "due_at": now + AGAIN_AFTER,
    }
    return _changed(session, claim, {**kept, **over, **values})


def _is_followed(session: Session, claim: Claim) -> bool:
    run = aliased(JobRun)
    same_place = or_(
        JobRun.district_id == run.district_id,
        and_(JobRun.district_id.is_(None), run.district_id.is_(None)),
    )
    later = select(JobRun.id).join(
        run, and_(JobRun.job == run.job, same_place, JobRun.day > run.day)
    )
    of_timetable = and_(run.id == claim.run_id, run.asked == "", JobRun.asked == "")
    return session.scalar(later.where(of_timetable).limit(1)) is not None


def _changed(session: Session, claim: Claim, values: Mapping[str, Any]) -> bool:
    ours = and_(JobRun.id == claim.run_id, JobRun.claim == claim.token)
    statement = update(JobRun).where(ours).values(dict(values)).returning(JobRun.id)
    changed = session.execute(statement.execution_options(synchronize_session=False))
    return changed.one_or_none() is not None


def claimed_run(session: Session, claim: Claim) -> JobRun | None:
    """The row of a claim; None when it is somebody else's by now."""
    ours = select(JobRun).where(JobRun.id == claim.run_id, JobRun.claim == claim.token)
    return session.scalars(ours).one_or_none()


def newest_day(session: Session) -> date | None:
    """The newest day that the timetable has a run of."""
    statement = select(JobRun.day).where(JobRun.asked == "").order_by(JobRun.day.desc())
    return session.scalars(statement.limit(1)).first()
