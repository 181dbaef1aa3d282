"""Scenario tests: the standing world, what is compared, and how differences are told."""

from typing import Any

import pytest

from tests.rules.support import ID, load
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.choices import Level
from tiesan.rules.judging.decisions import NotEvaluated
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.scenarios.files import load_tested_text
from tiesan.rules.scenarios.running import run_scenarios, scenario_world
from tiesan.rules.scenarios.standing_world import WORLD

EXPENSE = {"code": "B1", "cadre": "C1", "payee": "甲", "amount": 1, "spent_on": "2026-03-05"}
RULE: dict[str, Any] = {
    "when": {"fact": "expense"},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}
FLAG = {"subject": "C1", "key": "B1"}


def run(*flags: dict[str, Any], language: str = "en", **scenario: Any) -> list[str]:
    """What a scenario with one expense says that did not come out as expected."""
    given = {"expense": [EXPENSE]}
    tests = {"name": "x", "given": given, "as_of": "2026-03-31", "flags": list(flags), **scenario}
    file = load({**RULE, "tests": [tests]})
    with use_language(language):
        number, failures = run_scenarios(
            file.scenarios, installed_catalog().sources, decide_plainly
        )
    assert number == 1
    return [line for failure in failures for line in failure.differences]


def test_what_is_expected_and_found_is_no_difference() -> None:
    assert run(FLAG) == []
    full = {"occurred_on": "2026-03-05", "severity": "minor", "message": "示例"}
    assert run({**FLAG, **full}) == []


def test_an_empty_list_is_an_assertion() -> None:
    assert run() == ["not expected: C1 B1 2026-03-05"]
    assert run(language="zh") == ["多出：C1 B1 2026-03-05"]
    assert run(given={}) == []


def test_differences_are_told_in_order() -> None:
    lines = run({"subject": "C2", "key": "B9"}, {"subject": "C1", "key": "B8"})
    assert lines == ["missing: C1 B8", "missing: C2 B9", "not expected: C1 B1 2026-03-05"]


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ({"occurred_on": "2026-03-06"}, "C1 B1: occurred_on is 2026-03-05, expected 2026-03-06"),
        ({"severity": "major"}, "C1 B1: severity is minor, expected major"),
        ({"message": "别的"}, "C1 B1: message is 示例, expected 别的"),
    ],
)
def test_what_is_told_of_a_flag_is_compared(expected: dict[str, str], line: str) -> None:
    assert run({**FLAG, **expected}) == [line]


def test_only_the_tested_rule_is_evaluated_even_if_it_is_disabled() -> None:
    other = {**RULE, "id": "discipline.other"}
    tests = [{"name": "x", "given": {"expense": [EXPENSE]}, "as_of": "2026-03-31", "flags": [FLAG]}]
    file = load(other, {**RULE, "enabled": False, "tests": tests})
    assert run_scenarios(file.scenarios, installed_catalog().sources, decide_plainly)[1] == []


def test_the_standing_world_may_be_changed_field_by_field() -> None:
    tests = {
        "name": "x",
        "given": {"cadre": [{"code": "C1", "organization": "E1"}, {"code": "C3", "name": "王三"}]},
        "as_of": "2026-03-31",
        "flags": [],
    }
    scenario = load({**RULE, "tests": [tests]}).scenarios[0]
    world = scenario_world(scenario, installed_catalog().sources)
    cadres = world.by_code("cadre")
    index = world.kinds["cadre"].index
    assert set(cadres) == {"C1", "C2", "C3"}
    assert cadres["C1"][index["organization"]] == "E1"
    assert cadres["C1"][index["name"]] == "张一"
    assert cadres["C3"][index["joined_on"]] is None
    assert world.tracked_from("cadre", "C1") is not None
    assert world.tracked_from("cadre", "C3") is None
    assert world.tracked_from("cadre", "C9") is None
    assert set(world.by_code("organization")) == {row["code"] for row in WORLD["organization"]}


def test_the_day_before_is_judged_when_it_is_live() -> None:
    for live, day in ((True, 30), (False, 31)):
        tests = {"name": "x", "as_of": "2026-03-31", "live": live, "flags": []}
        scenario = load({**RULE, "tests": [tests]}).scenarios[0]
        world = scenario_world(scenario, installed_catalog().sources)
        assert (world.as_of.day, world.judged_until.day) == (31, day)


def test_calendar_exceptions_are_given() -> None:
    tests = {
        "name": "x",
        "given": {
            "calendar_exception": [
                {"day": "2026-03-09", "kind": "off"},
                {"day": "2026-03-08", "kind": "working", "name": "调休"},
            ]
        },
        "as_of": "2026-03-31",
        "flags": [],
    }
    scenario = load({**RULE, "tests": [tests]}).scenarios[0]
    calendar = scenario_world(scenario, installed_catalog().sources).calendar
    worked = [calendar.is_working_day(scenario.as_of.replace(day=day)) for day in (8, 9, 10)]
    assert worked == [True, False, True]


COUNTED = {
    "tally": {
        "of": {"fact": "flag"},
        "by": ["cadre"],
        "date": "occurred_on",
        "every": "year",
        "at_least": {"count": 1},
    }
}


@pytest.mark.parametrize(
    ("rule", "counted"),
    [("discipline.off_post", True), ("innovation.award_ineligible", False), (ID, False)],
)
def test_given_flags_count_as_little_as_in_life(rule: str, *, counted: bool) -> None:
    row = {"rule": rule, "cadre": "C1", "key": "K1", "occurred_on": "2026-03-04"}
    expected = [{"subject": "C1", "key": "2026"}] if counted else []
    tests = {"name": "x", "given": {"flag": [row]}, "as_of": "2026-03-31", "flags": expected}
    file = load({**COUNTED, "tests": [tests]})
    levels: dict[str, Level] = {each.id: each.level for each in installed_catalog().rules.values()}
    _number, failures = run_scenarios(
        file.scenarios, installed_catalog().sources, decide_plainly, levels
    )
    assert failures == []


def test_what_could_not_be_evaluated_is_a_failure() -> None:
    file = load({**RULE, "tests": [{"name": "x", "as_of": "2026-03-31", "flags": []}]})

    def decide(*_given: Any) -> Any:
        verdicts = decide_plainly([], _given[1], _given[2])
        verdicts.not_evaluated.append(NotEvaluated(ID, "D1", "broken"))
        return verdicts

    with use_language("en"):
        _number, failures = run_scenarios(file.scenarios, installed_catalog().sources, decide)
    assert failures[0].differences == ("not evaluated: broken",)


def test_a_file_may_be_written_in_any_composition() -> None:
    """What is typed on another system may come decomposed; it means the same."""
    text = (
        '{"plugin": "discipline", "rules": [{"id": "discipline.sample", "severity": "minor",'
        ' "title": {"zh": "e\u0301", "en": "e\u0301"}, "clause": {"zh": "c", "en": "c"},'
        ' "when": {"fact": "expense"}, "subject": "cadre", "key": "{payee}/e\u0301",'
        ' "occurred_on": "spent_on", "tests": [{"name": "x", "as_of": "2026-03-31",'
        ' "given": {"expense": [{"code": "B1", "cadre": "C1", "payee": "e\u0301", "amount": 1,'
        ' "spent_on": "2026-03-05"}]}, "flags": [{"subject": "C1", "key": "e\u0301/\u00e9",'
        ' "message": "\u00e9"}]}]}]}'
    )
    file = load_tested_text(text, installed_catalog().kinds, "sample.yaml")
    assert run_scenarios(file.scenarios, installed_catalog().sources, decide_plainly)[1] == []
