"""Which flags let a cadre be named in a bulletin: only such as stand, and are grave.

Source: the page on what leaves the house, "Names".
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from tiesan.bulletins.models import Bulletin, BulletinName
from tiesan.flags.models import Flag
from tiesan.records.kinds import table_of
from tiesan.rules import Review, Severity

GRAVE = (Severity.SERIOUS.value, Severity.MAJOR.value)
STANDING = (Review.CONFIRMED.value, Review.REMEDIED.value, Review.CLOSED.value)
_MOST = 200
_FLAG = table_of(Flag)


def stands(flag: Any, day: date) -> ColumnElement[bool]:
    """A condition: a cadre's flag was found true, is serious or worse, and cannot be appealed.

    What was upheld or accepted has no time to appeal any more. A confidential flag names nobody,
    nor does one whose evidence has changed since it was decided.
    """
    over = or_(flag.appeal_until.is_(None), flag.appeal_until < day)
    return and_(
        flag.cadre_id.is_not(None),
        ~flag.confidential,
        ~flag.changed_since_decision,
        flag.severity.in_(GRAVE),
        flag.review.in_(STANDING),
        over,
    )


def nameable_flags(session: Session, bulletin: Bulletin, day: date) -> Sequence[Flag]:
    """Return the flags of the bulletin's days by which its author may name a cadre, grave first."""
    statement = (
        select(Flag)
        .where(Flag.district_id == bulletin.district_id, stands(Flag, day))
        .where(Flag.occurred_on.between(bulletin.first_day, bulletin.last_day))
        .order_by(Flag.rank, Flag.occurred_on, Flag.id)
        .options(selectinload(Flag.cadre))
        .limit(_MOST)
    )
    return session.scalars(statement).all()


def fallen(session: Session, bulletin: Bulletin, day: date) -> list[BulletinName]:
    """Return the names of those whom a bulletin names for a flag that does not stand any more."""
    named = [each.flag_id for each in bulletin.names if each.flag_id is not None]
    if not named:
        return []
    # Who signs need not see the flags, so that these rows are read as they are.
    standing = select(_FLAG.c.id).where(_FLAG.c.id.in_(named), stands(_FLAG.c, day))
    still = set(session.scalars(standing))
    return [each for each in bulletin.names if each.flag_id and each.flag_id not in still]
