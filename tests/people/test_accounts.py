"""Accounts, passwords and roles; what is set here holds in Flask-Security."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security import hash_password as flask_security_hash
from flask_security import verify_password as flask_security_accepts
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, AuditEntry
from tiesan.config import PASSWORD_SETTINGS, read_database_url
from tiesan.database import make_engine
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.people.passwords import hash_password, renewal_of, verify_password
from tiesan.people.services import (
    create_account,
    grant_role,
    renew_hash,
    revoke_role,
    set_active,
    set_password,
)
from tiesan.records.organizations import create_cadre, create_organization

ACTOR = Actor(None, "tester")
AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
SECRET = "correct horse 电池"


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """A session on an empty database."""
    engine = make_engine(read_database_url(sqlite_url))
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def district(session: Session) -> Organization:
    """A district."""
    values = {"code": "Q1", "name": "区", "kind": "district", "founded_on": date(2000, 1, 1)}
    tracked = {"tracked_from": date(2026, 1, 1)}
    return create_organization(ACTOR, session, values | tracked, at=AT)


@pytest.fixture
def cadre(session: Session, district: Organization) -> Cadre:
    """A cadre of the district."""
    values = {"code": "C1", "name": "张三", "organization": district, "professional": True}
    return create_cadre(ACTOR, session, values | {"joined_on": date(2010, 1, 1)}, at=AT)


def account(session: Session, name: str = "zhang", cadre: Cadre | None = None) -> Account:
    """A new account."""
    hashed = hash_password(SECRET)
    return create_account(ACTOR, session, username=name, password=hashed, at=AT, cadre=cadre)


def verbs(session: Session) -> list[str]:
    """What was done to accounts, in order."""
    statement = select(AuditEntry).filter_by(object_kind="account").order_by(AuditEntry.id)
    return [entry.verb for entry in session.scalars(statement)]


def test_the_roles_are_there_from_the_beginning(session: Session) -> None:
    assert {role.name for role in session.scalars(select(Role))} == {
        role.value for role in RoleName
    }


def test_an_account_is_created_without_roles(session: Session, cadre: Cadre) -> None:
    created = account(session, cadre=cadre)
    assert (created.active, created.grants, created.actor.name) == (True, [], "zhang")
    assert created.password is not None
    assert created.password.startswith("$argon2id$")
    assert cadre.account is created
    assert verbs(session) == ["create account"]


@pytest.mark.parametrize("name", ["", "two words", "a" * 81, "tab\t", "<x>"])
def test_names_that_are_none(session: Session, name: str) -> None:
    with pytest.raises(UserError):
        account(session, name)


@pytest.mark.parametrize("name", ["张三", "zhang.san@tiesan", "a", "x-y_z+1"])
def test_names_that_are_some(session: Session, name: str) -> None:
    assert account(session, name).username == name


def test_names_and_cadres_have_one_account(session: Session, cadre: Cadre) -> None:
    account(session, cadre=cadre)
    with pytest.raises(UserError, match="zhang"):
        account(session)
    with pytest.raises(UserError, match="C1"):
        account(session, "other", cadre)


@pytest.mark.parametrize(
    "password", ["", "123456789", "x" * 129, "1234567890", "QwertyUIOP", "woaini1314"]
)
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(UserError):
        hash_password(password)


def test_a_new_password_ends_the_sessions(session: Session) -> None:
    created = account(session)
    before = created.fs_uniquifier, created.password
    set_password(ACTOR, session, created, hash_password("another password"), at=AT)
    assert created.fs_uniquifier != before[0]
    assert created.password != before[1]
    assert verbs(session) == ["create account", "set password"]


@pytest.mark.parametrize(
    ("given", "is_it"),
    [(SECRET, True), (SECRET + "x", False), ("", False), (SECRET.replace("电", "\u96fb"), False)],
)
def test_an_account_knows_its_password(given: str, is_it: bool, session: Session) -> None:
    assert account(session).verify_and_update_password(given) is is_it


def test_a_password_may_be_composed_in_another_way() -> None:
    assert verify_password("caf\u00e9 pass", hash_password("cafe\u0301 pass"))


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_hash_of_another_kind_fits_no_password(stored: str) -> None:
    assert not verify_password("plain", stored)


def test_a_hash_is_renewed_unless_a_new_password_was_set(session: Session) -> None:
    created = account(session)
    sessions, old = created.fs_uniquifier, PasswordHasher(time_cost=3).hash(SECRET)
    created.password = old
    session.flush()
    renewal = renewal_of(SECRET, old)
    assert renewal is not None
    renew_hash(session, created, renewal)
    assert (created.password, created.fs_uniquifier) == (renewal.new, sessions)
    assert created.verify_and_update_password(SECRET)
    assert renewal_of(SECRET, renewal.new) is None
    assert verbs(session) == ["create account"]
    set_password(ACTOR, session, created, another := hash_password("another password"), at=AT)
    renew_hash(session, created, renewal)
    assert created.password == another


def test_an_account_without_a_password_has_none_that_fits(session: Session) -> None:
    created = account(session)
    created.password = None
    assert not created.verify_and_update_password("")


def test_flask_security_accepts_what_is_set_here(sqlite_url: str) -> None:
    app = Flask(__name__)
    app.config.update(PASSWORD_SETTINGS, SECRET_KEY="x" * 32, SQLALCHEMY_DATABASE_URI=sqlite_url)
    db.init_app(app)
    Security(
        app,
        SQLAlchemyUserDatastore(db, cast("Any", Account), cast("Any", Role)),
        register_blueprint=False,
    )
    with app.app_context():
        stored = hash_password(SECRET)
        assert flask_security_accepts(SECRET, stored)
        assert not flask_security_accepts(SECRET + "x", stored)
        # A name of nobody is hashed there: the time that it takes must not tell it.
        made_there = flask_security_hash(SECRET)
        assert made_there.rsplit("$", 2)[0] == stored.rsplit("$", 2)[0]
        assert "$m=19456,t=2,p=1" in stored
        assert stored.startswith("$argon2id$")
        db.engine.dispose()


def test_roles_are_granted_once_and_revoked(session: Session, district: Organization) -> None:
    created = account(session)
    grant = grant_role(ACTOR, session, created, RoleName.SUPERVISOR, district, at=AT)
    assert grant_role(ACTOR, session, created, RoleName.SUPERVISOR, district, at=AT) is grant
    grant_role(ACTOR, session, created, RoleName.ADMINISTRATOR, None, at=AT)
    session.commit()
    assert {each.role.name for each in created.grants} == {"supervisor", "administrator"}
    revoke_role(ACTOR, session, grant, at=AT)
    session.commit()
    assert [each.role.name for each in created.grants] == ["administrator"]
    assert verbs(session)[1:] == ["grant role", "grant role", "revoke role"]
    assert len(session.scalars(select(Grant)).all()) == 1


def test_roles_that_make_no_sense_are_refused(session: Session, district: Organization) -> None:
    created = account(session)
    values = {"code": "F1", "name": "联", "kind": "federation", "founded_on": date(2000, 1, 1)}
    federation = create_organization(ACTOR, session, values | {"parent": district}, at=AT)
    for role, organization in (
        (RoleName.SUPERVISOR, None),
        (RoleName.CADRE, district),
        (RoleName.AUDIT_COMMITTEE, federation),
    ):
        with pytest.raises(UserError):
            grant_role(ACTOR, session, created, role, organization, at=AT)


def test_an_account_is_switched_off_and_on(session: Session) -> None:
    created = account(session)
    for reason in (None, "", "  ", "x" * 501):
        with pytest.raises(UserError):
            set_active(ACTOR, session, created, active=False, at=AT, reason=reason)
    for active in (False, False, True):
        set_active(ACTOR, session, created, active=active, at=AT, reason=" 已离职 ")
    assert verbs(session)[1:] == ["deactivate account", "activate account"]
    assert created.is_active
