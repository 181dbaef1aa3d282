"""Two districts with persons of every role, for tests of who may do what on which row."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense, Leave
from tiesan.audit import Actor
from tiesan.courses.carrying import Attempt, Listener, carry_out, look
from tiesan.courses.values import Course, Done
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.records.services import create_record

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
TESTER = Actor(None, "tester", "web")
ORGANIZATIONS = (
    ("D1", "district", None),
    ("F1", "federation", "D1"),
    ("E1", "enterprise", "F1"),
    ("F2", "federation", "D1"),
    ("D2", "district", None),
    ("F3", "federation", "D2"),
)
# Code, posted to, chairs.
CADRES = (
    ("CZ", "D1", "D1"),
    ("CH", "F1", "F1"),
    ("CE", "E1", "E1"),
    ("A1", "F1", None),
    ("A2", "F1", None),
    ("B1", "E1", None),
    ("A3", "F2", None),
    ("CA", "D1", None),
    ("CX", "F3", "D2"),
)
# User name, cadre, roles with their places; a name that ends in _off cannot sign in.
ACCOUNTS = (
    ("chair_d", "CZ", (("cadre", "D1"),)),
    ("chair", "CH", (("cadre", "F1"),)),
    ("chair_e", "CE", (("cadre", "E1"),)),
    ("cadre", "A1", (("cadre", "F1"),)),
    ("both", "A2", (("cadre", "F1"), ("supervisor", "F1"))),
    ("below", "B1", (("cadre", "E1"),)),
    ("other", "A3", (("cadre", "F2"),)),
    ("committee", "CA", (("audit_committee", "D1"),)),
    ("super", None, (("supervisor", "F1"),)),
    ("super_off", None, (("supervisor", "F1"),)),
    ("district", None, (("supervisor", "D1"),)),
    ("elsewhere", "CX", (("supervisor", "D2"), ("audit_committee", "D2"))),
    ("admin", None, (("administrator", None),)),
    ("nobody", None, ()),
)


@dataclass
class World:
    """What stands in the database, by code or user name."""

    session: Session
    organizations: dict[str, Organization] = field(default_factory=dict)
    cadres: dict[str, Cadre] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """An account as the one who writes."""
        return self.accounts[name].actor

    def leave(self, code: str = "L1", cadre: str = "A1", **changed: Any) -> Leave:
        """A leave from March 10 to 12 that was asked for on March 2, committed."""
        values: dict[str, object] = {
            "code": code,
            "cadre": self.cadres[cadre],
            "kind": "annual",
            "first_day": date(2026, 3, 10),
            "last_day": date(2026, 3, 12),
            "requested_on": MONDAY,
        }
        row = create_record(TESTER, self.session, Leave, values | changed, at=AT)
        self.session.commit()
        return row

    def expense(self, code: str = "E1", cadre: str = "A1", **changed: Any) -> Expense:
        """An expense of 50 yuan that was asked for on March 2, committed."""
        values: dict[str, object] = {
            "code": code,
            "cadre": self.cadres[cadre],
            "payee": "甲店",
            "amount": 50_00,
            "requested_on": MONDAY,
        }
        row = create_record(TESTER, self.session, Expense, values | changed, at=AT)
        self.session.commit()
        return row

    def attempt(
        self,
        who: str,
        form: dict[str, object] | None = None,
        *,
        day: date = MONDAY,
        inner: bool = False,
        listeners: tuple[Listener, ...] = (),
    ) -> Attempt:
        """What somebody wants to do on a day."""
        return Attempt(self.actor(who), day, lambda: AT, form or {}, inner, listeners)

    def seen(self, course: Course, row_id: int, who: str, day: date = MONDAY) -> dict[str, object]:
        """What a form says that somebody who looks now has seen."""
        standing = look(self.session, course, row_id, self.actor(who), day)
        found = standing.seen(course)
        self.session.rollback()
        return {
            "seen_state": found.state,
            "seen_version": found.version,
            "seen_events": str(found.events),
        }

    def does(  # what a step of a story is made of
        self,
        who: str,
        course: Course,
        verb: str,
        row_id: int | None,
        day: date = MONDAY,
        /,
        **form: object,
    ) -> Done:
        """Carry a verb out as somebody who has just looked; commits, or undoes what was refused."""
        try:
            # Who sees nothing sends what another person saw.
            onlooker = "admin" if self.accounts[who].username != "elsewhere" else "elsewhere"
            seen = {} if row_id is None else self.seen(course, row_id, onlooker, day)
            self.session.rollback()
            done = carry_out(
                self.session, course, verb, row_id, self.attempt(who, seen | form, day=day)
            )
            self.session.commit()
        finally:
            # After a commit there is nothing to undo.
            self.session.rollback()
        return done


def fill(session: Session) -> World:
    """Write everything and commit."""
    world = World(session)
    for code, kind, parent in ORGANIZATIONS:
        values = {
            "code": code,
            "name": code,
            "kind": kind,
            "parent": world.organizations.get(parent or ""),
            "founded_on": date(2000, 1, 1),
            "tracked_from": None if parent else date(2026, 1, 1),
        }
        world.organizations[code] = create_organization(TESTER, session, values, at=AT)
    for code, place, chairs in CADRES:
        of_cadre = {
            "code": code,
            "name": code,
            "organization": world.organizations[place],
            "professional": True,
            "joined_on": date(2010, 1, 1),
        }
        world.cadres[code] = create_cadre(TESTER, session, of_cadre, at=AT)
        if chairs is not None:
            world.organizations[chairs].chair = world.cadres[code]
    for name, cadre, roles in ACCOUNTS:
        world.accounts[name] = add_account(world, name, cadre, roles)
    session.commit()
    return world


def found(session: Session) -> World:
    """What was filled in before, read by a session; its transaction is over."""
    world = World(
        session,
        {row.code: row for row in session.scalars(select(Organization))},
        {row.code: row for row in session.scalars(select(Cadre))},
        {row.username: row for row in session.scalars(select(Account))},
    )
    session.commit()
    return world


def add_account(
    world: World, name: str, cadre: str | None, roles: tuple[tuple[str, str | None], ...]
) -> Account:
    """Store an account with its roles."""
    account = Account(
        username=name,
        active=not name.endswith("_off"),
        fs_uniquifier=name,
        cadre=world.cadres[cadre] if cadre else None,
        created_at=AT,
    )
    world.session.add(account)
    for role, place in roles:
        row = world.session.scalars(select(Role).where(Role.name == RoleName(role).value)).one()
        where = world.organizations[place] if place else None
        account.grants.append(Grant(role=row, organization=where))
    world.session.flush()
    return account
