"""Who was in post where on a day, and which organizations stood, as conditions of SQL.

Source: institutions.md, "In post": one of a cadre's postings covers the day; a cadre without
postings is in post from the day of joining until before that of leaving.
"""

from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from tiesan.people.models import Cadre, Organization, OrganizationAbove, Posting

_CADRE, _POSTING = Cadre.__table__, Posting.__table__
_ORGANIZATION, _ABOVE = Organization.__table__, OrganizationAbove.__table__


def at_and_below(organization_id: int) -> Select[tuple[int]]:
    """The ids of an organization and of all below it, for a subquery."""
    return select(_ABOVE.c.organization_id).where(_ABOVE.c.above_id == organization_id)


def posted_on(day: date, places: Select[tuple[int]] | None = None) -> Select[tuple[int]]:
    """The ids of the cadres who were in post on a day, in one of these places if they are given."""
    covered = and_(
        _POSTING.c.cadre_id == _CADRE.c.id,
        _POSTING.c.from_on <= day,
        or_(_POSTING.c.until_on.is_(None), _POSTING.c.until_on >= day),
    )
    joined = and_(
        ~exists().where(_POSTING.c.cadre_id == _CADRE.c.id),
        _CADRE.c.joined_on <= day,
        or_(_CADRE.c.left_on.is_(None), _CADRE.c.left_on > day),
    )
    if places is not None:
        covered = and_(covered, _POSTING.c.organization_id.in_(places))
        joined = and_(joined, _CADRE.c.organization_id.in_(places))
    posted = or_(exists().where(covered), joined)
    return select(_CADRE.c.id).where(posted, _CADRE.c.voided_at.is_(None))


def standing_on(day: date) -> ColumnElement[bool]:
    """The organizations that stood on a day, over the plain table."""
    return and_(
        _ORGANIZATION.c.voided_at.is_(None),
        _ORGANIZATION.c.founded_on <= day,
        or_(_ORGANIZATION.c.dissolved_on.is_(None), _ORGANIZATION.c.dissolved_on > day),
    )
