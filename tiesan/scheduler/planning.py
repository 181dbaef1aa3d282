"""What is due: a row for each job, place and day, written once by whoever comes first.

After days on which nothing ran there is one row, for the newest day; the days before it are named
as covered by it. A day that has a row, or is covered by one, is never planned again: a clock that
is set back runs nothing twice. Only a job that is wanted whenever there is something to do has its
row of the day begun anew.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pkgutil import resolve_name

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import DAILY_RUN
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import SHANGHAI
from tiesan.database import begin_writing
from tiesan.records.settings import read_exceptions
from tiesan.scheduler.evaluating import district_ids
from tiesan.scheduler.jobs import Job, Scope
from tiesan.scheduler.models import JobRun, State

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A run that is to be planned: whose it is, when it was due, and since when it was missed."""

    job: Job
    district_id: int | None
    day: date


def due_day(job: Job, now: datetime, calendar: WorkingCalendar) -> date | None:
    """The newest day on which a job has come due by ``now``; None for one without a timetable."""
    if job.at is None:
        return None
    day = now.astimezone(SHANGHAI).date()
    while moment_of(job.at, day) > now or not _runs_on(job, day, calendar):
        day -= _ONE_DAY
    return day


def next_due(job: Job, now: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When a job comes due next, strictly after ``now``."""
    if job.at is None:
        return None
    day = now.astimezone(SHANGHAI).date()
    while moment_of(job.at, day) <= now or not _runs_on(job, day, calendar):
        day += _ONE_DAY
    return moment_of(job.at, day)


def moment_of(at: time, day: date) -> datetime:
    """The moment of a time of the day in Asia/Shanghai."""
    return datetime.combine(day, at, SHANGHAI)


def _runs_on(job: Job, day: date, calendar: WorkingCalendar) -> bool:
    return not job.working_days_only or calendar.is_working_day(day)


def calendar_of(session: Session) -> WorkingCalendar:
    """The working days as the installation's exceptions have them."""
    return WorkingCalendar(read_exceptions(session))


def plan(session: Session, jobs: Iterable[Job], now: datetime) -> list[int]:
    """Write a row for everything that is due and has none; returns their ids.

    The session must be unused. Each transaction ends here: the caller has nothing to commit. Where
    there is nothing to plan, nothing is locked.
    """
    listed = list(jobs)
    missing = list(_missing(session, listed, now))
    session.rollback()
    if not missing:
        return []
    begin_writing(session)
    planned = [_write(session, each, now) for each in _missing(session, listed, now)]
    session.commit()
    return [run_id for run_id in planned if run_id is not None]


def _missing(session: Session, jobs: Iterable[Job], now: datetime) -> Iterator[Due]:
    calendar = calendar_of(session)
    places: list[int] = []
    for job in jobs:
        if job.wanted:
            yield from _wanted(session, job, now)
        day = due_day(job, now, calendar)
        if day is None:
            continue
        if job.scope is Scope.DISTRICT:
            places = places or district_ids(session)
        wanted: list[int | None] = [*places] if job.scope is Scope.DISTRICT else [None]
        settled = _settled(session, job, day)
        yield from (Due(job, place, day) for place in wanted if place not in settled)


def _wanted(session: Session, job: Job, now: datetime) -> Iterator[Due]:
    """A run of today, if there is something to do and none of today waits or runs."""
    is_wanted: Callable[[Session, datetime], bool] = resolve_name(job.wanted)
    day = now.astimezone(SHANGHAI).date()
    present = select(JobRun.state).where(*of_timetable(job.name, None), JobRun.day == day)
    if session.scalar(present) in (None, State.DONE, State.COVERED) and is_wanted(session, now):
        yield Due(job, None, day)


def _settled(session: Session, job: Job, day: date) -> set[int | None]:
    """The places with a row that is of a day, or covers it."""
    covering = and_(JobRun.covers_from <= day, JobRun.day >= day)
    timetable = and_(JobRun.job == job.name, JobRun.asked == "")
    return set(session.scalars(select(JobRun.district_id).where(timetable, covering)))


def _write(session: Session, due: Due, now: datetime) -> int | None:
    """Plan a run; None when somebody else has planned it meanwhile."""
    if due.job.wanted and (again := _begun_anew(session, due, now)) is not None:
        return again
    try:
        with session.begin_nested():
            run = planned_run(session, due, now)
            session.add(run)
    except IntegrityError:
        return None
    return run.id


def _begun_anew(session: Session, due: Due, now: datetime) -> int | None:
    """Let the run of today that was done be run once more; None where there was none yet."""
    of_day = select(JobRun).where(*of_timetable(due.job.name, None), JobRun.day == due.day)
    run = session.scalars(of_day.with_for_update()).one_or_none()
    if run is None:
        return None
    if run.is_over and run.state != State.FAILED:
        run.state, run.ended_at, run.attempts, run.due_at = State.WAITING.value, None, 0, now
        session.flush()
    return run.id


def planned_run(session: Session, due: Due, now: datetime) -> JobRun:
    """The row of a run, which makes up for what was missed before; that ends as covered."""
    covers_from = due.day
    before = (
        select(JobRun)
        .where(*of_timetable(due.job.name, due.district_id), JobRun.day < due.day)
        .order_by(JobRun.day.desc())
    )
    newest = session.scalars(before.limit(1)).first()
    if newest is not None:
        made_up = newest.covers_from if is_open(newest, now) else newest.day + _ONE_DAY
        covers_from = min(covers_from, made_up)
    for run in session.scalars(before.where(JobRun.state.not_in((State.DONE, State.COVERED)))):
        if is_open(run, now):
            cover(run, now)
    return JobRun(
        job=due.job.name,
        district_id=due.district_id,
        day=due.day,
        covers_from=covers_from,
        actor_name=DAILY_RUN.name,
        due_at=now if due.job.at is None else min(now, moment_of(due.job.at, due.day)),
    )


def of_timetable(job: str, district_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """The condition of the runs of a job for one place that the timetable asked for."""
    place = (
        JobRun.district_id.is_(None) if district_id is None else JobRun.district_id == district_id
    )
    return JobRun.job == job, JobRun.asked == "", place


def is_open(run: JobRun, now: datetime) -> bool:
    """Whether nobody runs a run that is still to be run: waiting, failed, or left by a crash."""
    left = run.lease_until is not None and run.lease_until <= now
    return run.state in (State.WAITING, State.FAILED) or left


def cover(run: JobRun, now: datetime) -> None:
    """End a run whose work a later one does."""
    run.state, run.ended_at = State.COVERED.value, run.ended_at or now
    run.claim = run.lease_until = None
