"""When the installation was last backed up: a run of its own, noted when the archive is there.

A backup is made by a command, wherever it is called; every process learns of it from the database.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, AuditEntry, Subject, record_entry
from tiesan.clock import day_of
from tiesan.records.kinds import table_of
from tiesan.scheduler.jobs import BACKUP
from tiesan.scheduler.models import TOKEN_LENGTH, JobRun, State

# A backup that is older is told to the administrators.
OLD = timedelta(days=3)

_RUN, _ENTRY = table_of(JobRun), table_of(AuditEntry)


def note_backup(
    actor: Actor,
    session: Session,
    outcome: Mapping[str, Any],
    *,
    began_at: datetime,
    at: datetime,
) -> JobRun:
    """Note that a backup was made, with one entry; ``outcome`` is plain JSON. The caller commits.

    No text of a record is in it, and no path: the database is no place to look for archives.
    """
    run = JobRun(
        job=BACKUP.name,
        day=day_of(at),
        covers_from=day_of(at),
        asked=secrets.token_hex(TOKEN_LENGTH // 2),
        actor_id=actor.account_id,
        actor_name=actor.name,
        state=State.DONE.value,
        due_at=began_at,
        attempts=1,
        began_at=began_at,
        ended_at=at,
        outcome=dict(outcome),
    )
    session.add(run)
    record_entry(session, actor, "back up", Subject("installation"), at=at, details=outcome)
    return run


def last_backup(session: Session) -> datetime | None:
    """Return when the newest backup was finished; None when none was ever noted."""
    newest = select(func.max(_RUN.c.ended_at)).where(
        _RUN.c.job == BACKUP.name, _RUN.c.state == State.DONE.value
    )
    found: datetime | None = session.scalar(newest)
    return found


def unsaved_since(session: Session) -> datetime | None:
    """Return since when what was written is in no backup; None when nothing was ever written."""
    found: datetime | None = last_backup(session) or session.scalar(select(func.min(_ENTRY.c.at)))
    return found
