"""Sending files and hanging them on what they belong to. The caller commits.

What hangs on nothing is its sender's alone and goes after a day. Sending one is nothing that
anybody else could see, so that the audit trail begins with what it is hung on.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.records.attachments.fit import Fit
from tiesan.records.attachments.models import MOST_FILES, Attachment
from tiesan.records.attachments.names import clean_name
from tiesan.records.attachments.store import FileStore
from tiesan.records.kinds import table_of

UNUSED_FOR = timedelta(hours=24)
# Enough for every form that somebody has open, and no more than half a gigabyte.
MOST_UNUSED = 50

_TABLE = table_of(Attachment)
# Nobody needs so long from writing a content to committing the row that names it.
_BEING_STORED_FOR = timedelta(hours=1)


def keep_file(
    actor: Actor, session: Session, store: FileStore, fit: Fit, name: str, *, at: datetime
) -> Attachment:
    """Keep a file that somebody sent and return its row, which hangs on nothing yet.

    Raises UserError where so many of theirs hang on nothing that they must be a mistake.
    """
    waiting = select(func.count()).select_from(_TABLE).where(_is_own_unused(actor, at))
    if (session.scalar(waiting) or 0) >= MOST_UNUSED:
        raise UserError(_("You have sent many files that were not used; try again tomorrow."))
    row = Attachment(
        sent_by_id=actor.account_id,
        sent_at=at,
        name=clean_name(name, fit.media_type),
        media_type=fit.media_type,
        size=len(fit.content),
        sha256=store.keep(fit.content),
        thumbnail=None if fit.thumbnail is None else store.keep(fit.thumbnail),
    )
    session.add(row)
    session.flush()
    return row


def usable_files(
    actor: Actor, session: Session, ids: Iterable[int], *, at: datetime
) -> tuple[int, ...]:
    """Return these ids, each once, when all are files of the actor that hang on nothing yet.

    Raises UserError for more than go with one thing, and for one that is none: that it is somebody
    else's, was used or has gone is not told apart.
    """
    wanted = tuple(dict.fromkeys(ids))
    if len(wanted) > MOST_FILES:
        raise UserError(_("At most %(most)d files.", most=MOST_FILES))
    if not wanted:
        return ()
    found = select(_TABLE.c.id).where(_TABLE.c.id.in_(wanted), _is_own_unused(actor, at))
    if set(session.scalars(found)) != set(wanted):
        raise _not_there()
    return wanted


def hang_on(
    actor: Actor, session: Session, ids: Collection[int], kind: str, row_id: int, *, at: datetime
) -> None:
    """Hang files of the actor on a row, for good.

    Raises UserError when one of them is not theirs, or hangs on something by now.
    """
    own = (_TABLE.c.id.in_(sorted(ids)), _is_own_unused(actor, at))
    statement = update(_TABLE).where(*own).values(kind=kind, row_id=row_id)
    if len(session.execute(statement.returning(_TABLE.c.id)).all()) != len(set(ids)):
        raise _not_there()


def _is_own_unused(actor: Actor, at: datetime) -> ColumnElement[bool]:
    return and_(
        _TABLE.c.kind.is_(None),
        _TABLE.c.sent_by_id == actor.account_id,
        _TABLE.c.sent_at > at - UNUSED_FOR,
    )


def _not_there() -> UserError:
    return UserError(_("One of the files is not there (any more); please send it once more."))


def remove_unused(session: Session, store: FileStore, *, now: datetime) -> int:
    """Remove what was sent a day ago and hangs on nothing, and commit; returns how many there were.

    What the session has read so far ends; it must have nothing to store.
    Contents go when no row names them any more, after the rows, so that nothing that is there names
    a content that is not.
    """
    old = and_(_TABLE.c.kind.is_(None), _TABLE.c.sent_at <= now - UNUSED_FOR)
    # Looking first keeps nobody waiting where there is nothing to do.
    if session.scalar(select(_TABLE.c.id).where(old).limit(1)) is None:
        session.rollback()
        return 0
    begin_storing(session)
    statement = delete(_TABLE).where(old).returning(_TABLE.c.sha256, _TABLE.c.thumbnail)
    rows = session.execute(statement).all()
    session.commit()
    contents = {digest for row in rows for digest in row if digest is not None}
    for digest in sorted(contents):
        if not _is_named(session, digest):
            store.remove(digest, now - _BEING_STORED_FOR)
    session.rollback()
    return len(rows)


def _is_named(session: Session, digest: str) -> bool:
    naming = or_(_TABLE.c.sha256 == digest, _TABLE.c.thumbnail == digest)
    # What retention has taken away needs its content no more.
    kept = _TABLE.c.removed_at.is_(None)
    return session.scalar(select(_TABLE.c.id).where(naming, kept).limit(1)) is not None
