"""Addresses of persons: each counts only when a code that was sent there has come back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sending.conftest import House
from tiesan.audit import Actor, AuditEntry
from tiesan.errors import UserError
from tiesan.notifications.sending.addresses import (
    CODE_HOLDS,
    confirm_address,
    enter_address,
    reachable,
    remove_address,
)
from tiesan.notifications.sending.models import MOST_TRIES, Sending, State, Way, WayAddress

KEY = "anotherdevice0815"


class Owner:
    """The administrator of the house, who has no address yet, about their own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.actor = Actor(house.ids["admin"], "admin")

    def enter(self, given: str = KEY) -> None:
        with Session(self.house.database) as session:
            way = session.get_one(Way, self.house.ids["bark"])
            enter_address(self.actor, session, way, given, self.house.seal, at=self.house.now)
            session.commit()
        self.house.work()

    def code(self) -> str:
        """The code that came last."""
        words = json.loads(self.house.robots.sent()[-1])["title"]
        return "".join(each for each in words if each.isdigit())

    def confirm(self, code: str) -> bool:
        with Session(self.house.database) as session:
            right = confirm_address(
                self.actor, session, self._own(session), code, self.house.seal, at=self.house.now
            )
            session.commit()
            return right

    def remove(self) -> None:
        with Session(self.house.database) as session:
            remove_address(self.actor, session, self._own(session), at=self.house.now)
            session.commit()

    def is_reached(self) -> bool:
        return bool(self.house.told("admin"))

    def _own(self, session: Session) -> WayAddress:
        owned = WayAddress.account_id == self.house.ids["admin"]
        return session.scalars(select(WayAddress).where(owned)).one()


@pytest.fixture
def owner(house: House) -> Owner:
    return Owner(house)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_code_that_came_confirms_an_address(owner: Owner) -> None:
    owner.enter()
    assert not owner.is_reached()
    code = owner.code()
    assert len(code) == 6
    assert owner.confirm(f" {code[:3]} {code[3:]} ")
    assert owner.is_reached()
    with Session(owner.house.database) as session:
        [entered, confirmed] = session.scalars(
            select(AuditEntry).where(AuditEntry.object_kind == "way_address")
        )
        assert (entered.verb, confirmed.verb) == ("enter address", "confirm address")
        assert KEY not in repr([entered.details, entered.object_code])


def test_five_wrong_codes_end_it(owner: Owner) -> None:
    owner.enter()
    code = owner.code()
    for _try in range(MOST_TRIES):
        assert not owner.confirm(wrong(code))
    with pytest.raises(UserError):
        owner.confirm(code)
    assert not owner.is_reached()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_a_code_holds_for_a_quarter_of_an_hour(owner: Owner, late: timedelta) -> None:
    owner.enter()
    owner.house.now += CODE_HOLDS + late
    with pytest.raises(UserError):
        owner.confirm(owner.code())


def test_a_code_counts_once(owner: Owner) -> None:
    owner.enter()
    code = owner.code()
    assert owner.confirm(code)
    with pytest.raises(UserError):
        owner.confirm(code)


def test_codes_are_asked_for_once_a_minute_and_five_times_an_hour(owner: Owner) -> None:
    owner.enter()
    with pytest.raises(UserError, match="一分钟"):
        owner.enter()
    for _each in range(4):
        owner.house.later(minutes=1)
        owner.enter()
    owner.house.later(minutes=1)
    with pytest.raises(UserError, match="一小时"):
        owner.enter()
    owner.house.later(hours=1)
    owner.enter()
    assert owner.confirm(owner.code())


def test_another_address_is_to_be_confirmed_anew(owner: Owner) -> None:
    owner.enter()
    first = owner.code()
    owner.confirm(first)
    assert owner.is_reached()
    owner.house.later(minutes=2)
    owner.enter(f"{KEY}2")
    # What waited for the one before is not sent to the new one.
    states = [(each.purpose, each.state) for each in owner.house.rows()]
    assert ("notifications", State.DROPPED) in states
    assert not owner.is_reached()
    if first != owner.code():
        assert not owner.confirm(first)


def test_what_is_taken_away_is_gone(owner: Owner) -> None:
    owner.enter()
    owner.confirm(owner.code())
    assert owner.is_reached()
    owner.remove()
    assert not owner.is_reached()
    assert owner.house.work() == {}
    with Session(owner.house.database) as session:
        [found] = [
            each.address for each in reachable(session, owner.house.ids["admin"], owner.house.seal)
        ]
        assert found is not None
        assert (found.sealed, found.masked, found.confirmed_at) == (None, None, None)


@pytest.mark.parametrize("given", ["", "short", "a b" * 10, "键" * 20, "x" * 101, "../../../../x"])
def test_what_can_be_no_address_is_refused(owner: Owner, given: str) -> None:
    with pytest.raises(UserError) as refused:
        owner.enter(given)
    assert not given or given not in str(refused.value)
    assert owner.house.rows() == []


def test_nothing_secret_is_in_the_database(owner: Owner, database_url: str) -> None:
    owner.enter()
    code = owner.code()
    with Session(owner.house.database) as session:
        tables = (Way, WayAddress, Sending, AuditEntry)
        every = [
            {column.name: getattr(row, column.key) for column in model.__table__.columns}
            for model in tables
            for row in session.scalars(select(model))
        ]
    assert KEY not in repr(every)
    assert code not in repr(every)
    owner.confirm(code)
    if database_url.startswith("sqlite"):
        # What SQLite has written beside the file counts as well.
        folder = owner.house.database.url.database
        assert folder is not None
        for suffix in ("", "-wal"):
            with open(f"{folder}{suffix}", "rb") as file:  # noqa: PTH123 - a suffix, no path
                assert KEY.encode() not in file.read()
