"""Writing accounts and roles. The caller commits; every verb adds one entry to the audit trail."""

import re
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import NAME_LENGTH, Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.people.passwords import hash_password

# Letters of any script, digits and a few signs: a name can be typed and read aloud.
_USERNAME = re.compile(rf"[\w.@+-]{{1,{NAME_LENGTH}}}")


def create_account(
    actor: Actor,
    session: Session,
    *,
    username: str,
    password: str,
    at: datetime,
    cadre: Cadre | None = None,
) -> Account:
    """Create an account without any role, and return it.

    Raises UserError for a name that is taken or not allowed, a password that is too short, and a
    cadre who has an account: a person has one.
    """
    if not _USERNAME.fullmatch(username):
        text = _("A user name has 1 to %(most)d letters, digits and . @ + - _ signs.")
        raise UserError(text % {"most": NAME_LENGTH})
    if find_account(session, username) is not None:
        raise UserError(_("There is an account named %(name)s already.", name=username))
    if cadre is not None:
        _refuse_second_account(session, cadre)
    account = Account(
        username=username,
        password=hash_password(password),
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        cadre=cadre,
        created_at=at,
    )
    session.add(account)
    session.flush()
    details = {"cadre": None if cadre is None else cadre.code}
    record_entry(session, actor, "create account", _subject(account), at=at, details=details)
    return account


def find_account(session: Session, username: str) -> Account | None:
    """The account of a name, if there is one."""
    return session.scalars(select(Account).where(Account.username == username)).one_or_none()


def set_password(
    actor: Actor, session: Session, account: Account, password: str, *, at: datetime
) -> None:
    """Give an account a new password; whoever is signed in with the old one is signed out."""
    account.password = hash_password(password)
    # Sessions carry this value, so that a new one ends them all.
    account.fs_uniquifier = uuid.uuid4().hex
    session.flush()
    record_entry(session, actor, "set password", _subject(account), at=at)


def set_active(
    actor: Actor, session: Session, account: Account, *, active: bool, at: datetime
) -> None:
    """Let an account sign in, or keep it from signing in."""
    if account.active == active:
        return
    account.active = active
    session.flush()
    verb = "activate account" if active else "deactivate account"
    record_entry(session, actor, verb, _subject(account), at=at)


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

    Without an organization it holds everywhere. Raises UserError for a role that cannot be granted
    there (see ``refuse_grant``).
    """
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
    """Take a granted role away."""
    account = grant.account
    details = _granted(RoleName(grant.role.name), grant.organization)
    account.grants.remove(grant)
    session.delete(grant)
    session.flush()
    record_entry(session, actor, "revoke role", _subject(account), at=at, details=details)


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
