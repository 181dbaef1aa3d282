"""How notices are numbered: by district and year, without gaps, each district with its own prefix.

A district's prefix is the first character of its name and 督 (铁山区总工会: 铁督), or as many
characters as tell it from every other district, until its administrators set another one. A notice
keeps the one with which it was issued.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.flags.follow_up import LONGEST_PREFIX, NoticeSeries
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.text import clean_text, unstorable

_SERIES, _ORGANIZATION = table_of(NoticeSeries), table_of(Organization)
_IS_DISTRICT = _ORGANIZATION.c.id == _ORGANIZATION.c.district_id
_OF_SUPERVISION = "督"


def prefix_of(session: Session, district_id: int) -> str:
    """Return what the numbers of a district's notices begin with."""
    kept = session.scalar(select(_SERIES.c.prefix).where(_SERIES.c.district_id == district_id))
    if kept is not None:
        return str(kept)
    districts = select(_ORGANIZATION.c.id, _ORGANIZATION.c.name).where(_IS_DISTRICT)
    names: dict[int, str] = dict(session.execute(districts).all())
    return f"{_short(names.pop(district_id), names.values())}{_OF_SUPERVISION}"


def _short(name: str, others: Collection[str]) -> str:
    """The fewest characters by which a name begins and no other one does, while there is room."""
    most = LONGEST_PREFIX - len(_OF_SUPERVISION)
    begun = (name[:length] for length in range(1, most))
    own = (each for each in begun if not any(other.startswith(each) for other in others))
    return next(own, name[:most])


def set_prefix(
    actor: Actor, session: Session, district: Organization, prefix: str, *, at: datetime
) -> None:
    """Let the notices that a district issues from now on begin with a prefix; the caller commits.

    Raises UserError for none, for one that is too long, and for one that another district has.
    """
    wanted = clean_text(prefix)
    if wanted is None or len(wanted) > LONGEST_PREFIX or unstorable(wanted) is not None:
        text = _("A prefix of at most %(most)d characters must be given.", most=LONGEST_PREFIX)
        raise UserError(text)
    before = prefix_of(session, district.id)
    districts = select(_ORGANIZATION.c.id).where(_IS_DISTRICT)
    others = set(session.scalars(districts)) - {district.id}
    if any(prefix_of(session, each) == wanted for each in others):
        raise UserError(_("Another district has this prefix."))
    row = session.get(NoticeSeries, district.id)
    if row is None:
        session.add(NoticeSeries(district_id=district.id, prefix=wanted))
    else:
        row.prefix = wanted
    subject = Subject("organization", district.id, district.code, district.id)
    details = {"changed": {"notice_prefix": [before, wanted]}, "reason": None}
    record_entry(session, actor, "update", subject, at=at, details=details)
    session.flush()
