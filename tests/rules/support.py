"""Small rules and small worlds, written as plain values: what a rule finds in a world."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.choices import Level
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.levels import Evaluation, FlagFacts, evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.positions import RuleFileError
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.scenarios import running as scenarios
from tiesan.rules.scenarios.files import TestedFile, load_tested_text
from tiesan.rules.tree import Rule

ID = "discipline.sample"
HEADING = {
    "id": ID,
    "title": {"zh": "示例", "en": "Sample"},
    "clause": {"zh": "工作纪律", "en": "Discipline at work"},
    "severity": "minor",
}
# Nobody in the standing world is there, so that only what is given is judged.
NOBODY = [{"code": "C1", "professional": False}, {"code": "C2", "professional": False}]


def file_text(*rules: Mapping[str, Any]) -> str:
    """The text of a rule file with rules of the plugin discipline; JSON is YAML."""
    content = {"plugin": "discipline", "rules": [{**HEADING, **rule} for rule in rules]}
    return json.dumps(content, ensure_ascii=False)


def load(*rules: Mapping[str, Any]) -> TestedFile:
    """The file of these rules, which must be sound."""
    return load_tested_text(file_text(*rules), installed_catalog().kinds, "sample.yaml")


def rule_of(rule: Mapping[str, Any]) -> Rule:
    """A single rule, which must be sound."""
    return load(rule).rules[0]


def problems(*rules: Mapping[str, Any], language: str = "en") -> list[str]:
    """The problems of rules that must be refused."""
    return problems_of(file_text(*rules), language)


def problems_of(text: str, language: str = "en") -> list[str]:
    """The problems of a file that must be refused."""
    with use_language(language), pytest.raises(RuleFileError) as refused:
        load_tested_text(text, installed_catalog().kinds, "sample.yaml")
    return refused.value.lines


def evaluation(
    rule: Mapping[str, Any],
    given: Mapping[str, Any],
    as_of: str,
    *,
    live: bool = False,
) -> Evaluation:
    """The evaluation of a rule on the standing world of scenarios with what is given."""
    scenario = {"name": "x", "given": given, "as_of": as_of, "live": live, "flags": []}
    return evaluated(load({**rule, "tests": [scenario]}))


def evaluated(file: TestedFile) -> Evaluation:
    """The evaluation of the rules of a file on the world of its first scenario."""
    found, levels = file.scenarios[0], {each.id: each.level for each in file.rules}
    flags = FlagFacts(
        others=scenarios.flag_facts(found),
        level_of=lambda rule_id: levels.get(rule_id, Level.RECORDS),
    )
    return evaluate(
        scenarios.scenario_world(found, installed_catalog().sources),
        RuleSet(file.rules, outside=installed_catalog().rules.values()),
        decide_plainly,
        parameters={file.rules[0].id: scenarios.scenario_parameters(found)},
        flags=flags,
    )


def hits(
    rule: Mapping[str, Any],
    given: Mapping[str, Any],
    as_of: str,
    *,
    live: bool = False,
) -> list[Hit]:
    """The hits of a rule on the standing world of scenarios with what is given."""
    return evaluation(rule, given, as_of, live=live).hits


def flags(
    rule: Mapping[str, Any],
    given: Mapping[str, Any],
    as_of: str,
    *,
    live: bool = False,
) -> list[tuple[str, str, str]]:
    """Subject, key and date of each hit."""
    found = hits(rule, given, as_of, live=live)
    return [(hit.subject, hit.key, hit.occurred_on.isoformat()) for hit in found]
