"""Rules over flags: what each level reads, and what rests on what could not be evaluated."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.rules.support import ID, flags, load, problems, rule_of
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.choices import Level
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import Batch, NotEvaluated, Verdicts
from tiesan.rules.judging.levels import Evaluation, FlagFacts, evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.positions import RuleFileError
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.scenarios.running import scenario_world
from tiesan.rules.tree import Rule

CHECK = {
    "when": {"fact": "post_check", "where": [{"field": "on_post", "op": "eq", "value": "false"}]},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "checked_on",
}


def tally(*where: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Every cadre with a flag that meets conditions, once a year."""
    of = {"fact": "flag", "where": list(where)}
    counted = {"of": of, "by": ["cadre"], "date": "occurred_on", "every": "year"}
    return {"tally": {**counted, "at_least": {"count": 1}}, **more}


def named(*names: str) -> dict[str, Any]:
    return {"field": "rule", "op": "in", "value": list(names)}


SAMPLES = (
    {**CHECK, "id": "discipline.base"},
    {**tally(named("discipline.base")), "id": "discipline.over_base"},
    {**tally(), "id": "discipline.over_all"},
    {**tally({"field": "severity", "op": "eq", "value": "minor"}), "id": "discipline.over_minor"},
)


@pytest.mark.parametrize(
    ("where", "level"),
    [
        ([named("discipline.late", "discipline.absent")], Level.NAMED_FLAGS),
        ([{"field": "rule", "op": "eq", "value": "discipline.late"}], Level.NAMED_FLAGS),
        ([], Level.ANY_FLAGS),
        ([{"field": "rule", "op": "ne", "value": "discipline.late"}], Level.ANY_FLAGS),
        ([{"field": "rule", "op": "starts_with", "value": "discipline."}], Level.ANY_FLAGS),
        ([{"any": [named("discipline.late")]}], Level.ANY_FLAGS),
        ([{"field": "severity", "op": "eq", "value": "major"}], Level.ANY_FLAGS),
    ],
)
def test_a_rule_that_names_the_rules_is_of_level_one(
    where: list[dict[str, Any]], level: Level
) -> None:
    assert rule_of(tally(*where)).level is level


def test_a_rule_on_records_is_of_level_zero() -> None:
    assert rule_of(CHECK).level is Level.RECORDS


def test_the_named_rules_are_known() -> None:
    assert rule_of(tally(named("discipline.late"))).reads_rules == ("discipline.late",)


def test_a_level_shows_in_related_facts_too() -> None:
    award = {"when": {"fact": "award", "with": {"fact": "flag", "where": []}}, "subject": "cadre"}
    dated = {**award, "key": "code", "occurred_on": "nominated_on"}
    assert rule_of(dated).level is Level.ANY_FLAGS


def given() -> dict[str, Any]:
    check = {"code": "K1", "cadre": "C1", "checked_on": "2026-03-04", "on_post": False}
    return {"post_check": [check]}


def run(rules: Sequence[Rule], decide: Any = decide_plainly, **more: Any) -> Evaluation:
    """The evaluation of rules on a world in which C1 was found away once."""
    tests = {"name": "x", "given": given(), "as_of": "2026-03-31", "flags": []}
    scenario = load({**CHECK, "tests": [tests]}).scenarios[0]
    world = scenario_world(scenario, installed_catalog().sources)
    return evaluate(world, RuleSet(rules), decide, **more)


def names(result: Evaluation) -> list[str]:
    return [hit.rule.removeprefix("discipline.") for hit in result.hits]


def test_each_level_reads_those_below_it_and_none_its_own() -> None:
    rules = load(*SAMPLES).rules
    result = run(rules)
    assert names(result) == ["base", "over_all", "over_base", "over_minor"]
    # The two that read any flags have counted two each: the base and the one over the base.
    count = {hit.rule: hit.evidence[0].get("count") for hit in result.hits}
    assert count["discipline.over_all"] == count["discipline.over_minor"] == "2"
    assert count["discipline.over_base"] == "1"


def test_the_order_of_rules_does_not_matter() -> None:
    rules = load(*SAMPLES).rules
    assert names(run(rules[::-1])) == names(run(rules))


@pytest.mark.parametrize(
    ("broken", "also"),
    [
        ("base", ["over_all", "over_base", "over_minor"]),
        ("over_base", ["over_all", "over_minor"]),
        ("over_all", []),
    ],
)
def test_what_rests_on_a_rule_that_was_not_evaluated_is_not_evaluated(
    broken: str, also: list[str]
) -> None:
    def decide(batches: Sequence[Batch], binding: Binding, of_kind: Any) -> Verdicts:
        verdicts = decide_plainly(batches, binding, of_kind)
        if verdicts.hits.pop(f"discipline.{broken}", None) is not None:
            verdicts.not_evaluated.append(NotEvaluated(f"discipline.{broken}", "D1", "broken"))
        return verdicts

    result = run(load(*SAMPLES).rules, decide)
    missing = sorted(each.rule.removeprefix("discipline.") for each in result.not_evaluated)
    assert missing == sorted([broken, *also])
    assert names(result) == [
        name for name in ("base", "over_all", "over_base", "over_minor") if name not in missing
    ]


@pytest.mark.parametrize(
    ("refused", "level", "also"),
    [
        ("discipline.other", Level.RECORDS, ["over_all", "over_minor"]),
        ("discipline.base", Level.RECORDS, ["over_all", "over_base", "over_minor"]),
        ("discipline.other", Level.ANY_FLAGS, []),
    ],
)
def test_what_rests_on_a_rule_that_could_not_be_read_is_not_evaluated(
    refused: str, level: Level, also: list[str]
) -> None:
    rules = [rule for rule in load(*SAMPLES).rules if rule.id != refused]
    result = evaluate_with_outside(rules, refused, level)
    missing = {each.rule.removeprefix("discipline.") for each in result.not_evaluated}
    assert missing == {refused.removeprefix("discipline."), *also}


def evaluate_with_outside(rules: Sequence[Rule], refused: str, level: Level) -> Evaluation:
    levels = {rule.id: rule.level for rule in rules} | {refused: level}
    outside = [replace(rule_of(CHECK), id=refused)]
    tests = {"name": "x", "given": given(), "as_of": "2026-03-31", "flags": []}
    scenario = load({**CHECK, "tests": [tests]}).scenarios[0]
    return evaluate(
        scenario_world(scenario, installed_catalog().sources),
        RuleSet(rules, outside=outside),
        decide_plainly,
        flags=FlagFacts(level_of=levels.__getitem__),
        refused=[NotEvaluated(refused, "all facts", "its parameter is wrong")],
    )


FLAG = {"severity": "serious", "cadre": "C1", "key": "K1", "occurred_on": "2026-03-04"}


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        ("discipline.off_post", True),
        ("discipline.frequent_late", True),
        ("accountability.repeat_violations", False),
        (ID, False),
    ],
)
def test_flags_of_rules_that_read_any_flags_are_never_counted(rule: str, *, counted: bool) -> None:
    levels = {each.id: each.level for each in installed_catalog().rules.values()} | {
        ID: Level.ANY_FLAGS
    }
    sample = rule_of(tally())
    others: list[Fact] = [
        (rule, "serious", "cadre", "C1", None, "K1", date(2026, 3, 4), "open"),
    ]
    result = run([sample], flags=FlagFacts(others=others, level_of=lambda name: levels[name]))
    assert bool(result.hits) is counted


def test_reviews_are_read() -> None:
    confirmed = tally({"field": "review", "op": "eq", "value": "confirmed"})
    rows = [{**FLAG, "rule": "discipline.off_post", "review": "confirmed"}]
    assert flags(confirmed, {"flag": rows}, "2026-03-31") == [("C1", "2026", "2026-03-04")]
    assert flags(confirmed, {"flag": [{**rows[0], "review": "waived"}]}, "2026-03-31") == []
    assert flags(confirmed, {"flag": [{**FLAG, "rule": "discipline.off_post"}]}, "2026-03-31") == []


def test_flags_may_be_what_is_wrong_themselves() -> None:
    over = {
        "when": {"fact": "flag", "where": [named("discipline.off_post")]},
        "subject": "cadre.organization",
        "key": "{rule}/{cadre}/{key}",
        "occurred_on": "occurred_on",
        "message": {"zh": "{cadre}：{severity}", "en": "{cadre}: {severity}"},
    }
    rows = [{**FLAG, "rule": "discipline.off_post"}]
    expected = [("F1", "discipline.off_post/C1/K1", "2026-03-04")]
    assert flags(over, {"flag": rows}, "2026-03-31") == expected


def test_rules_that_do_not_hold_together_are_refused() -> None:
    unknown = load(tally(named("discipline.nowhere"))).rules
    with pytest.raises(RuleFileError):
        RuleSet(unknown)
    named_rule, over_it = load(
        {**tally(named("discipline.off_post")), "id": "discipline.one"},
        {**tally(named("discipline.one")), "id": "discipline.two"},
    ).rules
    with pytest.raises(RuleFileError):
        RuleSet([named_rule, over_it], outside=installed_catalog().rules.values())
    with pytest.raises(RuleFileError):
        RuleSet([named_rule, named_rule], outside=installed_catalog().rules.values())


def test_a_rule_set_knows_its_rules() -> None:
    rules = load(*SAMPLES).rules
    chosen = RuleSet(rules)
    assert len(chosen) == 4
    assert "discipline.base" in chosen
    assert "discipline.late" not in chosen
    assert [rule.id for rule in chosen] == [
        rule.id for rule in sorted(rules, key=lambda r: r.level)
    ]


def test_two_rules_of_one_id_in_a_file_are_refused() -> None:
    (problem,) = problems(CHECK, CHECK)
    assert "two rules have the id 'discipline.sample'" in problem
