"""Boundary examples of the language with known answers: small rules, small worlds, what is flagged.

They stand in `language_cases.yaml`, a rule without what every rule has (id, title, clause,
severity), the rows that are given beside the standing world of scenarios, and all its flags.
"""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.rules.support import HEADING, evaluated
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.rules.bilingual import Text
from tiesan.rules.parameters import Parameter
from tiesan.rules.positions import RuleFileError
from tiesan.rules.reading.parameter_parser import parse_value
from tiesan.rules.scenarios.files import TestedFile, load_tested_text

Entries = dict[str, yaml.Node]


def _entries(node: yaml.Node) -> Entries:
    return {key.value: value for key, value in node.value}


def _examples() -> Entries:
    text = Path(__file__).with_name("language_cases.yaml").read_text(encoding="utf-8")
    return _entries(cast("yaml.Node", yaml.compose(text, yaml.SafeLoader)))


EXAMPLES = _examples()
CASES = [_entries(each) for each in EXAMPLES["cases"].value]
CELLS = [_entries(each) for each in EXAMPLES["cells"].value]
ERRORS = [_entries(each) for each in EXAMPLES["errors"].value]


def _load(rule: yaml.Node, scenario: Entries | None = None) -> TestedFile:
    """The file of one rule as it is written, with one scenario if it has any."""
    heading = cast(
        "yaml.Node", yaml.compose(yaml.safe_dump({"id": "discipline.sample", **HEADING}))
    )
    own = [*heading.value, *rule.value]
    if scenario is not None:
        test = _mapping({name: scenario[name] for name in scenario if name != "rule"})
        own.append((_scalar("tests"), yaml.SequenceNode("tag:yaml.org,2002:seq", [test])))
    rules = yaml.SequenceNode("tag:yaml.org,2002:seq", [yaml.MappingNode(heading.tag, own)])
    text = yaml.serialize(_in_lines(_mapping({"plugin": _scalar("discipline"), "rules": rules})))
    return load_tested_text(text, installed_catalog().kinds, "sample.yaml")


def _in_lines(node: yaml.Node) -> yaml.Node:
    """The node written in lines: between braces a time would have to be quoted."""
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = False
        below = node.value
        for each in below if isinstance(node, yaml.SequenceNode) else (b for _a, b in below):
            _in_lines(each)
    return node


def _scalar(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _mapping(entries: Entries) -> yaml.MappingNode:
    pairs = [(_scalar(name), node) for name, node in entries.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].value)
def test_a_rule_flags_what_is_said_and_nothing_else(case: Entries) -> None:
    hits = evaluated(_load(case["rule"], case)).hits
    found = [(hit.subject, hit.key, hit.occurred_on.isoformat()) for hit in hits]
    flags: list[dict[str, Any]] = [
        {name: node.value for name, node in _entries(each).items()} for each in case["flags"].value
    ]
    expected = [(each["subject"], each["key"], each["occurred_on"]) for each in flags]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("case", CELLS, ids=lambda case: repr(case["cell"].value))
def test_a_list_in_one_cell(case: Entries) -> None:
    declared = Parameter("payees", FieldType.TEXT, Text("单位", "payees"), (), is_list=True)
    if "refused" in case:
        with use_language("en"), pytest.raises(ValueError, match=case["refused"].value):
            parse_value(case["cell"].value, declared)
        return
    found = parse_value(case["cell"].value, declared)
    assert declared.items(found) == [each.value for each in case["items"].value]
    assert declared.written(found) == case["writes"].value
    assert parse_value(declared.written(found), declared) == found


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["says"].value)
def test_what_is_wrong_is_said(case: Entries) -> None:
    with use_language("en"), pytest.raises(RuleFileError) as refused:
        _load(case["rule"])
    assert case["says"].value in "\n".join(refused.value.lines)
