"""The job that removes what is older than its months: rows first, files once that is committed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.audit import Subject, record_entry
from tiesan.clock import day_of
from tiesan.config import RETENTION_DATABASE_URL, instance_folder, retention_database_url
from tiesan.database import begin_storing, make_engine
from tiesan.privacy.own.keeping import remove_old_archives
from tiesan.privacy.retention.models import Retention
from tiesan.privacy.retention.services import REMOVE, SUBJECT, Standing, standings
from tiesan.privacy.retention.values import Amount, Kind, Removal, months_before
from tiesan.scheduler.work import Outcome, Work


def remove_what_is_old(work: Work) -> Outcome:
    """Remove of each kind what is older than its months; says how much of each there was.

    Each kind is a transaction of its own, with one entry in the trail where anything went.
    """
    outcome: dict[str, int] = {}
    with _database(work) as database, Session(database) as session:
        # What needs no setting comes first: a kind that fails keeps it from nobody.
        remove_old_archives(session, instance_folder(), work.now)
        for each in standings(session):
            amount = _remove(session, work, each)
            if amount.rows or amount.files:
                outcome[each.kind.name] = amount.rows or amount.files
    return {"removed": outcome}


@contextmanager
def _database(work: Work) -> Iterator[Engine]:
    """The database in the role that may change entries of the trail, where there is such a role."""
    if not os.environ.get(RETENTION_DATABASE_URL):
        yield work.database
        return
    engine = make_engine(retention_database_url())
    try:
        yield engine
    finally:
        engine.dispose()


def _remove(session: Session, work: Work, standing: Standing) -> Amount:
    kind, months = standing.kind, standing.months
    before = months_before(day_of(work.now), months) if months is not None else work.now
    removal = Removal(work.actor, before, work.now, instance_folder())
    begin_storing(session)
    amount = Amount() if months is None else kind.remove(session, removal)
    _note(session, kind, amount, removal, months)
    session.commit()
    kind.sweep(session, removal)
    return amount


def _note(
    session: Session, kind: Kind, amount: Amount, removal: Removal, months: int | None
) -> None:
    """Keep when it was looked at and what went; an entry where anything did."""
    row = session.get(Retention, kind.name) or Retention(kind=kind.name)
    row.ran_at = removal.at
    row.rows, row.files, row.bytes = amount.rows, amount.files, amount.bytes
    session.add(row)
    if amount.rows or amount.files:
        details = {
            "months": months,
            "until": day_of(removal.before).isoformat(),
            "rows": amount.rows,
            "files": amount.files,
            "bytes": amount.bytes,
        }
        subject = Subject(SUBJECT, code=kind.name)
        record_entry(session, removal.actor, REMOVE, subject, at=removal.at, details=details)
