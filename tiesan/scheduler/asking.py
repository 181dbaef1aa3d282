"""What a person has done: an evaluation now, a run again, runs of days to come taken back."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.clock import SHANGHAI
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.scheduler.jobs import EVALUATE_NOW, Job
from tiesan.scheduler.models import JobRun, State
from tiesan.scheduler.planning import Due, calendar_of, due_day, of_timetable, planned_run

KIND = "job_run"


def ask_evaluation(
    actor: Actor,
    session: Session,
    districts: Iterable[int],
    *,
    now: datetime,
    judged_until: date | None = None,
) -> JobRun:
    """Ask for an evaluation of districts up to now, in the transaction of what made it needed.

    What was not done is judged up to ``judged_until``, by default the last day that each district
    was judged whole.

    The caller commits, and then has it run; should it not come to that, it stays waiting. The
    evaluation itself enters what it did into the trail.
    """
    wanted = sorted(set(districts))
    day = now.astimezone(SHANGHAI).date()
    run = JobRun(
        job=EVALUATE_NOW.name,
        district_id=wanted[0] if len(wanted) == 1 else None,
        day=day,
        covers_from=day,
        asked=secrets.token_hex(16),
        given={
            "districts": wanted,
            "judged_until": None if judged_until is None else judged_until.isoformat(),
        },
        actor_id=actor.account_id,
        actor_name=actor.name,
        due_at=now,
        steps=len(wanted),
    )
    session.add(run)
    session.flush()
    return run


def ask_run(
    actor: Actor, session: Session, job: Job, given: Mapping[str, Any], *, now: datetime
) -> JobRun:
    """Ask for a run of a job of the installation that has no timetable; the caller commits.

    The word by which it is told from others is ``given`` to it as its token.
    """
    token, day = secrets.token_hex(16), now.astimezone(SHANGHAI).date()
    run = JobRun(
        job=job.name,
        day=day,
        covers_from=day,
        asked=token,
        given={**given, "token": token},
        actor_id=actor.account_id,
        actor_name=actor.name,
        due_at=now,
        steps=1,
    )
    session.add(run)
    session.flush()
    return run


def run_now(
    actor: Actor, session: Session, job: Job, district_id: int | None, *, now: datetime
) -> JobRun:
    """Have the newest day's run of a job done now, be it for the first time or once more.

    Whoever runs it claims it as ever. Raises UserError while it is running, and for a job that has
    no timetable. The caller commits.
    """
    day = due_day(job, now, calendar_of(session))
    if day is None:
        raise UserError(_("This job has no timetable."))
    of_day = select(JobRun).where(*of_timetable(job.name, district_id), JobRun.day == day)
    run = session.scalars(of_day.with_for_update()).one_or_none()
    if run is None:
        run = planned_run(session, Due(job, district_id, day), now)
        session.add(run)
    elif run.state == State.RUNNING:
        raise UserError(_("It is running already."))
    run.state, run.ended_at, run.attempts, run.due_at = State.WAITING.value, None, 0, now
    session.flush()
    _note(actor, session, run, "run job", now)
    return run


def run_again(actor: Actor, session: Session, run: JobRun, *, now: datetime) -> None:
    """Have a run done again that waits for a person; raises UserError for any other.

    The caller commits.
    """
    if run.state != State.FAILED:
        raise UserError(_("Only a run that has failed for good can be run again."))
    run.state, run.ended_at, run.attempts, run.due_at = State.WAITING.value, None, 0, now
    session.flush()
    _note(actor, session, run, "run job", now)


def take_back(actor: Actor, session: Session, *, now: datetime) -> int:
    """Forget the runs of days to come, which a clock that was ahead has left; returns how many.

    Until they are forgotten, the days up to theirs count as done and nothing is run for them. What
    those runs stored is brought back by the evaluation. The caller commits.
    """
    today = now.astimezone(SHANGHAI).date()
    ahead = session.scalars(select(JobRun).where(JobRun.asked == "", JobRun.day > today)).all()
    if ahead:
        session.execute(delete(JobRun).where(JobRun.id.in_([run.id for run in ahead])))
        details = {"runs": len(ahead), "until": max(run.day for run in ahead).isoformat()}
        subject = Subject(KIND)
        record_entry(session, actor, "take back runs", subject, at=now, details=details)
    return len(ahead)


def _note(actor: Actor, session: Session, run: JobRun, verb: str, now: datetime) -> None:
    subject = Subject(KIND, run.id, run.job, run.district_id)
    record_entry(session, actor, verb, subject, at=now, details={"as_of": run.day.isoformat()})
