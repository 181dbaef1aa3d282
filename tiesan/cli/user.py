"""`tiesan user`: accounts, their roles and their passwords."""

import sys

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import COMMAND_LINE
from tiesan.cli.stored import stored_session
from tiesan.clock import now
from tiesan.config import ADDRESS, public_address
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.people.codes import stop_codes
from tiesan.people.invitations import invite
from tiesan.people.merges import known_code
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, find_account, grant_role, set_password
from tiesan.records.text import unstorable

_PASSWORD = click.option(
    "--password-stdin", is_flag=True, help=_l("Read the password from standard input.")
)


@click.group(help=_l("Accounts of the web application."))
def command() -> None:
    """Group the commands on accounts."""


@command.command("create", help=_l("Create an account with a role."))
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in RoleName]),
    required=True,
    help=_l("What the account may do."),
)
@click.option(
    "--organization",
    metavar="CODE",
    help=_l("Where the role holds, and below; without it everywhere (administrators only)."),
)
@click.option("--cadre", metavar="CODE", help=_l("The cadre that the account stands for."))
@_PASSWORD
def create(
    name: str, role: str, organization: str | None, cadre: str | None, *, password_stdin: bool
) -> None:
    """Create an account, all or nothing."""
    with stored_session() as session:
        place = None if organization is None else _organization(session, organization)
        person = None if cadre is None else _cadre(session, cadre)
        names = (name,) if person is None else (name, person.name)
        password = hash_password(_password(from_stdin=password_stdin), names)
        begin_storing(session)
        at = now()
        account = create_account(
            COMMAND_LINE, session, username=name, password=password, at=at, cadre=person
        )
        grant_role(COMMAND_LINE, session, account, RoleName(role), place, at=at)
        session.commit()
    click.echo(_("Created: %(name)s", name=name))


@command.command("set-password", help=_l("Give an account a new password."))
@click.argument("name")
@_PASSWORD
def change_password(name: str, *, password_stdin: bool) -> None:
    """Set a password and end the account's sessions."""
    with stored_session() as session:
        account = _account(session, name)
        password = hash_password(_password(from_stdin=password_stdin), account.own_names)
        begin_storing(session)
        set_password(COMMAND_LINE, session, account, password, at=now())
        session.commit()
    click.echo(_("The password of %(name)s was changed.", name=name))


@command.command("invite", help=_l("Make a link by which a person sets their password."))
@click.argument("name")
def make_link(name: str) -> None:
    """Print a link that holds for 72 hours and once; earlier ones of the account are void."""
    site = public_address()
    with stored_session() as session:
        account = _account(session, name)
        begin_storing(session)
        token = invite(COMMAND_LINE, session, account, at=now())
        session.commit()
    click.echo(f"{site or ''}/invitation/{token}")
    if site is None:
        text = _("Put the address of the site before it, or set %(variable)s.", variable=ADDRESS)
        click.echo(text, err=True)


@command.command("stop-codes", help=_l("Have no one-time codes of an account asked for."))
@click.argument("name")
def take_codes_off(name: str) -> None:
    """Take the one-time codes off an account whose phone is lost; the person is told."""
    with stored_session() as session:
        account = _account(session, name)
        begin_storing(session)
        stop_codes(COMMAND_LINE, session, account, at=now())
        session.commit()
    click.echo(_("No one-time codes of %(name)s are asked for any more.", name=name))


@command.command("list", help=_l("List the accounts with their roles."))
def list_accounts() -> None:
    """Print one line per account: name, active or not, cadre, roles with their organizations."""
    with stored_session() as session:
        for account in session.scalars(select(Account).order_by(Account.username)):
            click.echo("\t".join(_columns(account)))


def _columns(account: Account) -> list[str]:
    grants = sorted(
        f"{grant.role.name}@{grant.organization.code if grant.organization else '*'}"
        for grant in account.grants
    )
    return [
        account.username,
        _("active") if account.active else _("inactive"),
        account.cadre.code if account.cadre else "-",
        ", ".join(grants),
    ]


def _account(session: Session, name: str) -> Account:
    account = None if unstorable(name) else find_account(session, name)
    if account is None:
        raise UserError(_("There is no account named %(name)s.", name=name))
    return account


def _organization(session: Session, code: str) -> Organization:
    statement = select(Organization).where(Organization.code == code)
    found = None if unstorable(code) else session.scalars(statement).one_or_none()
    if found is None:
        raise UserError(_("There is no organization with the code %(code)s.", code=code))
    return found


def _cadre(session: Session, code: str) -> Cadre:
    found = None
    if not unstorable(code):
        known = known_code(session, code)
        found = session.scalars(select(Cadre).where(Cadre.code == known)).one_or_none()
    if found is None:
        raise UserError(_("There is no cadre with the code %(code)s.", code=code))
    return found


def _password(*, from_stdin: bool) -> str:
    """The password: the first line of standard input, or what a person types twice.

    Bytes that are no text are refused, and so are control characters: nobody could type them into
    the sign-in page.
    """
    if from_stdin:
        line = sys.stdin.buffer.readline().rstrip(b"\r\n")
        try:
            password = line.decode()
        except UnicodeDecodeError as error:
            raise UserError(_("this is no valid UTF-8 text")) from error
        if (odd := unstorable(password)) is not None:
            raise UserError(_("The character %(character)s cannot be stored.", character=odd))
        return password
    prompted: str = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
    return prompted
