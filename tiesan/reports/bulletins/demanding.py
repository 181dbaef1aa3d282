"""What becomes of the demands of an issued bulletin: a rectification notice, or seen to be met."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.bulletins.models import Bulletin, BulletinDemand, BulletinState
from tiesan.courses.carrying import look
from tiesan.courses.errors import NotThere, Refused, Wrong
from tiesan.courses.locking import lock_row
from tiesan.flags.follow_up import Notice
from tiesan.flags.models import Flag
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.reports.bulletins.course import BULLETIN_COURSE, SUPERVISOR, subject_of_bulletin
from tiesan.rules import Review

_MOST = 50


def fitting_notices(session: Session, demand: BulletinDemand) -> Sequence[Notice]:
    """Return the notices that a demand may have become: issued since, to its organization.

    Confidential ones are none of them. A session that is narrowed knows those that its viewer sees.
    """
    issued_on = demand.bulletin.issued_on
    if issued_on is None:
        return ()
    own = select(Cadre.id).where(Cadre.organization_id == demand.organization_id)
    addressed = or_(Notice.organization_id == demand.organization_id, Notice.cadre_id.in_(own))
    statement = (
        select(Notice)
        .where(Notice.district_id == demand.bulletin.district_id, ~Notice.confidential)
        .where(Notice.issued_on >= issued_on)
        .order_by(Notice.id.desc())
        .limit(_MOST)
    )
    if demand.organization_id is not None:
        statement = statement.where(addressed)
    return session.scalars(statement).all()


def flags_for(session: Session, demand: BulletinDemand) -> Sequence[Flag]:
    """Return the confirmed flags of a demand's organization, of which a notice can be made."""
    statement = (
        select(Flag)
        .where(Flag.organization_id == demand.organization_id, Flag.active, ~Flag.confidential)
        .where(Flag.review == Review.CONFIRMED.value)
        .order_by(Flag.occurred_on.desc(), Flag.id.desc())
        .limit(_MOST)
    )
    return session.scalars(statement).all() if demand.organization_id is not None else ()


def become_notice(
    actor: Actor, session: Session, demand_id: int, notice_id: int, *, day: date, at: datetime
) -> BulletinDemand:
    """Note the notice that a demand was made, and return it; the caller commits.

    Raises NotThere, Refused for who may not and for one that was followed up, and Wrong for a
    notice that does not fit.
    """
    demand = _open_demand(actor, session, demand_id, day)
    if notice_id not in {each.id for each in fitting_notices(session, demand)}:
        raise Wrong("notice", _("Choose a notice to this organization, issued since the bulletin."))
    demand.notice_id = notice_id
    session.flush()
    session.refresh(demand, ["notice"])
    followed = {"demand": demand.position, "notice": str(demand.notice)}
    _record(actor, session, demand, followed, at=at)
    return demand


def settle(
    actor: Actor, session: Session, demand_id: int, *, day: date, at: datetime
) -> BulletinDemand:
    """Note that a demand is met, and return it; the caller commits.

    Raises NotThere, and Refused for who may not and for one that was followed up.
    """
    demand = _open_demand(actor, session, demand_id, day)
    demand.settled_on = day
    _record(actor, session, demand, {"demand": demand.position, "settled_on": str(day)}, at=at)
    return demand


def _open_demand(actor: Actor, session: Session, demand_id: int, day: date) -> BulletinDemand:
    """Return a demand that is to be followed up, with its bulletin locked."""
    known = session.scalar(select(BulletinDemand.bulletin_id).where(BulletinDemand.id == demand_id))
    if known is None:
        raise NotThere
    lock_row(session, BULLETIN_COURSE, known)
    standing = look(session, BULLETIN_COURSE, known, actor, day)
    bulletin: Bulletin = standing.row
    if SUPERVISOR.name not in standing.holds:
        raise Refused(str(SUPERVISOR.refusal))
    if bulletin.state != BulletinState.ISSUED:
        raise Refused(_("Only the demands of an issued bulletin are followed up."))
    demand = session.get_one(BulletinDemand, demand_id, populate_existing=True)
    if demand.notice_id is not None or demand.settled_on is not None:
        raise Refused(_("This demand was followed up already."))
    return demand


def _record(
    actor: Actor,
    session: Session,
    demand: BulletinDemand,
    details: dict[str, object],
    *,
    at: datetime,
) -> None:
    subject = subject_of_bulletin(demand.bulletin)
    record_entry(session, actor, "update", subject, at=at, details=details)
    session.flush()
