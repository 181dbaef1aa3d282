"""Asking for one's own archive, where its file lies, and its removal; only the account's own."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.i18n import _, current_language
from tiesan.privacy.own.models import OwnArchive
from tiesan.records.kinds import table_of
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import GATHER_OWN

FOLDER = "own_data"
ASK, FETCH = "ask for own data", "fetch own data"
SUBJECT = "own_data"
KEPT_FOR = timedelta(days=7)
# A run that is not done by then has failed for good.
_GIVEN_UP_AFTER = timedelta(hours=2)
_TABLE = table_of(OwnArchive)


def archive_of(session: Session, account_id: int | None, now: datetime) -> OwnArchive | None:
    """Return the archive of an account that is being made or may be fetched, if there is one."""
    own = select(OwnArchive).where(OwnArchive.account_id == (account_id or 0))
    row = session.scalars(own).one_or_none()
    return None if row is None or _is_over(row, now) else row


def _is_over(row: OwnArchive, now: datetime) -> bool:
    return row.asked_at <= now - _GIVEN_UP_AFTER if row.until is None else row.until <= now


def archive_path(place: Path, row: OwnArchive) -> Path:
    """Return where the file of an archive lies below the instance folder."""
    return place / FOLDER / f"{row.token}.zip"


def ask_archive(actor: Actor, session: Session, place: Path, *, at: datetime) -> int:
    """Have what is kept on the actor gathered anew; returns the id of the run. The caller commits.

    Raises UserError while it is being gathered, and for who is no account. The file of the archive
    before goes with the next run that removes such files.
    """
    if actor.account_id is None:
        raise UserError(_("Only who is signed in has data of their own."))
    present = archive_of(session, actor.account_id, at)
    if present is not None and present.made_at is None:
        raise UserError(_("It is being gathered already."))
    session.execute(delete(_TABLE).where(_TABLE.c.account_id == actor.account_id))
    row = OwnArchive(
        account_id=actor.account_id, asked_at=at, token=secrets.token_hex(16), sections=[]
    )
    session.add(row)
    session.flush()
    given = {"archive": row.id, "folder": str(place), "language": current_language()}
    row.run_id = ask_run(actor, session, GATHER_OWN, given, now=at).id
    subject = Subject(SUBJECT, actor.account_id, actor.name)
    record_entry(session, actor, ASK, subject, at=at)
    session.flush()
    return row.run_id


def note_fetched(actor: Actor, session: Session, *, at: datetime) -> None:
    """Enter into the trail that the actor fetches their archive; the caller commits."""
    subject = Subject(SUBJECT, actor.account_id, actor.name)
    record_entry(session, actor, FETCH, subject, at=at)


def remove_old_archives(session: Session, place: Path, now: datetime) -> None:
    """Remove archives whose time is over, and files that no archive names any more; commits."""
    begin_storing(session)
    made, asked = _TABLE.c.until <= now, _TABLE.c.asked_at <= now - _GIVEN_UP_AFTER
    session.execute(delete(_TABLE).where(or_(made, asked & _TABLE.c.until.is_(None))))
    session.commit()
    named = {f"{token}.zip" for token in session.scalars(select(_TABLE.c.token))}
    session.rollback()
    folder = place / FOLDER
    # One that is being written has another ending, and is left to who asks for it anew.
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in named and _is_old(path, now):
            path.unlink(missing_ok=True)


def _is_old(path: Path, now: datetime) -> bool:
    return path.suffix == ".zip" or path.stat().st_mtime < (now - _GIVEN_UP_AFTER).timestamp()
