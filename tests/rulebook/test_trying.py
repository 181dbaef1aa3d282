"""A trial finds what an evaluation would find by the tried rules, and stores no flag."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from plugins.discipline.models import Attendance, Expense
from tests.courses.world import AT, TESTER, World
from tests.flags.published import LOCAL, UNAPPROVED, publish
from tests.rulebook.texts import with_tests
from tiesan.audit import COMMAND_LINE
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.evaluation import Task, backtest, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.flags.versions import RuleVersion
from tiesan.records.services import create_record
from tiesan.rulebook import summaries
from tiesan.rulebook.services import store_drafts
from tiesan.rulebook.texts import shipped_text
from tiesan.rulebook.trying import as_if_published, ask_trial, stop_trial, try_rule
from tiesan.rules import Level, decide_plainly
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Work

FIRST, MIDDLE, LAST = date(2026, 3, 1), date(2026, 3, 16), date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def expenses(world: World, seed: int, number: int = 30) -> None:
    """Expenses of several cadres around two amounts, on random days of March."""
    random = Random(seed)
    for at in range(number):
        day = FIRST + timedelta(days=random.randrange(31))
        values: dict[str, object] = {
            "code": f"X{at}",
            "cadre": world.cadres[random.choice(["A1", "A2", "B1", "A3"])],
            "payee": "甲店",
            "amount": random.choice([199_99, 200_00, 299_99, 300_00, 500_00]),
            "requested_on": day,
            "spent_on": day,
            "reimbursed_on": day,
        }
        create_record(TESTER, world.session, Expense, values, at=AT)
    world.session.commit()


def task(world: World, decide: Any = decide_plainly) -> Task:
    catalog = read_catalog(world.session, LAST)
    world.session.rollback()
    return Task(COMMAND_LINE, catalog, decide, LAST, LAST, NOW)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("since", [None, MIDDLE])
def test_a_trial_is_an_evaluation_as_of_its_last_day_by_the_changed_rules(
    lite: World, seed: int, since: date | None
) -> None:
    expenses(lite, seed)
    rule, least = (UNAPPROVED, 300) if seed % 2 else (LOCAL, 200)
    asked = task(lite)
    rules = as_if_published(asked.catalog, rule, with_tests(rule, least), since)
    found = backtest(lite.session, asked, rules, FIRST)
    lite.session.rollback()
    assert lite.session.scalar(select(func.count(Flag.id))) == 0
    lite.session.rollback()
    before = evaluated(lite, rule)
    assert before == {hit.key for hit in (*found.gone, *found.same)}
    publish(lite.session, with_tests(rule, least), since or date(2000, 1, 1))
    assert evaluated(lite, rule) == {hit.key for hit in (*found.added, *found.same)}
    assert found.not_evaluated == []
    assert found.added or found.gone


MANY_FLAGS = f"""plugin: discipline
rules:
  - id: {LOCAL}
    title: {{zh: 多次违规, en: Many flags}}
    clause: {{zh: 条款, en: Clause}}
    severity: minor
    tally:
      of: {{fact: flag, where: [{{field: severity, op: ne, value: notice}}]}}
      by: [cadre]
      date: occurred_on
      every: month
      at_least: {{count: 2}}
"""


def test_each_rule_is_tried_alone_as_among_all_the_others(lite: World) -> None:
    """Judged are only the rule and those whose flags it reads; the answer is that of all."""
    expenses(lite, 5, number=80)
    publish(lite.session, MANY_FLAGS, date(2000, 1, 1))
    asked = task(lite)
    lite.session.commit()
    outcome = evaluate_installation(lite.session, asked)
    lite.session.rollback()
    of_rule: dict[str, set[tuple[str, ...]]] = {rule: set() for rule in asked.catalog.rules}
    for hit in outcome.hits:
        if FIRST <= hit.occurred_on <= LAST:
            of_rule[hit.rule].add(hit.identity)
    for rule in asked.catalog.rules.values():
        found = backtest(lite.session, asked, [rule], FIRST)
        assert {hit.identity for hit in found.same} == of_rule[rule.id], rule.id
        assert (found.added, found.gone, found.not_evaluated) == ([], [], [])
    levels = {asked.catalog.rules[rule].level for rule, hits in of_rule.items() if hits}
    assert Level.ANY_FLAGS in levels


def evaluated(world: World, rule: str) -> set[str]:
    """The keys of the active flags of a rule after an evaluation of everything."""
    world.session.commit()
    evaluate_installation(world.session, task(world))
    flags = select(Flag.key).where(Flag.rule == rule, Flag.active)
    keys = set(world.session.scalars(flags))
    world.session.rollback()
    return keys


def draft(world: World, rule: str = LOCAL, text: str = "") -> RuleVersion:
    catalog = read_catalog(world.session, LAST)
    texts = [(rule, text or with_tests())]
    [row] = store_drafts(COMMAND_LINE, world.session, catalog, texts, NOW)
    world.session.commit()
    return row


def work_of(world: World, run: JobRun, progress: Any = None) -> Work:
    work = Work(
        database=world.session.get_bind(),  # type: ignore[arg-type]
        district_id=None,
        day=LAST,
        given=dict(run.given),
        actor=COMMAND_LINE,
        now=NOW,
        progress=progress or (lambda _step, _steps: None),
    )
    world.session.commit()
    return work


def test_what_came_of_a_trial_is_kept_with_the_version(lite: World) -> None:
    expenses(lite, 1)
    row = draft(lite)
    steps: list[tuple[int, int]] = []
    short = ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)
    answer = try_rule(work_of(lite, short, lambda *each: steps.append(each)))
    lite.session.expire_all()
    assert row.tried is not None
    assert row.tried["raised"] == answer["raised"] == sum(row.tried["months"]["raised"].values())
    above = select(func.count(Expense.id)).where(Expense.amount >= 200_00)
    assert answer["raised"] == (lite.session.scalar(above) or 0)
    assert answer["raised"] > 0
    assert {each["subject_kind"] for each in row.tried["samples"]["raised"]} == {"cadre"}
    assert steps[1:] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    # A month is not enough to publish by; a year is.
    assert not row.tried_digest
    span = (LAST - timedelta(days=365), LAST)
    year = ask_trial(COMMAND_LINE, lite.session, row, span, now=NOW)
    try_rule(work_of(lite, year))
    lite.session.expire_all()
    assert row.tried_digest == row.digest
    assert lite.session.scalar(select(func.count(Flag.id))) == 0


def test_a_trial_is_stopped_and_keeps_nothing(lite: World) -> None:
    row = draft(lite)
    run = ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)
    work = work_of(lite, run)

    def stop(done: int, _steps: int) -> None:
        if done == 2:
            stop_trial(lite.session, row)
            lite.session.commit()

    assert try_rule(replace(work, progress=stop)) == {"stopped": True}
    lite.session.expire_all()
    assert (row.tried, row.tried_digest) == (None, None)
    # Another one was asked for meanwhile: the older one ends.
    first = work_of(lite, ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW))
    ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)
    lite.session.commit()
    assert try_rule(first) == {"stopped": True}


LATE, OFTEN_LATE = "discipline.late", "discipline.frequent_late"


def test_numbers_are_by_organization_and_by_the_rules_that_read_its_flags(lite: World) -> None:
    for cadre, days in (("A1", 4), ("B1", 2), ("A3", 3)):
        for day in range(3, 3 + days):
            values = {"cadre": lite.cadres[cadre], "day": date(2026, 3, day)}
            clocked = {**values, "clock_in": time(8, 25), "clock_out": time(17, 30)}
            create_record(TESTER, lite.session, Attendance, clocked, at=AT)
    text = (shipped_text(installed_catalog(), LATE) or "").replace(
        "value: 08:30", "value: 08:20", 1
    )
    row = draft(lite, LATE, text)
    run = ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)
    try_rule(work_of(lite, run))
    lite.session.expire_all()
    found = row.tried
    assert found is not None
    places = {each["code"]: each["raised"] for each in found["organizations"]}
    assert places == {"F1": 4, "E1": 2, "F2": 3}
    assert found["others"]["number"] == 0
    # The rule itself is not numbered among those that read it, and is in the samples first.
    assert found["rules"][OFTEN_LATE] == {"raised": 2, "gone": 0, "same": 0}
    assert LATE not in found["rules"]
    rules = [each["rule"] for each in found["samples"]["raised"]]
    assert rules == [LATE] * 9 + [OFTEN_LATE] * 2
    assert found["samples"]["raised"][0]["fact"]["fact"] == "attendance"
    assert evaluated(lite, OFTEN_LATE) == set()
    publish(lite.session, text, date(2000, 1, 1), 2)
    assert evaluated(lite, OFTEN_LATE) == {"2026-03"}


OF_SERIOUS = MANY_FLAGS.replace(f"id: {LOCAL}", "id: discipline.local_serious").replace(
    "op: ne, value: notice", "op: in, value: [serious, major]"
)


@pytest.mark.parametrize(("severity", "are_read"), [("minor", False), ("serious", True)])
def test_only_rules_that_may_read_flags_of_such_severity_are_judged_besides(
    lite: World, severity: str, *, are_read: bool
) -> None:
    """What is left out could not have changed: among all rules its answer is the same."""
    expenses(lite, 5, number=80)
    publish(lite.session, OF_SERIOUS, date(2000, 1, 1))
    text = with_tests(LOCAL, 200).replace("severity: minor", f"severity: {severity}")
    row = draft(lite, LOCAL, text)
    try_rule(work_of(lite, ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)))
    lite.session.expire_all()
    assert row.tried is not None
    changed = {rule for rule, found in row.tried["rules"].items() if found["raised"]}
    assert ("discipline.local_serious" in changed) is are_read
    asked = task(lite)
    rules = as_if_published(asked.catalog, LOCAL, text)
    readers = [each for each in asked.catalog.rules.values() if each.id in ALL_READERS]
    every = backtest(lite.session, asked, [*rules, *readers], FIRST)
    assert {hit.rule for hit in every.added} - {LOCAL} == changed


ALL_READERS = ("discipline.local_serious", "accountability.repeat_violations")


def test_most_organizations_are_listed_and_the_others_are_one(
    lite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "MOST_ORGANIZATIONS", 1)
    expenses(lite, 1)
    row = draft(lite)
    try_rule(work_of(lite, ask_trial(COMMAND_LINE, lite.session, row, (FIRST, LAST), now=NOW)))
    lite.session.expire_all()
    assert row.tried is not None
    [first], others = row.tried["organizations"], row.tried["others"]
    assert others["number"] == 2
    assert first["raised"] + others["raised"] == row.tried["raised"]
    assert first["raised"] * 2 >= others["raised"]
