"""What is to be sent is written down: one row for each address of a person, or robot of a place.

Rows are written in the transaction of whatever asks for them, and read over plain tables: whoever
asks for a sending need not see where it goes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, insert, select, true, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.notifications.sending.models import (
    Purpose,
    Sending,
    SendingNotification,
    State,
    Way,
    WayAddress,
)
from tiesan.notifications.sending.outcome import Reason
from tiesan.notifications.sending.schemes import MAIL, OF_GROUPS

KIND = "sending"

_TABLES = Base.metadata.tables
_WAY, _ADDRESS, _SENDING = (_TABLES[name] for name in ("way", "way_address", "sending"))


def queue(  # noqa: PLR0913 - each says something else of a sending
    session: Session,
    *,
    account_id: int,
    notification_ids: Sequence[int],
    due_at: datetime,
    urgent: bool,
    at: datetime,
    ways: Collection[str] | None = None,
) -> list[int]:
    """Write a sending for each confirmed address of a person on a way that is switched on.

    ``ways`` are schemes: only these, all by default. Returns the ids of the sendings; none where
    the person has no address, or where there is nothing to tell. The caller commits.
    """
    if not notification_ids:
        return []
    statement = (
        select(_ADDRESS.c.id, _ADDRESS.c.way_id)
        .join(_WAY, _WAY.c.id == _ADDRESS.c.way_id)
        .where(_ADDRESS.c.account_id == account_id, _ADDRESS.c.confirmed_at.is_not(None))
        .where(_WAY.c.active, _among(ways))
        .order_by(_ADDRESS.c.id)
    )
    made = []
    for address_id, way_id in session.execute(statement).all():
        sending = Sending(
            way_id=way_id,
            address_id=address_id,
            account_id=account_id,
            purpose=Purpose.NOTIFICATIONS.value,
            urgent=urgent,
            made_at=at,
            due_at=due_at,
        )
        made.append(_added(session, sending))
    told = [
        {"sending_id": sending_id, "notification_id": notification_id}
        for sending_id in made
        for notification_id in sorted(set(notification_ids))
    ]
    if told:
        session.execute(insert(SendingNotification), told)
    return made


def queue_group(  # noqa: PLR0913 - as above
    session: Session,
    *,
    organization_id: int | None,
    details: Mapping[str, object],
    due_at: datetime,
    urgent: bool,
    at: datetime,
    ways: Collection[str] | None = None,
) -> list[int]:
    """Write a sending for each robot of an organization, or of the installation, switched on.

    ``details`` is plain JSON, of which its text is made when it leaves: counts and duties, never
    what is about a person. Returns the ids; the caller commits.
    """
    chosen = (
        select(_WAY.c.id)
        .where(_WAY.c.active, _WAY.c.scheme.in_(OF_GROUPS), _among(ways))
        .where(_WAY.c.organization_id.is_not_distinct_from(organization_id))
        .order_by(_WAY.c.id)
    )
    return [
        _added(
            session,
            Sending(
                way_id=way_id,
                organization_id=organization_id,
                purpose=Purpose.GROUP.value,
                urgent=urgent,
                details=dict(details),
                made_at=at,
                due_at=due_at,
            ),
        )
        for way_id in session.scalars(chosen).all()
    ]


def queue_code(session: Session, address: WayAddress, sealed: str, *, at: datetime) -> int:
    """Write the sending of a code to the address that it is to confirm; returns its id."""
    sending = Sending(
        way_id=address.way_id,
        address_id=address.id,
        account_id=address.account_id,
        purpose=Purpose.CODE.value,
        urgent=True,
        sealed=sealed,
        made_at=at,
        due_at=at,
    )
    return _added(session, sending)


def has_mail(session: Session, account_id: int) -> bool:
    """Whether an account has a confirmed mail address on a way that is switched on."""
    return session.execute(_mail_addresses(account_id)).first() is not None


def queue_link(session: Session, account_id: int, sealed: str, *, at: datetime) -> int | None:
    """Write the sending of a link to an account's mail address; its id, or None without one.

    It is kept sealed until it has left. The caller commits.
    """
    found = session.execute(_mail_addresses(account_id)).first()
    if found is None:
        return None
    sending = Sending(
        way_id=found.way_id,
        address_id=found.id,
        account_id=account_id,
        purpose=Purpose.CODE.value,
        urgent=True,
        sealed=sealed,
        made_at=at,
        due_at=at,
    )
    return _added(session, sending)


def _mail_addresses(account_id: int) -> Select[tuple[int, int]]:
    return (
        select(_ADDRESS.c.id, _ADDRESS.c.way_id)
        .join(_WAY, _WAY.c.id == _ADDRESS.c.way_id)
        .where(_ADDRESS.c.account_id == account_id, _ADDRESS.c.confirmed_at.is_not(None))
        .where(_WAY.c.active, _WAY.c.scheme.in_(MAIL))
        .order_by(_ADDRESS.c.id)
    )


def queue_test(
    actor: Actor, session: Session, way: Way, sealed: str | None, *, at: datetime
) -> int:
    """Write the sending of a test by a way; ``sealed`` is to whom, on a way to persons."""
    sending = Sending(
        way_id=way.id,
        organization_id=way.organization_id,
        purpose=Purpose.TEST.value,
        urgent=True,
        sealed=sealed,
        made_at=at,
        due_at=at,
    )
    made = _added(session, sending)
    record_entry(session, actor, "test way", Subject("way", way.id, way.title), at=at)
    return made


def send_again(actor: Actor, session: Session, sending: Sending, *, at: datetime) -> None:
    """Have a sending done again that failed, or of which nobody knows whether it arrived.

    Raises UserError for any other, for a way that is switched off, and for what can only be asked
    for anew: a code, a test. The caller commits.
    """
    if sending.state not in (State.FAILED, State.UNKNOWN):
        raise UserError(_("Only what failed, or may not have arrived, can be sent again."))
    if sending.purpose in (Purpose.CODE, Purpose.TEST):
        raise UserError(_("A code or a test is not sent again: ask for a new one."))
    if not sending.way.active:
        raise UserError(_("The way is switched off."))
    sending.state, sending.ended_at, sending.due_at = State.WAITING.value, None, at
    sending.round_from, sending.reason, sending.answer = sending.attempts, None, ""
    session.flush()
    subject = Subject(KIND, sending.id, sending.way.title)
    record_entry(session, actor, "send again", subject, at=at)


def drop_of_way(session: Session, way_id: int, *, at: datetime) -> None:
    """Give up what waits for a way; the caller commits."""
    _drop(session, _SENDING.c.way_id == way_id, at)


def drop_of_address(session: Session, address_id: int, *, at: datetime) -> None:
    """Give up what waits for an address of a person; the caller commits."""
    _drop(session, _SENDING.c.address_id == address_id, at)


def _drop(session: Session, chosen: ColumnElement[bool], at: datetime) -> None:
    values = {
        "state": State.DROPPED.value,
        "ended_at": at,
        "sealed": None,
        "reason": Reason.WAY_CLOSED.value,
    }
    dropped = update(_SENDING).where(_SENDING.c.state == State.WAITING.value, chosen)
    session.execute(dropped.values(values))


def _among(ways: Iterable[str] | None) -> ColumnElement[bool]:
    return true() if ways is None else _WAY.c.scheme.in_(sorted(ways))


def _added(session: Session, sending: Sending) -> int:
    session.add(sending)
    session.flush()
    return sending.id
