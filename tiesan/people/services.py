"""Writing accounts and roles. The caller commits; every verb adds one entry to the audit trail."""

import re
import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import NAME_LENGTH, Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.administrators import keep_an_administrator
from tiesan.people.folding import folded
from tiesan.people.invitations import void_invitations
from tiesan.people.merges import was_given_up
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.people.notifications import (
    INSTALLATION,
    answering_accounts,
    name_of_account,
    tell,
)
from tiesan.people.passwords import PasswordHash, Renewal
from tiesan.people.sessions import end_rows

ROLE_GRANTED = "role granted"
ROLE_REVOKED = "role revoked"
PASSWORD_SET, NEW_DEVICE = "password set", "new device"
REASON_LENGTH = 500

# Letters of any script, digits and a few signs: a name can be typed and read aloud.
_USERNAME = re.compile(rf"[\w.@+-]{{1,{NAME_LENGTH}}}")


def create_account(
    actor: Actor,
    session: Session,
    *,
    username: str,
    password: PasswordHash | None,
    at: datetime,
    cadre: Cadre | None = None,
) -> Account:
    """Create an account without any role, and return it; without a password it is to be invited.

    Raises UserError for a name that is taken or not allowed, and for a cadre who has an account: a
    person has one.
    """
    if not _USERNAME.fullmatch(username) or len(folded(username)) > NAME_LENGTH:
        text = _("A user name has 1 to %(most)d letters, digits and . @ + - _ signs.")
        raise UserError(text % {"most": NAME_LENGTH})
    if find_account(session, username) is not None:
        raise UserError(_("There is an account named %(name)s already.", name=username))
    if cadre is not None:
        _refuse_second_account(session, cadre)
    account = Account(
        username=username,
        password=password,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        cadre=cadre,
        created_at=at,
    )
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else took the name, or the cadre, since it was asked for above.
        text = _("There is an account named %(name)s already.", name=username)
        raise UserError(text) from error
    details = {"cadre": None if cadre is None else cadre.code}
    record_entry(session, actor, "create account", _subject(account), at=at, details=details)
    return account


def find_account(session: Session, username: str) -> Account | None:
    """The account of a name, if there is one: spelled like this, or else one that looks alike."""
    exact = session.scalars(select(Account).where(Account.username == username)).one_or_none()
    alike = select(Account).where(Account.username_folded == folded(username))
    return exact or session.scalars(alike).one_or_none()


def set_password(
    actor: Actor, session: Session, account: Account, password: PasswordHash, *, at: datetime
) -> None:
    """Give an account a new password; whoever is signed in with the old one is signed out.

    Where somebody else gives it, the person is told.
    """
    account.password = password
    _end_all(session, account, at=at)
    record_entry(session, actor, "set password", _subject(account), at=at)
    if actor.account_id != account.id:
        by = name_of_account(session, actor.account_id) or actor.name
        tell(session, [account.id], PASSWORD_SET, {"by": by}, at=at)


def renew_hash(session: Session, account: Account, renewal: Renewal) -> None:
    """Keep the renewed hash of an account's password, unless another one was set meanwhile.

    The password stays what it is: no session ends, and there is nothing to tell in the trail.
    """
    same = (Account.id == account.id, Account.password == renewal.old)
    session.execute(update(Account).where(*same).values(password=renewal.new))


def set_active(
    actor: Actor,
    session: Session,
    account: Account,
    *,
    active: bool,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Let an account sign in, or keep it from signing in; raises UserError for that without reason.

    Keeping it ends all its sessions for good. The reason is for the audit trail. The last
    administrator of the installation is refused too.
    """
    if account.active == active:
        return
    why = (reason or "").strip()
    if not active and not 1 <= len(why) <= REASON_LENGTH:
        text = _("A reason of at most %(most)d characters must be given.", most=REASON_LENGTH)
        raise UserError(text)
    if not active:
        keep_an_administrator(session, account.id)
    elif was_given_up(session, account.id):
        text = _("This account was given up when two entries of its person were merged: "
                 "the person has another one.")  # fmt: skip
        raise UserError(text)
    account.active = active
    void_invitations(session, account.id, at=at)
    if not active:
        _end_all(session, account, at=at)
    session.flush()
    verb = "activate account" if active else "deactivate account"
    details = {"reason": why} if why else {}
    record_entry(session, actor, verb, _subject(account), at=at, details=details)


def _end_all(session: Session, account: Account, *, at: datetime) -> None:
    """End every session of an account, also one of which no row could be written.

    Links by which its password could be set do not hold any more.
    """
    void_invitations(session, account.id, at=at)
    # Browsers keep this value as well, so that a new one ends them all.
    account.fs_uniquifier = uuid.uuid4().hex
    session.flush()
    end_rows(session, account.id, at=at)


def grant_role(
    actor: Actor,
    session: Session,
    account: Account,
    role: RoleName,
    organization: Organization | None,
    *,
    at: datetime,
) -> Grant:
    """Grant a role in an organization and everything below it; a role that is there stays.

    Without an organization it holds everywhere. The supervisors and the audit committee of the
    place are told. Raises UserError for a role that cannot be granted there (see ``refuse_grant``),
    and for the actor's own account.
    """
    _refuse_own(actor, account)
    refuse_grant(account, role, organization)
    for grant in account.grants:
        if grant.role.name == role and grant.organization is organization:
            return grant
    row = session.scalars(select(Role).where(Role.name == role.value)).one()
    grant = Grant(account=account, role=row, organization=organization)
    session.add(grant)
    session.flush()
    record_entry(
        session, actor, "grant role", _subject(account), at=at, details=_granted(role, organization)
    )
    _tell(actor, session, ROLE_GRANTED, grant, at=at)
    return grant


def refuse_grant(account: Account, role: RoleName, organization: Organization | None) -> None:
    """Raise UserError for a role that makes no sense there.

    Only administrators act everywhere; the audit committee is a district's; the role of a cadre
    needs a cadre behind the account.
    """
    if organization is None and role is not RoleName.ADMINISTRATOR:
        raise UserError(_("Only an administrator can have a role without an organization."))
    in_district = organization is not None and organization.kind == "district"
    if role is RoleName.AUDIT_COMMITTEE and not in_district:
        raise UserError(_("The audit committee is one of a district federation."))
    if role is RoleName.CADRE and account.cadre is None:
        raise UserError(_("The role of a cadre needs an account that stands for a cadre."))


def revoke_role(actor: Actor, session: Session, grant: Grant, *, at: datetime) -> None:
    """Take a granted role away; the supervisors and the audit committee of the place are told.

    Raises UserError for the actor's own account, and for the last administrator of the
    installation.
    """
    account = grant.account
    _refuse_own(actor, account)
    if grant.role.name == RoleName.ADMINISTRATOR and grant.organization_id is None:
        keep_an_administrator(session, account.id)
    # Who is told is settled before, so that whoever loses a role knows.
    _tell(actor, session, ROLE_REVOKED, grant, at=at)
    details = _granted(RoleName(grant.role.name), grant.organization)
    account.grants.remove(grant)
    session.delete(grant)
    session.flush()
    record_entry(session, actor, "revoke role", _subject(account), at=at, details=details)


def _refuse_own(actor: Actor, account: Account) -> None:
    """Nobody changes what they may do themselves; the command line is nobody's account."""
    if actor.account_id == account.id:
        raise UserError(_("Nobody changes their own roles: another administrator does."))


def _tell(actor: Actor, session: Session, verb: str, grant: Grant, *, at: datetime) -> None:
    """Tell who looks after the place, and whom it is about, what became of a role."""
    place = grant.organization
    told = answering_accounts(session, None if place is None else place.id)
    details = {
        "by": name_of_account(session, actor.account_id) or actor.name,
        "who": name_of_account(session, grant.account_id),
        "role": grant.role.name,
        "organization": None if place is None else place.name,
    }
    others = told - {actor.account_id or 0, grant.account_id}
    # What is about others is for who looks after the place, as long as they do.
    about = INSTALLATION if place is None else ("organization", place.id)
    tell(session, others, verb, details, at=at, about=about)
    tell(session, [grant.account_id], verb, details, at=at)


def _refuse_second_account(session: Session, cadre: Cadre) -> None:
    taken = session.scalars(select(Account).where(Account.cadre_id == cadre.id)).first()
    if taken is not None:
        text = _("%(cadre)s has the account %(name)s already.")
        raise UserError(text % {"cadre": cadre.code, "name": taken.username})


def _granted(role: RoleName, organization: Organization | None) -> dict[str, str | None]:
    return {"role": role.value, "organization": None if organization is None else organization.code}


def _subject(account: Account) -> Subject:
    district_id = account.cadre.organization.district_id if account.cadre else None
    return Subject("account", account.id, account.username, district_id)
