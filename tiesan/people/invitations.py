"""Invitations: a link by which a person sets the password of their account, once.

It is made for a new account, and to reset a password; nobody types another's. Only the digest of
its token is stored. Another one makes it void, and so does every change of the account: switched
off or on, another password, other sessions ended for it. Roles do not, because a new account gets
them while its invitation is under way. Source: trust.md, "Invitation".
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Account
from tiesan.people.notifications import name_of_account, tell

HOLDS = timedelta(hours=72)
LINK_MADE = "password link made"

_TOKEN_BYTES = 32


class Invitation(Base):
    """A link that was made for an account; it is used, void, or holds until it is late."""

    __tablename__ = "account_invitation"
    __table_args__ = (
        UniqueConstraint("token_digest"),
        Index(None, "account_id", "made_at"),
        CheckConstraint("used_at IS NULL OR voided_at IS NULL", name="used_or_void"),
        CheckConstraint("used_at >= made_at", name="used_after_made"),
        CheckConstraint("voided_at >= made_at", name="voided_after_made"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id])


def invite(actor: Actor, session: Session, account: Account, *, at: datetime) -> str:
    """Make a link for an account and return its token, which nobody can be told again.

    Earlier ones are void. Who has a password already is told. Raises UserError for the actor's own
    account, and for one that is switched off. The caller commits.
    """
    if actor.account_id == account.id:
        raise UserError(_("Your own password is changed under “My account”."))
    if not account.active:
        raise UserError(_("This account is switched off."))
    void_invitations(session, account.id, at=at)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    made = Invitation(
        account_id=account.id,
        token_digest=_digest(token),
        made_at=at,
        made_by_id=actor.account_id,
    )
    session.add(made)
    session.flush()
    subject = Subject("account", account.id, account.username, _district_of(account))
    record_entry(session, actor, "invite", subject, at=at)
    if account.password is not None:
        by = name_of_account(session, actor.account_id) or actor.name
        tell(session, [account.id], LINK_MADE, {"by": by}, at=at)
    return token


def open_invitation(session: Session, account_id: int, *, at: datetime) -> Invitation | None:
    """Return the invitation of an account that holds, if there is one."""
    statement = select(Invitation).where(
        Invitation.account_id == account_id,
        Invitation.used_at.is_(None),
        Invitation.voided_at.is_(None),
        Invitation.made_at > at - HOLDS,
    )
    return session.scalars(statement.order_by(Invitation.id.desc())).first()


def invitation_of(
    session: Session, token: str, *, by_account_id: int | None, at: datetime
) -> Invitation:
    """Return the invitation of a token that holds, for who opens its link.

    Raises UserError, saying why, for one that was used, is void or late, for one of nobody, and for
    whoever is signed in with another account.
    """
    statement = select(Invitation).where(Invitation.token_digest == _digest(token))
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise UserError(_("This link is none of ours. Please copy all of it, or ask for another."))
    if by_account_id not in (None, found.account_id):
        raise UserError(
            _("This link is for another account than yours. Whoever it is for opens it "
              "while you are signed out.")
        )  # fmt: skip
    if found.used_at is not None:
        raise UserError(_("This link was used already. Please sign in, or ask for another."))
    if found.voided_at is not None or not found.account.active:
        raise UserError(
            _("This link does not hold any more: another one was made, or the account was changed "
              "since. Please ask for another.")
        )  # fmt: skip
    if at - found.made_at > HOLDS:
        raise UserError(_("This link is older than 72 hours. Please ask for another."))
    return found


def use_invitation(session: Session, invitation: Invitation, *, at: datetime) -> None:
    """Note that an invitation is used, by one of those who use it at once.

    Raises UserError for the others. What follows, the password, is set in the same transaction.
    """
    this = (Invitation.id == invitation.id, Invitation.used_at.is_(None))
    used = update(Invitation).where(*this, Invitation.voided_at.is_(None)).values(used_at=at)
    found = session.execute(used, execution_options={"synchronize_session": False})
    if getattr(found, "rowcount", 0) != 1:
        raise UserError(_("This link was used already. Please sign in, or ask for another."))


def void_invitations(session: Session, account_id: int, *, at: datetime) -> None:
    """Make every invitation of an account void that was not used."""
    open_ones = (Invitation.account_id == account_id, Invitation.used_at.is_(None))
    session.execute(
        update(Invitation)
        .where(*open_ones, Invitation.voided_at.is_(None), Invitation.made_at <= at)
        .values(voided_at=at),
        execution_options={"synchronize_session": "fetch"},
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _district_of(account: Account) -> int | None:
    return account.cadre.organization.district_id if account.cadre else None
