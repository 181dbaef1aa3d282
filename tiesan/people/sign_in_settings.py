"""What an administrator of the installation sets about signing in.

A setting is a number under a name; without a row the default holds. Source: trust.md, "Sessions"
and "One-time codes".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import RoleName

MOST_IDLE_DAYS, MOST_DAYS = 30, 90

_IDLE, _MOST = "phone idle days", "phone most days"
_CODES = "codes required: "


class SignInSetting(Base):
    """A setting that is not the default."""

    __tablename__ = "sign_in_setting"
    __table_args__ = (CheckConstraint("number >= 0", name="number_not_negative"),)

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int]


@dataclass(frozen=True, slots=True)
class PhoneSpan:
    """For how many days who is only a cadre stays signed in on a phone of their own; 0 is off."""

    idle_days: int = 7
    most_days: int = 30

    @property
    def is_on(self) -> bool:
        """Whether there are such phones at all."""
        return self.idle_days > 0 and self.most_days > 0


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """All settings: the span on own phones, and the roles that need a one-time code."""

    phone: PhoneSpan = PhoneSpan()
    codes_required: frozenset[RoleName] = frozenset()


def read_settings(session: Session) -> SignInSettings:
    """Return the settings that hold."""
    found = session.execute(select(SignInSetting.name, SignInSetting.number))
    numbers: dict[str, int] = {row.name: row.number for row in found}
    usual = PhoneSpan()
    phone = PhoneSpan(numbers.get(_IDLE, usual.idle_days), numbers.get(_MOST, usual.most_days))
    required = frozenset(role for role in RoleName if numbers.get(f"{_CODES}{role.value}", 0))
    return SignInSettings(phone, required)


def change_settings(
    actor: Actor, session: Session, settings: SignInSettings, *, at: datetime
) -> None:
    """Set everything about signing in; what is as it was leaves no trace.

    Raises UserError for days that are out of range.
    """
    _refuse_days(settings.phone)
    before = _numbers(read_settings(session))
    changed = {
        name: [before[name], number]
        for name, number in _numbers(settings).items()
        if before[name] != number
    }
    if not changed:
        return
    for name, (_old, number) in changed.items():
        session.merge(SignInSetting(name=name, number=number))
    session.flush()
    record_entry(
        session, actor, "set sign-in", Subject("sign_in"), at=at, details={"changed": changed}
    )


def _numbers(settings: SignInSettings) -> Mapping[str, int]:
    required = {f"{_CODES}{role.value}": int(role in settings.codes_required) for role in RoleName}
    return {_IDLE: settings.phone.idle_days, _MOST: settings.phone.most_days} | required


def _refuse_days(phone: PhoneSpan) -> None:
    if not 0 <= phone.idle_days <= MOST_IDLE_DAYS:
        raise UserError(_("Allowed: 0 to %(most)d days without use.", most=MOST_IDLE_DAYS))
    if not 0 <= phone.most_days <= MOST_DAYS:
        raise UserError(_("Allowed: at most %(most)d days in all.", most=MOST_DAYS))
