"""Every sample of the page on writing rules is sound, and its scenario tests come out."""

import re
from contextlib import closing
from textwrap import indent

import pytest

from tiesan.engine.deciding import Engine
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.paths import PACKAGE
from tiesan.rules import PARAMETER_TYPES, Deadline, Duty, Op, RuleSet, Tally, When, decide_plainly
from tiesan.rules.scenarios import TestedFile, load_tested_text, run_scenarios

PAGE = (PACKAGE.parent / "docs" / "writing-a-rule.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CONDITIONS = """plugin: discipline
rules:
  - id: discipline.sample
    title: {zh: 示例, en: Sample}
    clause: {zh: 示例, en: Sample}
    severity: notice
    subject: cadre
    key: code
    occurred_on: spent_on
    when:
      fact: expense
      where:
"""


def load(sample: str) -> TestedFile:
    """The rule file of a sample: a whole file, a single rule, or the conditions of one."""
    text = sample
    if sample.startswith("- id: "):
        plugin = re.match(r"- id: (\w+)\.", sample)
        assert plugin is not None
        text = f"plugin: {plugin[1]}\nrules:\n{indent(sample, '  ')}"
    elif sample.startswith("# where: "):
        text = CONDITIONS + indent(sample, "        ")
    return load_tested_text(text, installed_catalog().kinds, "writing-a-rule.md")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.split("\n", 2)[1].strip())
def test_a_sample_is_sound_and_its_scenarios_come_out(sample: str) -> None:
    catalog, file = installed_catalog(), load(sample)
    rules = RuleSet(file.rules, outside=catalog.rules.values())
    assert len(rules) == 1
    assert file.scenarios or sample.startswith("# where: ")
    with closing(Engine()) as engine:
        for decide in (decide_plainly, engine.decide):
            _number, failures = run_scenarios(file.scenarios, catalog.sources, decide)
            assert [each.differences for each in failures] == []


def test_the_page_shows_every_form() -> None:
    forms = {type(rule.form) for sample in SAMPLES for rule in load(sample).rules}
    assert forms == {When, Deadline, Duty, Tally}


@pytest.mark.parametrize("word", [*Op, *PARAMETER_TYPES, *FieldType])
def test_the_page_names_every_comparison_and_type(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)


def test_the_page_says_nothing_of_rules_that_are_shipped_under_the_same_id() -> None:
    shipped = installed_catalog().rules.keys()
    assert {rule.id for sample in SAMPLES for rule in load(sample).rules} & shipped == set()
