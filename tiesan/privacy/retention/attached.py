"""Files that hang on flags and on records: the content goes, the row stays and says when it went.

The row is marked first and that is committed; then the content is removed from disk, unless
another row names it. What a crash leaves between the two is found by the next run.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from tiesan.discovery import load_plugins
from tiesan.flags.models import Flag, FlagEvent
from tiesan.privacy.retention.values import Amount, Removal
from tiesan.records.attachments.models import Attachment
from tiesan.records.attachments.store import FileStore
from tiesan.records.kinds import record_kind, table_of
from tiesan.rules import FLAG, Review

_FILE, _FLAG, _EVENT = table_of(Attachment), table_of(Flag), table_of(FlagEvent)
_ENDED = (Review.DISMISSED.value, Review.CLOSED.value)
# Nobody needs so long from writing a content to committing the row that names it.
_BEING_STORED_FOR = timedelta(hours=1)


def _of_ended_flags(before: datetime) -> ColumnElement[bool]:
    """Files of flags that were dismissed or closed, and to which nothing has happened since."""
    later = select(_EVENT.c.id).where(_EVENT.c.flag_id == _FLAG.c.id, _EVENT.c.at >= before)
    ended = select(_FLAG.c.id).where(_FLAG.c.review.in_(_ENDED), ~later.exists())
    kept = and_(_FILE.c.kind == FLAG.name, _FILE.c.removed_at.is_(None), _FILE.c.sent_at < before)
    return and_(kept, _FILE.c.row_id.in_(ended))


def _of_few(before: datetime) -> ColumnElement[bool]:
    """Files of kinds of records whose files fewer people open than see the rows."""
    kinds = [record_kind(each).name for each in load_plugins().records if each.files_are_private]
    kept = and_(_FILE.c.removed_at.is_(None), _FILE.c.sent_at < before)
    return and_(kept, _FILE.c.kind.in_(kinds))


def count_flag_files(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the files of flags that ended before a moment."""
    return _counted(session, _of_ended_flags(before))


def remove_flag_files(session: Session, removal: Removal) -> Amount:
    """Mark the files of flags that ended before a moment as removed."""
    return _marked(session, _of_ended_flags(removal.before), removal)


def count_private_files(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the files that few may open and that were sent before a moment."""
    return _counted(session, _of_few(before))


def remove_private_files(session: Session, removal: Removal) -> Amount:
    """Mark the files that few may open and that were sent before a moment as removed."""
    return _marked(session, _of_few(removal.before), removal)


def _counted(session: Session, which: ColumnElement[bool]) -> Amount:
    counts = (func.count(), func.coalesce(func.sum(_FILE.c.size), 0), func.min(_FILE.c.sent_at))
    number, size, oldest = session.execute(select(*counts).where(which)).one()
    return Amount(files=number, bytes=int(size), oldest=oldest)


def _marked(session: Session, which: ColumnElement[bool], removal: Removal) -> Amount:
    amount = _counted(session, which)
    if amount.files:
        session.execute(update(_FILE).where(which).values(removed_at=removal.at))
    return amount


def sweep_contents(session: Session, removal: Removal) -> None:
    """Remove the contents of rows that are marked, and note that they are gone; commits.

    A content that another row names stays. One that somebody is sending just now is left to the
    next run.
    """
    store = FileStore(removal.place)
    marked = and_(_FILE.c.removed_at.is_not(None), _FILE.c.gone_at.is_(None))
    columns = (_FILE.c.id, _FILE.c.sha256, _FILE.c.thumbnail)
    gone = []
    for row_id, *digests in session.execute(select(*columns).where(marked)).all():
        lying = [each for each in digests if each is not None and not _named(session, each)]
        for digest in lying:
            store.remove(digest, removal.at - _BEING_STORED_FOR)
        if not any(store.path(digest).exists() for digest in lying):
            gone.append(row_id)
    if gone:
        session.execute(update(_FILE).where(_FILE.c.id.in_(gone)).values(gone_at=removal.at))
    session.commit()


def _named(session: Session, digest: str) -> bool:
    """Whether a row whose content is kept names a content."""
    naming = or_(_FILE.c.sha256 == digest, _FILE.c.thumbnail == digest)
    living = select(_FILE.c.id).where(naming, _FILE.c.removed_at.is_(None))
    return session.scalar(living.limit(1)) is not None
