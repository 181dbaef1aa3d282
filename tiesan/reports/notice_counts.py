"""Rectification notices (督办单) in numbers: of those issued in a span, how many were answered.

One that was revoked counts in neither; a confidential one is in no number.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tiesan.courses.models import CourseEvent
from tiesan.flags.follow_up import NOTICE, Notice, NoticeState
from tiesan.people.models import Cadre
from tiesan.records.kinds import table_of
from tiesan.reports.asked import Asked, Counted

ANSWERED = "notices:answered"
_CADRE, _EVENT = table_of(Cadre), table_of(CourseEvent)


def count_notices(session: Session, asked: Asked) -> Iterator[Counted]:
    """Yield each notice that was issued in a span, and whether it was answered by the day."""
    place: ColumnElement[int] = func.coalesce(Notice.organization_id, _CADRE.c.organization_id)
    statement = (
        select(Notice.id, place, _has_been(asked, NoticeState.ANSWERED))
        .select_from(Notice)
        .outerjoin(_CADRE, _CADRE.c.id == Notice.cadre_id)
        .where(
            Notice.district_id == asked.places.district_id,
            Notice.confidential.is_(False),
            Notice.issued_on >= asked.span.first_day,
            Notice.issued_on <= asked.last_day,
            ~_has_been(asked, NoticeState.REVOKED),
            place.in_(asked.places.ids),
        )
        .order_by(Notice.id)
    )
    for notice_id, place_id, answered in session.execute(statement):
        told = asked.places.told_under[place_id]
        yield Counted(ANSWERED, told, (NOTICE, notice_id), int(answered), 1)


def _has_been(asked: Asked, state: NoticeState) -> ColumnElement[Any]:
    """Whether a notice came to be in a state by the day as of which is told."""
    event = _EVENT.alias()
    return (
        select(event.c.id)
        .where(
            event.c.course == NOTICE,
            event.c.row_id == Notice.id,
            event.c.to_state == state.value,
            event.c.day <= asked.as_of,
        )
        .correlate(Notice)
        .exists()
    )
