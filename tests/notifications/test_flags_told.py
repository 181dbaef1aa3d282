"""Flags that are raised and cleared: whom they concern is told once, and of no confidential one."""

from datetime import date

import pytest
from sqlalchemy import delete, select

from tests.flags.conftest import NOW, District, district, engine, session
from tiesan.flags.telling import FLAG_CLEARED, FLAG_RAISED, MAJOR_RAISED, tell_of_flags
from tiesan.people.models import Account, Cadre
from tiesan.people.notifications import Notification

__all__ = ["district", "engine", "session"]
AS_OF = date(2026, 3, 31)
UNAPPROVED = "discipline.expense_unapproved"


@pytest.fixture
def account(district: District) -> Account:
    """The account of the cadre C1."""
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    account = Account(username="c1", fs_uniquifier="c1", cadre=cadre, created_at=NOW)
    district.session.add(account)
    district.session.commit()
    return account


def told(district: District) -> list[tuple[str, str | None, int | None]]:
    """What was told, by kind, with the rule and the row."""
    notes = district.session.scalars(select(Notification).order_by(Notification.id))
    return [(each.kind, each.details.get("rule"), each.row_id) for each in notes]


def test_a_flag_is_told_when_it_is_raised_and_when_a_correction_clears_it(
    district: District, account: Account
) -> None:
    expense = district.expense("X1", 20_000)
    district.evaluate(AS_OF)
    [flag] = [each for each in district.flags() if each.rule == UNAPPROVED]
    kind = MAJOR_RAISED if flag.severity == "major" else FLAG_RAISED
    assert (kind, UNAPPROVED, flag.id) in told(district)
    before = len(told(district))
    assert before == len(district.flags())
    district.evaluate(AS_OF)
    assert len(told(district)) == before
    district.approval("A1", expense)
    district.evaluate(AS_OF)
    assert told(district)[before:] == [(FLAG_CLEARED, UNAPPROVED, flag.id)]


def test_who_cannot_sign_in_or_has_no_account_is_told_nothing(
    district: District, account: Account
) -> None:
    account.active = False
    district.session.commit()
    district.expense("X1", 20_000)
    district.expense("X2", 20_000, cadre="C2")
    district.evaluate(AS_OF)
    assert district.flags()
    assert told(district) == []


def test_confidential_and_waived_flags_are_not_told(district: District, account: Account) -> None:
    for number in range(3):
        district.expense(f"X{number}", 20_000)
    district.evaluate(AS_OF)
    district.session.execute(delete(Notification))
    flags = district.flags()
    secret, waived, major = flags[0].id, flags[1].id, flags[2].id
    flags[0].confidential = True
    flags[1].review = "waived"
    flags[2].severity = "major"
    district.session.flush()
    tell_of_flags(district.session, [secret, waived, major], [secret, waived], NOW)
    assert told(district) == [(MAJOR_RAISED, flags[2].rule, major)]
