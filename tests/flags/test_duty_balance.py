"""What is kept of duties: only what differs is written, and what is unknown stays.

That the counts are right is held against the reference in ``tests/oracle``.
"""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.flags.conftest import District
from tiesan.flags.duty_balance import DutyBalance, keep_balance
from tiesan.people.models import Organization
from tiesan.rules import DutyPeriod

MARCH = (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30), date(2026, 4, 30))
MISSED, LATE = "study.session_missed", "research.info_missed"


def of(rule: str, days: tuple[date, date, date], place: str = "F1") -> DutyPeriod:
    """A period of a duty of the federation itself."""
    return DutyPeriod(rule, "organization", place, *days)


def kept(session: Session) -> dict[tuple[str, date], tuple[int, int, int]]:
    """What is kept, with its id, by rule and first day."""
    session.expire_all()
    return {
        (row.rule, row.first_day): (row.id, row.owed, row.done)
        for row in session.scalars(select(DutyBalance))
    }


def district_id(session: Session) -> int:
    """The id of the one district."""
    return session.scalars(select(Organization.id).where(Organization.code == "D1")).one()


def test_only_what_differs_is_written(district: District) -> None:
    session = district.session
    place = district_id(session)
    keep_balance(session, place, {of(MISSED, MARCH): (1, 0), of(LATE, MARCH): (5, 4)}, ())
    before = kept(session)
    keep_balance(session, place, {of(MISSED, MARCH): (1, 1), of(LATE, APRIL): (6, 6)}, ())
    after = kept(session)
    assert after.keys() == {(MISSED, MARCH[0]), (LATE, APRIL[0])}
    row_id = before[MISSED, MARCH[0]][0]
    assert after[MISSED, MARCH[0]] == (row_id, 1, 1)
    assert after[LATE, APRIL[0]][1:] == (6, 6)


def test_of_a_rule_that_could_not_be_evaluated_what_is_kept_stays(district: District) -> None:
    session = district.session
    place = district_id(session)
    keep_balance(session, place, {of(MISSED, MARCH): (1, 0), of(LATE, MARCH): (5, 4)}, ())
    before = kept(session)
    keep_balance(session, place, {of(LATE, MARCH): (9, 9)}, (MISSED, LATE))
    assert kept(session) == before
    keep_balance(session, place, {}, (MISSED,))
    assert kept(session).keys() == {(MISSED, MARCH[0])}


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"owed": 0, "done": 0}, "owed_by_somebody"),
        ({"done": 2}, "done_of_owed"),
        ({"done": -1}, "done_of_owed"),
        ({"owner_kind": "district"}, "owner_kind_choice"),
        ({"last_day": date(2026, 2, 28)}, "last_day_not_before_first"),
    ],
)
def test_the_database_holds_what_a_balance_is(
    district: District, wrong: dict[str, object], constraint: str
) -> None:
    session = district.session
    place = district_id(session)
    sound: dict[str, object] = {
        "district_id": place,
        "organization_id": place,
        "rule": MISSED,
        "owner_kind": "organization",
        "first_day": MARCH[0],
        "last_day": MARCH[1],
        "due_on": MARCH[2],
        "owed": 1,
        "done": 1,
    }
    session.add(DutyBalance(**(sound | wrong)))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
