"""Ways as administrators set them up: made, entered anew, switched on and off.

What is secret goes into the seal and nowhere else: no entry of the trail has it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.notifications.sending.models import TITLE_LENGTH, Trouble, Way
from tiesan.notifications.sending.queue import drop_of_way
from tiesan.notifications.sending.schemes import SCHEMES, FieldError, Scheme, checked_value
from tiesan.notifications.sending.sealing import Seal

KIND = "way"
TITLE = "title"
# The fields that say to whom what is secret is said, and how.
_WHERE = ("host", "port", "mode")


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody enters for a way: its name, its fields, and of which organization it is."""

    title: str
    fields: Mapping[str, str]
    organization_id: int | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """With what ways are kept: the seal, and the hosts that may be spoken to (None: any)."""

    seal: Seal
    hosts: Collection[str] | None


def create_way(
    actor: Actor, session: Session, scheme: Scheme, entered: Entered, keep: Keeping, *, at: datetime
) -> Way:
    """Make a way and switch it on; the caller commits.

    Raises FieldError for a field that cannot be right, UserError for a host that may not be spoken
    to and for a robot's organization on a way to persons.
    """
    title = _checked_title(session, entered.title, None)
    if entered.organization_id is not None and not scheme.is_of_groups:
        raise UserError(_("Only a robot can be of one organization."))
    values = _checked(scheme, entered.fields, {}, keep)
    way = Way(
        scheme=scheme.name,
        title=title,
        organization_id=entered.organization_id,
        created_at=at,
        **_stored(scheme, values, keep.seal),
    )
    session.add(way)
    session.flush()
    _note(session, actor, "create", way, at)
    return way


def change_way(
    actor: Actor, session: Session, way: Way, entered: Entered, keep: Keeping, *, at: datetime
) -> None:
    """Enter a way anew; a secret field that is left blank stays as it is, if it can be read.

    Not so where it would be said to another server from now on: whoever could not read it could
    have it sent to themself. Raises what ``create_way`` does. The caller commits.
    """
    scheme = SCHEMES[way.scheme]
    way.title = _checked_title(session, entered.title, way)
    goes_elsewhere = any(
        name in way.fields and entered.fields.get(name, "").strip() != way.fields[name]
        for name in _WHERE
    )
    is_kept = keep.seal.can_open(way.sealed) and not goes_elsewhere
    values = _checked(scheme, entered.fields, keep.seal.unseal(way.sealed) if is_kept else {}, keep)
    for name, value in _stored(scheme, values, keep.seal).items():
        setattr(way, name, value)
    way.trouble = None
    session.flush()
    _note(session, actor, "update", way, at)


def switch_way(actor: Actor, session: Session, way: Way, *, active: bool, at: datetime) -> None:
    """Switch a way on or off; what waits for it when it is switched off is not sent any more.

    The caller commits.
    """
    if way.active == active:
        return
    way.active = active
    if not active:
        drop_of_way(session, way.id, at=at)
    session.flush()
    _note(session, actor, "switch way on" if active else "switch way off", way, at)


def look_at_ways(session: Session, keep: Keeping, *, at: datetime) -> list[Way]:
    """Write down which ways can be used: their seal opens, and their hosts may be spoken to.

    Returns those in which there was no trouble before, and is now. Nothing is sent by a way with
    trouble. The caller commits.
    """
    new = []
    for way in session.scalars(select(Way).order_by(Way.id)):
        found = trouble_of(way, keep)
        if way.active and found is not None and way.trouble is None:
            new.append(way)
        way.trouble, way.looked_at = found, at
    session.flush()
    return new


def trouble_of(way: Way, keep: Keeping) -> Trouble | None:
    """Return why a way cannot be used; None when it can."""
    if not keep.seal.can_open(way.sealed):
        return Trouble.KEY_CHANGED
    hosts = SCHEMES[way.scheme].hosts(way.fields)
    return None if _are_allowed(hosts, keep) else Trouble.HOST_REFUSED


def _checked_title(session: Session, given: str, of: Way | None) -> str:
    title = " ".join(given.split())
    if not title:
        raise FieldError(TITLE, _("This field is required."))
    if len(title) > TITLE_LENGTH or not title.isprintable():
        raise FieldError(TITLE, _("At most %(most)d characters.") % {"most": TITLE_LENGTH})
    other = session.scalar(select(Way.id).where(Way.title == title))
    if other is not None and (of is None or other != of.id):
        raise FieldError(TITLE, _("There is a way of this name already."))
    return title


def _checked(
    scheme: Scheme, given: Mapping[str, str], kept: Mapping[str, str], keep: Keeping
) -> dict[str, str]:
    values = {
        field.name: checked_value(field, given.get(field.name, "") or kept.get(field.name, ""))
        for field in scheme.fields
    }
    _check_pair(values)
    hosts = scheme.hosts(values)
    if not _are_allowed(hosts, keep):
        text = _("The settings of the server do not allow it to speak to %(host)s"
                 " (TIESAN_HOSTS_OUT).")  # fmt: skip
        raise UserError(text % {"host": ", ".join(hosts)})
    return values


def _check_pair(values: Mapping[str, str]) -> None:
    if bool(values.get("user")) != bool(values.get("password")):
        blank = "password" if values.get("user") else "user"
        raise FieldError(blank, _("User name and password go together: enter both or neither."))


def _are_allowed(hosts: Collection[str], keep: Keeping) -> bool:
    if keep.hosts is None:
        return True
    return {host.partition(":")[0] for host in hosts} <= set(keep.hosts)


def _stored(scheme: Scheme, values: Mapping[str, str], seal: Seal) -> dict[str, object]:
    secret = {field.name for field in scheme.fields if field.secret}
    return {
        "fields": {name: value for name, value in values.items() if name not in secret},
        "sealed": seal.seal({name: value for name, value in values.items() if name in secret}),
    }


def _note(session: Session, actor: Actor, verb: str, way: Way, at: datetime) -> None:
    details = {"scheme": way.scheme, "fields": dict(way.fields)}
    record_entry(session, actor, verb, Subject(KIND, way.id, way.title), at=at, details=details)
