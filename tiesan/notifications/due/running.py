"""How the installation runs: rules not evaluated or held, runs that have failed, old backups.

The administrators of the place are told, each thing once.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tiesan.clock import day_of
from tiesan.flags.halts import RuleHalt
from tiesan.flags.models import StoredEvaluation
from tiesan.people.notifications import Telling, administrators_of
from tiesan.records.kinds import table_of
from tiesan.scheduler.backups import OLD, unsaved_since
from tiesan.scheduler.models import JobRun, State
from tiesan.words.due_notifications import BACKUP_OLD, RULES_HELD, RULES_UNKNOWN, RUN_FAILED

# What has failed longer ago is known, or of no account any more.
_LOOKED_BACK = timedelta(days=31)
# While no backup is made, it is told again after so many days.
_AGAIN_DAYS = 7


def due_of_running(session: Session, district_id: int, day: date) -> Iterator[Telling]:
    """Yield what the administrators of a district are to be told on a day."""
    told = sorted(administrators_of(session, district_id))
    found = [
        *_unknown(session, district_id),
        *_held(session, district_id),
        *_failed(session, district_id, day),
        *_unsaved(session, district_id, day),
    ]
    for kind, about, details, once in found:
        for account_id in told:
            yield Telling(account_id, kind, about, details, once)


# Kind, row, details, key.
_Found = tuple[str, tuple[str, int], dict[str, object], str]


def _unknown(session: Session, district_id: int) -> Iterator[_Found]:
    """Rules that the latest evaluation of the district could not evaluate and the one before could.

    The same rules that fail day after day are told of on the first.
    """
    table = table_of(StoredEvaluation)
    latest = (
        select(table.c.id, table.c.not_evaluated)
        .where(table.c.district_id == district_id)
        .order_by(table.c.id.desc())
        .limit(2)
    )
    rows = [(row_id, {each["rule"] for each in unknown})
            for row_id, unknown in session.connection().execute(latest)]  # fmt: skip
    if not rows:
        return
    (evaluation, now), *before = rows
    new = sorted(now - (before[0][1] if before else set()))
    if new:
        about = "organization", district_id
        yield RULES_UNKNOWN, about, {"rules": new}, f"{district_id}:{evaluation}"


def _held(session: Session, district_id: int) -> Iterator[_Found]:
    statement = select(RuleHalt).where(RuleHalt.district_id == district_id)
    for halt in session.scalars(statement.order_by(RuleHalt.id)):
        if halt.halts:
            once = f"{district_id}:{halt.rule}:{halt.since.isoformat()}"
            yield RULES_HELD, ("organization", district_id), {"rules": [halt.rule]}, once


def _failed(session: Session, district_id: int, day: date) -> Iterator[_Found]:
    """Runs that wait for a person: of the district, and of the installation."""
    statement = select(JobRun).where(
        JobRun.state == State.FAILED,
        or_(JobRun.district_id == district_id, JobRun.district_id.is_(None)),
        JobRun.day > day - _LOOKED_BACK,
    )
    for run in session.scalars(statement.order_by(JobRun.id)):
        ended = run.ended_at or run.due_at
        details = {"job": run.job, "day": day_of(ended).isoformat()}
        # One that was run again and has failed again is told of again.
        once = f"{run.id}:{ended.isoformat()}"
        yield RUN_FAILED, ("organization", district_id), dict(details), once


def _unsaved(session: Session, district_id: int, day: date) -> Iterator[_Found]:
    """That the newest backup is older than it should be, or that there is none; once a week."""
    since = unsaved_since(session)
    if since is None:
        return
    days = (day - day_of(since)).days
    if days > OLD.days:
        week = (days - OLD.days - 1) // _AGAIN_DAYS
        once = f"{district_id}:{since.isoformat()}:{week}"
        yield BACKUP_OLD, ("organization", district_id), {}, once
