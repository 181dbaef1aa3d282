"""Bulletins on the first page: those that the viewer has to sign, or to sign for."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tiesan.access.viewer import Viewer
from tiesan.bulletins.models import Bulletin, BulletinReceipt
from tiesan.clock import today
from tiesan.courses.queue import queue
from tiesan.extensions import db
from tiesan.records.policy import SUPERVISORS
from tiesan.reports.bulletins.composing import title_of
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE

_MOST = 5


@dataclass(frozen=True, slots=True)
class BulletinLine:
    """A bulletin that waits for the viewer: why, and since when."""

    bulletin: Bulletin
    title: str
    why: str


def bulletins_at_home(viewer: Viewer) -> list[BulletinLine]:
    """Return the bulletins that wait for the viewer: to be signed, and to be signed for."""
    # Nobody else signs a bulletin, or signs for one.
    if viewer.account_id is None or not (viewer.chaired or viewer.has(SUPERVISORS)):
        return []
    session, day = db.session(), today()
    waiting = queue(session, BULLETIN_COURSE, viewer.account_id, day, _MOST)
    signing = {each.id: each.why.word for each in waiting if each.why.why == "sign"}
    receipts = queue(session, RECEIPT_COURSE, viewer.account_id, day, _MOST)
    words = {each.id: each.why.word for each in receipts}
    rows = session.scalars(
        select(BulletinReceipt)
        .where(BulletinReceipt.id.in_(sorted(words)))
        .options(selectinload(BulletinReceipt.bulletin))
    ).all()
    found = {row.bulletin_id: (row.bulletin, words[row.id]) for row in rows}
    for row in session.scalars(select(Bulletin).where(Bulletin.id.in_(sorted(signing)))):
        found[row.id] = (row, signing[row.id])
    return [BulletinLine(row, title_of(row), str(why)) for row, why in found.values()]
