"""An expense on its way, and who has to approve it: threshold, parts of a split, the committee."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugins.discipline.courses import EXPENSE
from plugins.discipline.models import ExpenseApproval
from plugins.discipline.splits import SHIPPED_THRESHOLD, SPLIT_RULE, UNAPPROVED_RULE
from tests.courses.world import AT, MONDAY, TESTER, World
from tiesan.courses.carrying import look
from tiesan.courses.errors import CourseError, Refused, Wrong
from tiesan.courses.queue import queue
from tiesan.flags.catalog import installed_catalog
from tiesan.records.services import create_record
from tiesan.records.settings import RuleParameterValue

TUESDAY = MONDAY + timedelta(days=1)
SPENT = {"spent_on": MONDAY.isoformat()}


def approval(world: World, row: object, **changed: object) -> None:
    """Store the committee's approval of an expense."""
    values: dict[str, object] = {
        "code": "P1",
        "expense": row,
        "body": "audit_committee",
        "approver": world.cadres["CA"],
        "decision": "approved",
        "decided_on": MONDAY,
    }
    create_record(TESTER, world.session, ExpenseApproval, values | changed, at=AT)
    world.session.commit()


def waiting(world: World, who: str, day: date = MONDAY) -> list[tuple[int, str]]:
    """What waits for somebody, and why."""
    found = queue(world.session, EXPENSE, world.accounts[who].id, day, 50)
    world.session.rollback()
    return [(each.id, each.why.why) for each in found]


def test_the_threshold_is_the_one_that_the_rules_ship() -> None:
    for rule in (UNAPPROVED_RULE, SPLIT_RULE):
        parameter = installed_catalog().rules[rule].parameters["threshold"]
        assert parameter.values[0][1] == SHIPPED_THRESHOLD


def test_a_small_one_is_asked_for_approved_spent_and_reimbursed(world: World) -> None:
    asked = world.does("cadre", EXPENSE, "request", None, payee="甲店", item="纸", amount="50.00")
    row_id = asked.row.id
    assert (asked.state, asked.row.amount, asked.row.payee_folded) == ("requested", 5000, "甲店")
    assert world.does("chair", EXPENSE, "approve", row_id).state == "approved"
    decided = world.session.scalars(select(ExpenseApproval)).one()
    assert (decided.body, decided.approver and decided.approver.code, decided.amount) == (
        "chair", "CH", 5000,
    )  # fmt: skip
    spent = world.does("cadre", EXPENSE, "spend", row_id, amount="45.5", **SPENT)
    assert (spent.state, spent.row.spent_on, spent.row.amount) == ("spent", MONDAY, 4550)
    with pytest.raises(Wrong) as missing:
        world.does("super", EXPENSE, "reimburse", row_id)
    assert missing.value.field == "text"
    done = world.does("super", EXPENSE, "reimburse", row_id, receipt="1")
    assert (done.state, done.row.receipt, done.row.reimbursed_on) == ("reimbursed", True, MONDAY)


@pytest.mark.parametrize(
    ("who", "amount", "allowed"),
    [
        ("chair", 199_99, True),
        ("chair", 200_00, False),
        ("super", 200_00, False),
        ("committee", 200_00, True),
        ("committee", 199_99, True),
        ("cadre", 50_00, False),
        ("elsewhere", 200_00, False),
        ("admin", 50_00, False),
    ],
)
def test_from_the_threshold_on_the_committee_decides(
    who: str, amount: int, *, allowed: bool, lite: World
) -> None:
    row_id = lite.expense(amount=amount).id
    if allowed:
        assert lite.does(who, EXPENSE, "approve", row_id).state == "approved"
        return
    with pytest.raises(CourseError):
        lite.does(who, EXPENSE, "approve", row_id)


def test_the_threshold_is_that_of_the_day(world: World) -> None:
    value = RuleParameterValue(
        rule=UNAPPROVED_RULE, name="threshold", valid_from=TUESDAY, value="99.99"
    )
    world.session.add(value)
    world.session.commit()
    row_id = world.expense(amount=99_99).id
    with pytest.raises(Refused):
        world.does("chair", EXPENSE, "approve", row_id, TUESDAY)
    assert world.does("chair", EXPENSE, "approve", row_id, MONDAY).state == "approved"


def test_parts_of_a_split_are_the_committee_s(world: World) -> None:
    """The public case: 150 and 150 to one payee on one day."""
    first = world.expense("E1", amount=150_00).id
    assert (first, "decide") in waiting(world, "chair")
    second = world.expense("E2", amount=150_00, payee="甲 店").id
    world.expense("E3", amount=150_00, payee="乙店")
    world.expense("E4", amount=150_00, requested_on=TUESDAY)
    for row_id in (first, second):
        with pytest.raises(Refused):
            world.does("chair", EXPENSE, "approve", row_id)
        assert (row_id, "decide") not in waiting(world, "chair")
        assert (row_id, "decide_as_committee") in waiting(world, "committee")
    assert world.does("committee", EXPENSE, "approve", first).state == "approved"
    # What the committee approved is no part of it any more.
    assert world.does("chair", EXPENSE, "approve", second).state == "approved"


def test_reimbursing_what_completes_a_split_is_refused_with_the_clause(world: World) -> None:
    spent: dict[str, Any] = {"amount": 150_00, "spent_on": MONDAY}
    first, second = world.expense("E1", **spent).id, world.expense("E2", **spent).id
    assert world.does("super", EXPENSE, "reimburse", first, receipt="1").state == "reimbursed"
    with pytest.raises(Refused) as refused:
        world.does("super", EXPENSE, "reimburse", second, receipt="1")
    assert "300.00" in refused.value.sentence
    assert refused.value.clause
    world.does("committee", EXPENSE, "approve", second)
    assert world.does("super", EXPENSE, "reimburse", second, receipt="1").state == "reimbursed"


@pytest.mark.parametrize(
    ("amount", "limit", "allowed"),
    [(199_99, None, True), (200_00, "none", True), (200_00, None, False), (300_00, 299_99, False),
     (300_00, 300_00, True)],
)  # fmt: skip
def test_large_ones_are_reimbursed_with_the_committee_s_approval_of_all_of_it(
    amount: int, limit: int | str | None, *, allowed: bool, lite: World
) -> None:
    row = lite.expense(amount=amount, spent_on=MONDAY)
    if limit is not None:
        approval(lite, row, amount=None if limit == "none" else limit)
    if allowed:
        assert lite.does("super", EXPENSE, "reimburse", row.id, receipt="1").state == "reimbursed"
        return
    assert (row.id, "decide_as_committee") in waiting(lite, "committee")
    with pytest.raises(Refused) as refused:
        lite.does("super", EXPENSE, "reimburse", row.id, receipt="1")
    assert refused.value.clause


def test_paid_more_than_approved_it_waits_again(lite: World) -> None:
    row_id = lite.expense(amount=150_00).id
    lite.does("chair", EXPENSE, "approve", row_id)
    lite.does("cadre", EXPENSE, "spend", row_id, amount="210", **SPENT)
    assert waiting(lite, "committee") == [(row_id, "decide_as_committee")]
    assert waiting(lite, "super") == []
    assert lite.does("committee", EXPENSE, "approve", row_id).state == "spent"
    assert waiting(lite, "committee") == []
    assert waiting(lite, "super") == [(row_id, "reimburse")]


def test_once_rejected_only_the_committee_goes_on_and_only_with_what_was_spent(lite: World) -> None:
    asked, spent = lite.expense("E1").id, lite.expense("E2", spent_on=MONDAY).id
    for row_id in (asked, spent):
        with pytest.raises(Wrong):
            lite.does("chair", EXPENSE, "reject", row_id)
        assert lite.does("chair", EXPENSE, "reject", row_id, text="不符合").state == "rejected"
        with pytest.raises(Refused):
            lite.does("chair", EXPENSE, "approve", row_id)
    with pytest.raises(Refused):
        lite.does("cadre", EXPENSE, "spend", asked, amount="50", **SPENT)
    with pytest.raises(Refused):
        lite.does("committee", EXPENSE, "approve", asked)
    assert lite.does("committee", EXPENSE, "approve", spent, TUESDAY).state == "spent"


def test_spending_is_of_today_or_earlier_and_cannot_be_withdrawn(lite: World) -> None:
    row_id = lite.expense().id
    with pytest.raises(Wrong) as ahead:
        lite.does("cadre", EXPENSE, "spend", row_id, amount="50", spent_on=TUESDAY.isoformat())
    assert ahead.value.field == "spent_on"
    with pytest.raises(Refused):
        lite.does("cadre", EXPENSE, "spend", row_id, amount="0.00", **SPENT)
    lite.does("cadre", EXPENSE, "spend", row_id, amount="50", **SPENT)
    with pytest.raises(Refused):
        lite.does("cadre", EXPENSE, "withdraw", row_id)
    other = lite.expense("E2").id
    assert lite.does("cadre", EXPENSE, "withdraw", other).state == "withdrawn"


def test_what_waits_comes_once_and_offers_its_verb(lite: World) -> None:
    """Conditions exclude each other, and who sees a row in the queue may go on with it."""
    lite.expense("E1", amount=50_00)
    lite.expense("E2", amount=500_00)
    lite.expense("E3", amount=50_00, spent_on=MONDAY)
    lite.expense("E4", amount=500_00, spent_on=MONDAY)
    lite.expense("E5", amount=50_00, spent_on=MONDAY, reimbursed_on=MONDAY)
    lite.expense("E6", amount=50_00, withdrawn_on=MONDAY)
    for who in ("cadre", "chair", "super", "committee", "admin", "super_off"):
        found = waiting(lite, who)
        assert len({row_id for row_id, _why in found}) == len(found)
        for row_id, why in found:
            [wait] = [each for each in EXPENSE.waits if each.why == why]
            look(lite.session, EXPENSE, row_id, lite.actor(who), MONDAY)
            form = {"text": "x", "receipt": "1"}
            done = lite.does(who, EXPENSE, wait.verb, row_id, **form)
            assert done.event.verb == wait.verb
    assert waiting(lite, "super_off") == []
