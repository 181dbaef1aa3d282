"""What aid to workers in hardship puts on the first page: the visits of today."""

from collections.abc import Sequence

from sqlalchemy import select

from tiesan.admin.home.pieces import Piece, Today
from tiesan_hardship.models import HardshipVisit


def visits_of_today(today: Today) -> Sequence[HardshipVisit] | None:
    """Return the visits that the viewer pays today; None where there are none."""
    statement = select(HardshipVisit).where(
        HardshipVisit.visitor_id == today.viewer.cadre_id,
        HardshipVisit.visited_on == today.day,
        HardshipVisit.voided_at.is_(None),
    )
    return today.session.scalars(statement).all() or None


home = (Piece("visits_of_today.html", visits_of_today),)
