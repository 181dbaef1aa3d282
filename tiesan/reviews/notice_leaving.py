"""A flag that is no longer confirmed leaves the notice that it is in; the last one revokes it."""

from sqlalchemy import select, update

from tiesan.audit import Subject, record_entry
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.values import Case, Event
from tiesan.flags.follow_up import (
    NOTICE,
    UNFINISHED_NOTICE,
    Notice,
    NoticeFinding,
    NoticeState,
)
from tiesan.flags.models import Flag
from tiesan.records.kinds import table_of
from tiesan.rules import Review

REVOKE = "revoke"
_NOTICE, _FINDING = table_of(Notice), table_of(NoticeFinding)


def leave_notice(case: Case) -> None:
    """Take a flag out of its notice unless it is confirmed; a notice without flags is revoked.

    The flag is locked already: whoever locks both takes the flag first.
    """
    flag: Flag = case.row
    if flag.review == Review.CONFIRMED:
        return
    present = (_FINDING.c.flag_id == flag.id, _FINDING.c.left_on.is_(None))
    notice_id = case.session.scalar(select(_FINDING.c.notice_id).where(*present))
    if notice_id is None:
        return
    case.session.execute(select(_NOTICE.c.id).where(_NOTICE.c.id == notice_id).with_for_update())
    left = update(_FINDING).where(*present).values(left_on=case.day, left_as=flag.review)
    case.session.execute(left)
    is_left = (_FINDING.c.notice_id == notice_id, _FINDING.c.left_on.is_(None))
    if case.session.scalar(select(_FINDING.c.flag_id).where(*is_left).limit(1)) is None:
        _revoke(case, notice_id)


def _revoke(case: Case, notice_id: int) -> None:
    """Revoke a notice that nothing is left in, unless it is finished; nobody does that."""
    row = case.session.execute(select(_NOTICE).where(_NOTICE.c.id == notice_id)).one()
    if row.state not in UNFINISHED_NOTICE:
        return
    revoked = NoticeState.REVOKED.value
    case.session.execute(update(_NOTICE).where(_NOTICE.c.id == notice_id).values(state=revoked))
    event = Event(REVOKE, case.day, row.state, revoked, at=case.at)
    COURSE_EVENTS.write(case.session, NOTICE, notice_id, event)
    reference = f"{row.prefix}〔{row.year}〕{row.number}号"
    subject = Subject(NOTICE, notice_id, reference, row.district_id)
    details = {"from_state": row.state, "to_state": revoked}
    record_entry(case.session, case.actor, REVOKE, subject, at=case.at, details=details)
