"""Versions of one rule: each judges what counts from its own days; together they are one rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.rules.support import ID, NOBODY, load, rule_of
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.judging.decisions import NotEvaluated, Verdicts
from tiesan.rules.judging.levels import Decide, Evaluation, evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.positions import RuleFileError
from tiesan.rules.rule_set import RuleSet, within
from tiesan.rules.scenarios.running import scenario_world
from tiesan.rules.tree import Rule

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)


def expenses(least: int, occurred_on: str = "spent_on") -> dict[str, Any]:
    """Expenses from an amount on."""
    where = [{"field": "amount", "op": "gte", "value": least}]
    return {
        "when": {"fact": "expense", "where": where},
        "subject": "cadre",
        "key": "code",
        "occurred_on": occurred_on,
    }


def logs(required: int) -> dict[str, Any]:
    """A duty of reports each month."""
    return {
        "duty": {
            "owed_by": {"fact": "cadre"},
            "every": "month",
            "counts": {"fact": "info_report", "by": "cadre", "date": "submitted_on"},
            "required": required,
        }
    }


def often(times: int) -> dict[str, Any]:
    """Expenses of a cadre that add up in a month."""
    return {
        "tally": {
            "of": {"fact": "expense"},
            "by": ["cadre"],
            "date": "spent_on",
            "every": "month",
            "at_least": {"count": times},
        },
        "occurred_on": "reached",
    }


def in_turn(*rules: dict[str, Any]) -> list[Rule]:
    """The first rule until the end of June, the second from July 1 on."""
    first, second = map(rule_of, rules)
    return [within(first, None, JUNE), within(replace(second, number=1), JULY, None)]


def judged(rules: Sequence[Rule], given: Any, decide: Decide = decide_plainly) -> Evaluation:
    scenario = {"name": "x", "given": given, "as_of": "2026-08-31", "flags": []}
    [found] = load({**expenses(1), "tests": [scenario]}).scenarios
    world = scenario_world(found, installed_catalog().sources)
    return evaluate(world, RuleSet(rules), decide)


def spent(*days: str, **more: str) -> dict[str, Any]:
    rows = [
        {"code": f"E{at}", "cadre": "C1", "payee": "甲", "amount": 300, "spent_on": day, **more}
        for at, day in enumerate(days)
    ]
    return {"cadre": NOBODY, "expense": rows}


@pytest.mark.parametrize("by_engine", [False, True])
def test_each_judges_what_counts_from_its_own_days(by_engine: bool) -> None:
    rules, engine = in_turn(expenses(500), expenses(200)), Engine()
    decide = engine.decide if by_engine else decide_plainly
    found = judged(rules, spent("2026-06-30", "2026-07-01"), decide)
    engine.close()
    assert [(hit.key, hit.rule, hit.rule_digest) for hit in found.hits] == [
        ("E1", ID, rules[1].digest)
    ]
    back = judged(in_turn(expenses(200), expenses(500)), spent("2026-06-30", "2026-07-01"))
    assert [hit.key for hit in back.hits] == ["E0"]


def test_of_a_period_the_last_day_decides() -> None:
    given = {"cadre": [{"code": "C2", "professional": False, "left_on": "2020-01-01"}]}
    reports = [
        {"code": f"R{month}", "cadre": "C1", "title": "x", "submitted_on": f"2026-0{month}-15"}
        for month in (6, 7)
    ]
    found = judged(in_turn(logs(1), logs(2)), {**given, "info_report": reports})
    assert [hit.key for hit in found.hits if hit.key >= "2026-06"] == ["2026-07", "2026-08"]
    found = judged(in_turn(often(3), often(2)), spent("2026-06-01", "2026-06-02", "2026-07-01"))
    assert found.hits == []
    found = judged(in_turn(often(3), often(2)), spent("2026-06-30", "2026-07-01", "2026-07-31"))
    assert [(hit.key, hit.occurred_on) for hit in found.hits] == [("2026-07", date(2026, 7, 31))]


def test_a_record_that_counts_from_a_day_of_each_is_one_flag_of_the_later() -> None:
    rules = in_turn(expenses(200), expenses(200, "reimbursed_on"))
    found = judged(rules, spent("2026-06-30", reimbursed_on="2026-07-02"))
    assert [(hit.key, hit.occurred_on) for hit in found.hits] == [("E0", date(2026, 7, 2))]


def test_what_one_of_them_could_not_decide_is_not_known_of_the_rule() -> None:
    rules = in_turn(expenses(200), expenses(200))

    def decide(*asked: Any) -> Verdicts:
        verdicts = decide_plainly(*asked)
        verdicts.not_evaluated.append(NotEvaluated(f"{ID}@1", "all facts", "broken"))
        verdicts.hits.pop(f"{ID}@1")
        return verdicts

    found = judged(rules, spent("2026-06-30", "2026-07-01"), decide)
    assert (found.hits, found.not_evaluated) == ([], [NotEvaluated(ID, "all facts", "broken")])


def test_a_time_in_force_of_its_own_is_kept() -> None:
    rule = replace(rule_of(expenses(1)), in_force_from=date(2026, 3, 1), in_force_until=JULY)
    assert within(rule, JUNE, None).in_force_from == JUNE
    assert within(rule, None, date.max).in_force_until == JULY
    assert within(rule, date(2026, 1, 1), JUNE).in_force_from == date(2026, 3, 1)


def test_all_of_them_stand_at_one_level_and_bear_different_numbers() -> None:
    over = {
        "when": {"fact": "flag", "where": [{"field": "severity", "op": "eq", "value": "major"}]},
        "subject": "cadre",
        "key": "key",
        "occurred_on": "occurred_on",
    }
    with pytest.raises(RuleFileError, match=ID):
        RuleSet(in_turn(expenses(1), over))
    rule = rule_of(expenses(1))
    with pytest.raises(RuleFileError, match=ID):
        RuleSet([rule, rule])
    both = RuleSet(in_turn(expenses(1), expenses(2)))
    assert (len(both), len(list(both)), both[ID].number) == (1, 2, 1)
