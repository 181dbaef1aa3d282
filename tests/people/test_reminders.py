"""Reminders: once a day each, told by a line, in the trail."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, AuditEntry
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.errors import UserError
from tiesan.people.models import Account
from tiesan.people.notifications import Notification
from tiesan.people.reminders import REMINDED, Due, OwedThing, Reminder, remind, reminded_on
from tiesan.testing.world import AT, World

DAY = AT.date()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database of each kind."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def world(filled_database: World) -> World:
    """The small world, in the database of the test."""
    return filled_database


@pytest.fixture
def actor(world: World) -> Actor:
    """The supervisor of the district."""
    return Actor(world.accounts["district"], "district")


def due_of(world: World, kind: str = "cadre", key: str = "2026-03") -> Due:
    """A log that the cadre owes, or a session that the organization owes."""
    if kind == "cadre":
        thing = OwedThing("discipline.log_missing", "cadre", world.cadres["CO"], key)
        return Due(thing, date(2026, 4, 1), (world.cadres["CO"],))
    thing = OwedThing("study.session_missed", "organization", world.organizations["F1"], key)
    return Due(thing, date(2026, 4, 1), (world.cadres["CH"],))


def test_a_reminder_leaves_a_line_and_an_entry(
    session: Session, world: World, actor: Actor
) -> None:
    remind(actor, session, due_of(world, "organization"), day=DAY, at=AT)
    line = session.scalars(select(Notification).where(Notification.kind == REMINDED)).one()
    assert line.account_id == world.accounts["chair"]
    assert line.details == {
        "rule": "study.session_missed",
        "key": "2026-03",
        "due_on": "2026-04-01",
        "by": "潘培",
        "organization": "东城联合会",
    }
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "remind")).one()
    assert (entry.actor_id, entry.object_kind, entry.object_code) == (
        world.accounts["district"],
        "organization",
        "F1",
    )
    assert entry.district_id == world.organizations["D1"]


def test_of_one_thing_somebody_is_reminded_once_a_day(
    session: Session, world: World, actor: Actor
) -> None:
    due = due_of(world)
    remind(actor, session, due, day=DAY, at=AT)
    with pytest.raises(UserError):
        remind(Actor(world.accounts["committee"], "committee"), session, due, day=DAY, at=AT)
    remind(actor, session, due_of(world, key="2026-04"), day=DAY, at=AT)
    remind(actor, session, due, day=DAY + timedelta(days=1), at=AT)
    assert len(session.scalars(select(Reminder)).all()) == 3
    assert reminded_on(session, DAY + timedelta(days=1), [due.thing.subject_id]) == {due.thing}
    assert reminded_on(session, DAY, []) == set()


def test_who_cannot_sign_in_is_not_reminded(session: Session, world: World, actor: Actor) -> None:
    session.get_one(Account, world.accounts["cadre"]).active = False
    session.flush()
    with pytest.raises(UserError):
        remind(actor, session, due_of(world), day=DAY, at=AT)
    assert session.scalars(select(Reminder)).all() == []
