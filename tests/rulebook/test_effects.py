"""What a parameter's value would change is what evaluating after it was set changes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugins.discipline.models import Attendance, Expense
from tests.courses.world import AT, TESTER, World
from tests.flags.published import UNAPPROVED
from tiesan.audit import COMMAND_LINE, AuditEntry
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.flags.services import set_parameter, set_shared_parameter
from tiesan.flags.sharing import sharing_rules
from tiesan.records.services import create_record
from tiesan.records.settings import RuleParameterValue
from tiesan.rulebook.effects import Proposal, ask_effect, find_effect
from tiesan.rules import decide_plainly
from tiesan.scheduler.work import Work

SPLIT, LATE, OFTEN_LATE = (
    "discipline.expense_split",
    "discipline.late",
    "discipline.frequent_late",
)
DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)
FIRST = date(2026, 3, 10)


def expense(world: World, code: str, amount: int, day: date, payee: str = "甲店") -> None:
    """An expense in fen that was asked for, spent and reimbursed on one day."""
    days = dict.fromkeys(("requested_on", "spent_on", "reimbursed_on"), day)
    values = {"code": code, "cadre": world.cadres["A1"], "payee": payee, "amount": amount}
    create_record(TESTER, world.session, Expense, {**values, **days}, at=AT)
    world.session.commit()


def flags(world: World) -> set[tuple[str, str, date]]:
    """The active flags after an evaluation up to now: rule, key and day."""
    world.session.commit()
    catalog = read_catalog(world.session, DAY)
    world.session.rollback()
    task = Task(COMMAND_LINE, catalog, decide_plainly, DAY, DAY - timedelta(days=1), NOW)
    evaluate_installation(world.session, task)
    rows = world.session.execute(
        select(Flag.rule, Flag.key, Flag.occurred_on).where(Flag.active)
    ).all()
    world.session.rollback()
    return {(rule, key, day) for rule, key, day in rows}


def effect(world: World, proposal: Proposal) -> Any:
    """What is found of a proposal."""
    run = ask_effect(COMMAND_LINE, world.session, installed_catalog(), proposal, now=NOW)
    work = Work(
        database=world.session.get_bind(),  # type: ignore[arg-type]
        district_id=None,
        day=DAY,
        given=dict(run.given),
        actor=COMMAND_LINE,
        now=NOW,
        progress=lambda _step, _steps: None,
    )
    world.session.commit()
    return find_effect(work)["effect"]


def listed(found: Any, name: str) -> set[tuple[str, str, date]]:
    return {
        (each["rule"], each["key"], date.fromisoformat(each["occurred_on"]))
        for each in found["flags"][name]
    }


@pytest.mark.parametrize(
    ("value", "valid_from", "also", "raised", "cleared"),
    [
        # The day before keeps the old value, the day itself has the new one; 以上 includes it.
        ("300", "2026-03-10", [], [], ["X3"]),
        ("300", "2026-03-11", [], [], []),
        ("300", "2026-03-09", [], [], ["X2", "X3"]),
        ("300.01", "2026-03-10", [], [], ["X3", "X4"]),
        ("199.99", "2026-03-10", [], ["X5"], []),
        ("300.01", "2026-03-10", [SPLIT], [], ["X3", "X4"]),
    ],
)
def test_the_effect_is_what_evaluating_finds_after_the_value_was_set(
    world: World,
    value: str,
    valid_from: str,
    also: list[str],
    raised: list[str],
    cleared: list[str],
) -> None:
    expense(world, "X2", 200_00, FIRST - timedelta(days=1), "乙店")
    expense(world, "X3", 299_99, FIRST, "丙店")
    expense(world, "X4", 300_00, FIRST, "丁店")
    expense(world, "X5", 199_99, FIRST, "戊店")
    expense(world, "X6", 150_00, FIRST, "己店")
    expense(world, "X7", 150_00, FIRST, "己店")
    proposal = Proposal(
        UNAPPROVED, "threshold", value, date.fromisoformat(valid_from), "", (*also,)
    )
    found = effect(world, proposal)
    count = select(func.count()).select_from(Flag)
    assert world.session.scalar(count) == 0
    assert world.session.scalar(select(func.count(RuleParameterValue.id))) == 0
    before = flags(world)
    set_shared_parameter(
        COMMAND_LINE,
        world.session,
        installed_catalog(),
        rule=UNAPPROVED,
        also=also,
        name="threshold",
        value=value,
        valid_from=proposal.valid_from,
        now=NOW,
    )
    after = flags(world)
    assert listed(found, "raised") == after - before
    assert listed(found, "cleared") == before - after
    assert found["not_evaluated"] == []
    of_rule = {name: listed(found, name) for name in ("raised", "cleared")}
    keys = {n: [k for r, k, _d in sorted(each) if r == UNAPPROVED] for n, each in of_rule.items()}
    assert (SPLIT in found["rules"]) == (SPLIT in also)
    assert keys == {"raised": raised, "cleared": cleared}
    assert found["numbers"] == {**{n: len(each) for n, each in of_rule.items()}, "changed": 0}
    assert all(each["fact"]["fact"] == "expense" for each in found["flags"]["cleared"])


def test_a_value_on_a_day_that_has_one_takes_its_place(lite: World) -> None:
    expense(lite, "X3", 299_99, FIRST)
    given = {"rule": UNAPPROVED, "name": "threshold", "valid_from": FIRST, "now": NOW}
    set_parameter(COMMAND_LINE, lite.session, installed_catalog(), value="300", **given)  # type: ignore[arg-type]
    found = effect(lite, Proposal(UNAPPROVED, "threshold", "299.99", FIRST))
    assert listed(found, "raised") == {(UNAPPROVED, "X3", FIRST)}
    assert effect(lite, Proposal(UNAPPROVED, "threshold", "300", FIRST))["rules"] == {}


def test_rules_that_read_the_flags_of_the_changed_one_are_among_it(lite: World) -> None:
    """Three days late make a flag of their own, which goes with one of the days."""
    for number in (16, 17, 18):
        day = date(2026, 3, number)
        values = {"cadre": lite.cadres["A1"], "day": day, "clock_out": time(17, 30)}
        start = {"clock_in": time(8, 30 + number - 15)}
        create_record(TESTER, lite.session, Attendance, {**values, **start}, at=AT)
    lite.session.commit()
    found = effect(lite, Proposal(LATE, "work_start", "08:31", date(2026, 3, 1)))
    rules = {LATE: 1, OFTEN_LATE: 1}
    assert {rule: each["cleared"] for rule, each in found["rules"].items()} == rules
    assert found["numbers"] == {"raised": 0, "cleared": 2, "changed": 0}


def test_what_is_shared_is_what_reads_the_same() -> None:
    """The name alone is not enough: days for a log and days for reporting back are two things."""
    catalog = installed_catalog()
    shared = {
        (rule, name): {each.id for each in sharing_rules(catalog, catalog.rules[rule], name)}
        for rule, name in (
            (UNAPPROVED, "threshold"),
            ("discipline.log_missing", "working_days"),
            ("discipline.leave_not_closed", "working_days"),
            (OFTEN_LATE, "times"),
            (OFTEN_LATE, "no_such"),
        )
    }
    assert list(shared.values()) == [{SPLIT}, {"discipline.log_late"}, set(), set(), set()]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value": "199.995"}, "199.995"),
        ({"also": (OFTEN_LATE,)}, OFTEN_LATE),
        ({"valid_from": DAY + timedelta(days=1)}, "尚未到来"),
    ],
)
def test_what_cannot_be_asked_or_set_changes_nothing(
    lite: World, changed: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"rule": UNAPPROVED, "name": "threshold", "value": "300"}
    given |= {"valid_from": FIRST} | changed
    with pytest.raises(UserError, match=words):
        effect(lite, Proposal(**given))
    if "valid_from" not in changed:
        given = {"also": (SPLIT,), **given}
        with pytest.raises(UserError):
            set_shared_parameter(COMMAND_LINE, lite.session, installed_catalog(), now=NOW, **given)
    assert lite.session.scalar(select(func.count(RuleParameterValue.id))) == 0


def test_both_are_set_each_with_its_entry(world: World) -> None:
    given: dict[str, Any] = {"name": "threshold", "value": "300", "valid_from": FIRST, "now": NOW}
    session = world.session
    set_shared_parameter(
        COMMAND_LINE, session, installed_catalog(), rule=UNAPPROVED, also=[SPLIT], **given
    )
    session.commit()
    rows = session.execute(select(RuleParameterValue.rule, RuleParameterValue.value)).all()
    assert sorted(map(tuple, rows)) == [(SPLIT, "300"), (UNAPPROVED, "300")]
    entries = select(AuditEntry.object_code).where(AuditEntry.verb == "set parameter")
    assert set(session.scalars(entries)) == {SPLIT, UNAPPROVED}
