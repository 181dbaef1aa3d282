"""Why a rule flags or does not: in every shipped scenario the answers are those of judging."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from tiesan.calendar.periods import Every, day_named, period_of
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules import (
    FlagFacts,
    Hit,
    Inquiry,
    Level,
    Outcome,
    RuleSet,
    Weighing,
    decide_plainly,
    evaluate,
    explain,
)
from tiesan.rules.scenarios import running
from tiesan.rules.scenarios.files import load_tested_files
from tiesan.rules.scenarios.parser import Scenario

CATALOG = installed_catalog()
KINDS = CATALOG.kinds
FILES = load_tested_files([each.rules for each in CATALOG.plugins if each.rules is not None], KINDS)
SCENARIOS = [each for file in FILES for each in file.scenarios]
# So many days before the last one are asked about besides those of flags.
BEFORE = (0, 1, 10, 20)


def judged(scenario: Scenario) -> Sequence[Hit]:
    """What the evaluation of a scenario finds."""
    rule = replace(scenario.rule, enabled=True)
    levels = {rule.id: rule.level}
    flags = FlagFacts(
        others=running.flag_facts(scenario),
        level_of=lambda rule_id: levels.get(rule_id, Level.RECORDS),
    )
    parameters = {rule.id: running.scenario_parameters(scenario)}
    world = running.scenario_world(scenario, CATALOG.sources)
    rules = RuleSet([rule], outside=running._outside(scenario))
    return evaluate(world, rules, decide_plainly, parameters=parameters, flags=flags).hits


def check(scenario: Scenario) -> None:
    """Hold what is told of everybody, on the days of flags and some others, against what is judged.

    Nothing is told that is not judged, what is judged is told on its day, and a line is false
    exactly where there is no flag.
    """
    hits, rule = judged(scenario), scenario.rule
    world = running.scenario_world(scenario, CATALOG.sources)
    parameters = running.scenario_parameters(scenario)
    inquiry = Inquiry(rule, parameters, world, running.flag_facts(scenario))
    weighing = Weighing(inquiry, "zh", partial(explain, rule, KINDS, parameters))
    days = {scenario.as_of - timedelta(days=each) for each in BEFORE}
    code = KINDS[rule.subject_kind].index["code"]
    told = set()
    for subject in (str(fact[code]) for fact in world.of_kind(rule.subject_kind)):
        for day in sorted(days | {hit.occurred_on for hit in hits if hit.subject == subject}):
            for each in inquiry.looked_at(subject, day):
                fails = any(line.fails for line in weighing.of_fact(each))
                if each.outcome is Outcome.HIT:
                    told.add((subject, each.key))
                    assert not fails
                if each.outcome is Outcome.MISS:
                    assert fails
    assert told == {(hit.subject, hit.key) for hit in hits}


@pytest.mark.parametrize("number", range(4))
def test_what_is_told_is_what_is_judged(number: int) -> None:
    assert len(SCENARIOS) > 300
    with use_language("zh_Hans_CN"):
        for scenario in SCENARIOS[number::4]:
            try:
                check(scenario)
            except AssertionError as error:
                error.add_note(f"{scenario.rule.id}: {scenario.name}")
                raise


@pytest.mark.parametrize("every", Every)
def test_a_label_names_a_day_of_its_period(every: Every) -> None:
    for day in (date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2024, 12, 31)):
        period = period_of(every, day)
        assert period_of(every, day_named(period.label)) == period
