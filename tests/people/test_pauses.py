"""Pauses after wrong passwords: how long, for whom, and for whom not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import AuditEntry
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.people.models import Account
from tiesan.people.pauses import (
    Door,
    SignInAttempt,
    Unwritten,
    door_of,
    forget_of_nobody,
    note_attempt,
    note_right,
    note_wrong,
    paused_until,
)

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
OWNER = door_of(None, "owner", HOME)
THIEF = Door(OWNER.who, ELSEWHERE)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database of each kind."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        yield session
    engine.dispose()


def wrong(session: Session, door: Door, at: datetime) -> None:
    note_attempt(session, door, at=at)
    note_wrong(session, door, None, now=at)


def right(session: Session, door: Door, at: datetime) -> int:
    return note_right(session, door, note_attempt(session, door, at=at))


def test_pauses_grow(session: Session) -> None:
    at, pauses = AT, []
    for _number in range(11):
        wrong(session, OWNER, at)
        until = paused_until(session, OWNER, at)
        pauses.append(0 if until is None else (until - at) // timedelta(minutes=1))
        at = until or at
    assert pauses == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    verbs = session.scalars(select(AuditEntry.verb)).all()
    assert verbs == ["pause sign-in"] * 7


def test_the_owner_elsewhere_is_not_locked_out(session: Session) -> None:
    for _number in range(9):
        wrong(session, THIEF, AT)
    assert paused_until(session, THIEF, AT) == AT + timedelta(minutes=15)
    assert paused_until(session, OWNER, AT) is None
    assert right(session, OWNER, AT + timedelta(minutes=1)) == 9
    assert right(session, OWNER, AT + timedelta(minutes=2)) == 0


def test_fifty_a_day_pause_an_account_but_where_it_came_in_before(session: Session) -> None:
    right(session, OWNER, AT - timedelta(days=90))
    for number in range(50):
        wrong(session, Door(OWNER.who, f"203.0.113.{number}"), AT)
    assert paused_until(session, Door(OWNER.who, "192.0.2.99"), AT) == AT + timedelta(minutes=15)
    assert paused_until(session, OWNER, AT) is None
    assert paused_until(session, door_of(None, "another", HOME), AT) is None


def test_thirty_an_hour_pause_an_address_but_for_who_came_in_from_it(session: Session) -> None:
    right(session, OWNER, AT - timedelta(days=90))
    for number in range(30):
        wrong(session, door_of(None, f"name {number}", HOME), AT)
    assert paused_until(session, door_of(None, "new", HOME), AT) == AT + timedelta(minutes=15)
    assert paused_until(session, OWNER, AT) is None
    later = AT + timedelta(minutes=61)
    assert paused_until(session, door_of(None, "new", HOME), later) is None


def test_a_right_password_ends_the_count(session: Session) -> None:
    for number in range(4):
        wrong(session, OWNER, AT + timedelta(seconds=number))
    assert right(session, OWNER, AT + timedelta(seconds=10)) == 4
    wrong(session, OWNER, AT + timedelta(seconds=20))
    assert paused_until(session, OWNER, AT + timedelta(seconds=20)) is None


def test_what_was_typed_is_not_kept(session: Session) -> None:
    door = door_of(None, "my password by mistake", HOME)
    assert "password" not in door.who
    assert door_of(None, "MY PASSWORD by mistake", HOME) == door


def kept(session: Session) -> list[tuple[str, str, bool]]:
    """What is there of attempts: whose, from where, and whether it was right."""
    attempts = session.scalars(select(SignInAttempt).order_by(SignInAttempt.id))
    names = {owner(session).who: "owner", owner(session, "away").who: "away"}
    return [(names.get(each.who, "nobody"), each.address, each.right) for each in attempts]


def owner(session: Session, name: str = "owner", address: str = HOME) -> Door:
    """The door of somebody who has an account."""
    account = session.scalars(select(Account).filter_by(username=name)).one_or_none()
    if account is None:
        account = Account(username=name, password="x", fs_uniquifier=name, created_at=AT)
        session.add(account)
        session.flush()
    return door_of(account, name, address)


def test_what_no_longer_counts_is_removed(session: Session) -> None:
    """An attempt counts for a day, until its person was told, and as long as it opens a door."""
    day = timedelta(days=1)
    for at in (AT - 9 * day, AT - 2 * day):
        right(session, owner(session), at)
    wrong(session, owner(session, address=ELSEWHERE), AT - day / 2)
    for name in ("owner", "away"):
        for at in (AT - 3 * day, AT - day / 2):
            wrong(session, owner(session, name), at)
    for number, at in enumerate((AT - 2 * day, AT - day / 2)):
        wrong(session, door_of(None, f"nobody {number}", ELSEWHERE), at)
    assert right(session, owner(session), AT) == 2
    forget_of_nobody(session, AT - day)
    assert kept(session) == [
        ("owner", ELSEWHERE, False),
        ("owner", HOME, False),
        ("away", HOME, False),
        ("away", HOME, False),
        ("nobody", ELSEWHERE, False),
        ("owner", HOME, True),
    ]
    # Who was away is told of all of them, however long ago they were.
    assert right(session, owner(session, "away"), AT + day) == 2
    forget_of_nobody(session, AT)
    assert kept(session) == [
        ("owner", ELSEWHERE, False),
        ("owner", HOME, False),
        ("owner", HOME, True),
        ("away", HOME, True),
    ]


def test_very_many_on_names_of_nobody_are_removed_at_once(session: Session) -> None:
    for number in range(700):
        note_attempt(session, door_of(None, f"name {number}", HOME), at=AT - timedelta(days=2))
    # Now and then somebody who comes in sees to it.
    for _time in range(20):
        right(session, owner(session, address=ELSEWHERE), AT)
    assert kept(session) == [("owner", ELSEWHERE, True)]


def test_what_is_not_written_counts_as_well(session: Session) -> None:
    also, minute = Unwritten(), timedelta(minutes=1)
    for number in range(3):
        wrong(session, OWNER, AT + number * minute)
    for number in (3, 4):
        assert paused_until(session, OWNER, AT + number * minute, also) is None
        also.add(OWNER, AT + number * minute)
    assert paused_until(session, OWNER, AT + 4 * minute, also) == AT + 5 * minute
    assert paused_until(session, THIEF, AT + 4 * minute, also) is None
    also.forget(OWNER)
    assert paused_until(session, OWNER, AT + 4 * minute, also) is None
    # Of another account from the same address, and of the same from others, they count together.
    for number in range(30):
        also.add(door_of(None, f"name {number}", HOME), AT)
    assert paused_until(session, door_of(None, "new", HOME), AT, also) == AT + 17 * minute
