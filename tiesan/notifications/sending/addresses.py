"""Addresses of persons: entered by themselves, and confirmed by a code that is sent there."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.notifications.sending.models import MOST_TRIES, Purpose, Sending, Way, WayAddress
from tiesan.notifications.sending.queue import drop_of_address, queue_code
from tiesan.notifications.sending.schemes import OF_PERSONS, SCHEMES, checked_value, masked
from tiesan.notifications.sending.sealing import Seal

KIND = "way_address"
CODE_HOLDS = timedelta(minutes=15)
MOST_CODES = 5
_WITHIN = timedelta(hours=1)
_PAUSE = timedelta(minutes=1)
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Reachable:
    """A way to persons, and the address that a person has on it, if any."""

    way: Way
    address: WayAddress | None
    is_readable: bool = True

    @property
    def waits(self) -> bool:
        """Whether an address waits for its code."""
        return self.address is not None and self.address.code_digest is not None

    @property
    def is_confirmed(self) -> bool:
        """Whether the person is reached by it, but for an address that cannot be read."""
        return self.address is not None and self.address.confirmed_at is not None


def reachable(session: Session, account_id: int, seal: Seal) -> list[Reachable]:
    """Return the ways to persons that are switched on, with the person's address on each.

    One that was sealed by another key cannot be read any more, and is to be entered anew.
    """
    ways = session.scalars(
        select(Way).where(Way.active, Way.scheme.in_(OF_PERSONS)).order_by(Way.id)
    ).all()
    owned = select(WayAddress).where(WayAddress.account_id == account_id)
    found = {each.way_id: each for each in session.scalars(owned)}
    return [
        Reachable(way, each, _is_readable(each, seal))
        for way, each in ((way, found.get(way.id)) for way in ways)
    ]


def _is_readable(address: WayAddress | None, seal: Seal) -> bool:
    return address is None or address.sealed is None or seal.can_open(address.sealed)


def enter_address(
    actor: Actor, session: Session, way: Way, given: str, seal: Seal, *, at: datetime
) -> int:
    """Keep an address of the actor's own and have a code sent there; returns the sending's id.

    Until the code came back nothing else is sent there. Raises FieldError for an address that
    cannot be one, UserError when too many codes were asked for and for a way that is not open. The
    caller commits.
    """
    field = SCHEMES[way.scheme].address
    if field is None or not way.active or actor.account_id is None:
        raise UserError(_("This way is not open."))
    value = checked_value(field, given)
    _check_rate(session, actor.account_id, at)
    address = _address_of(session, actor.account_id, way, at)
    drop_of_address(session, address.id, at=at)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    address.sealed, address.masked = seal.seal({"address": value}), masked(field, value)
    address.entered_at, address.confirmed_at = at, None
    address.code_digest = seal.digest(f"{address.id}:{code}")
    address.code_until, address.code_tries = at + CODE_HOLDS, 0
    session.flush()
    _note(session, actor, "enter address", address, way, at)
    return queue_code(session, address, seal.seal({"code": code}), at=at)


def confirm_address(
    actor: Actor, session: Session, address: WayAddress, given: str, seal: Seal, *, at: datetime
) -> bool:
    """Confirm an address by the code that was sent there; whether it was the right one.

    A wrong one counts, and after five a new code is to be asked for: the caller commits either
    way. Raises UserError when there is no code that could be right any more.
    """
    digest, until = address.code_digest, address.code_until
    if digest is None or until is None or at >= until or address.code_tries >= MOST_TRIES:
        raise UserError(_("This code does not count any more. Please ask for a new one."))
    code = "".join(given.split())
    right = hmac.compare_digest(digest, seal.digest(f"{address.id}:{code}"))
    if not right:
        address.code_tries += 1
        session.flush()
        return False
    address.confirmed_at, address.code_digest, address.code_until = at, None, None
    address.code_tries = 0
    session.flush()
    _note(session, actor, "confirm address", address, address.way, at)
    return True


def remove_address(actor: Actor, session: Session, address: WayAddress, *, at: datetime) -> None:
    """Take an address away; what waits for it is not sent. The caller commits."""
    drop_of_address(session, address.id, at=at)
    address.sealed = address.masked = address.confirmed_at = None
    address.code_digest = address.code_until = None
    address.code_tries = 0
    session.flush()
    _note(session, actor, "remove address", address, address.way, at)


def _check_rate(session: Session, account_id: int, at: datetime) -> None:
    asked = select(func.count(Sending.id), func.max(Sending.made_at)).where(
        Sending.account_id == account_id,
        Sending.purpose == Purpose.CODE.value,
        Sending.made_at > at - _WITHIN,
    )
    number, last = session.execute(asked).one()
    if number >= MOST_CODES:
        raise UserError(_("Too many codes were asked for. Please try again in an hour."))
    if number and at - last < _PAUSE:
        raise UserError(_("A code was sent just now. Please wait a minute before the next one."))


def _address_of(session: Session, account_id: int, way: Way, at: datetime) -> WayAddress:
    chosen = select(WayAddress).where(
        WayAddress.account_id == account_id, WayAddress.way_id == way.id
    )
    found = session.scalars(chosen.with_for_update()).one_or_none()
    if found is None:
        found = WayAddress(account_id=account_id, way_id=way.id, entered_at=at)
        session.add(found)
        session.flush()
    return found


def _note(
    session: Session, actor: Actor, verb: str, address: WayAddress, way: Way, at: datetime
) -> None:
    record_entry(session, actor, verb, Subject(KIND, address.id, way.title), at=at)
