"""Chairs are told of an issued bulletin; who issued it, that not everybody has signed for it."""

from datetime import date

import pytest
from sqlalchemy import delete, select

from tests.bulletins.desk import Desk
from tests.reviews.conftest import Clock
from tests.reviews.world import World, at
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.notifications.due.bulletins import due_bulletins
from tiesan.people.models import Account
from tiesan.people.notifications import Notification
from tiesan.words.due_notifications import BULLETIN_ISSUED, BULLETIN_UNSIGNED


@pytest.fixture
def desk(world: World, clock: Clock) -> Desk:
    return Desk(world, clock)


# A Monday; the calendar of the year has nothing in this week.
MONDAY = date(2026, 3, 9)


def told(desk: Desk, kind: str) -> dict[str, list[str]]:
    """Who was told so, with the numbers that they were told."""
    session = desk.world.session
    session.rollback()
    statement = (
        select(Account.username, Notification.details)
        .join(Account, Account.id == Notification.account_id)
        .where(Notification.kind == kind)
    )
    found: dict[str, list[str]] = {}
    for name, details in session.execute(statement):
        found.setdefault(name, []).append(details["code"])
    session.rollback()
    return found


def test_each_chair_is_told_once_and_who_signs_is_not(desk: Desk) -> None:
    desk.world.session.execute(delete(Notification))
    desk.world.session.commit()
    issued = desk.issued()
    found = told(desk, BULLETIN_ISSUED)
    reference = desk.row(issued).reference
    assert found
    assert "chair_d" not in found
    assert "chair1" in found
    assert all(codes == [reference] for codes in found.values())


def test_who_issued_it_is_told_after_three_working_days_until_all_have_signed(desk: Desk) -> None:
    desk.clock.moment = at(MONDAY)
    issued = desk.issued()
    session, calendar = desk.world.session, WorkingCalendar()
    session.rollback()
    district = desk.world.organizations["D1"]
    signer = session.scalars(select(Account.id).where(Account.username == "chair_d")).one()

    def due(day: date) -> list[tuple[int, str, int]]:
        return [
            (each.account_id, each.kind, each.about[1])
            for each in due_bulletins(session, district, day, calendar)
            if each.about is not None and each.about[1] == issued
        ]

    # Tuesday, Wednesday and Thursday are the three working days.
    assert due(date(2026, 3, 12)) == []
    assert due(date(2026, 3, 13)) == [(signer, BULLETIN_UNSIGNED, issued)]
    for receipt in desk.row(issued).receipts:
        receipt.received_on = MONDAY
    session.flush()
    assert due(date(2026, 3, 13)) == []
    session.rollback()
