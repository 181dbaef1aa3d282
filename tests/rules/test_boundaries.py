"""Every number and comparison of the shipped rules is held by a scenario.

Each is moved by the smallest step there is (a comparison made strict or not strict, a parameter one
up or down), one at a time: then a scenario of that rule must fail.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tiesan.flags.catalog import installed_catalog
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.reading.nodes import Mapping, Node, Scalar, Sequence
from tiesan.rules.reading.reader import read_file
from tiesan.rules.scenarios.files import load_tested_text
from tiesan.rules.scenarios.running import run_scenario

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
Place: TypeAlias = tuple[str | int, ...]

OPS = {"lt": "lte", "lte": "lt", "gt": "gte", "gte": "gt", "in": "not_in", "not_in": "in"}
OPS |= {"eq": "ne", "present": "absent", "absent": "present"}
NEXT = {"3": "4", "2": "3", "1": "2", "10": "11", "12": "13", "15": "16", "30": "31", "0": "1"}
NEXT |= {"5": "6", "80": "81"}
NEXT |= {"08:30": "08:31", "17:30": "17:31", "200": "200.01", "not_dismissed": "confirmed_only"}
BEFORE = {"3": "2", "2": "1", "10": "9", "12": "11", "15": "14", "30": "29"}
BEFORE |= {"5": "4", "80": "79"}
BEFORE |= {"08:30": "08:29", "17:30": "17:29", "200": "199.99"}
NUMBERS = ("value", "days", "count", "required")

# Changes that change nothing: a count on the day of the acquisition starts the same clock again,
# and pieces below the threshold that reach it together are at least two.
SAME = {
    ("discipline.asset_not_counted", "gte", "gt"),
    ("discipline.expense_split", "2", "1"),
}


def plain(node: Node) -> Plain:
    """A node as JSON has it, every scalar as text."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: plain(value) for key, value in node.entries.items()}


def scalars(value: Plain, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every scalar of a rule with its place, but for its texts and tests."""
    if isinstance(value, str):
        yield place, value
        return
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        if key not in ("tests", "title", "clause", "message", "label", "choices"):
            yield from scalars(inner, (*place, key))


def steps(place: Place, text: str) -> list[str]:
    """What a scalar may be changed into."""
    if place[-1] == "op" and text in OPS:
        return [OPS[text]]
    if place[-1] in NUMBERS:
        return [step[text] for step in (NEXT, BEFORE) if text in step]
    return []


def changed(value: Plain, place: Place, text: str) -> Plain:
    """A copy of a rule with another text at one place."""
    if not place:
        return text
    first, *rest = place
    if isinstance(value, dict):
        entries = value.items()
        return {
            key: changed(inner, tuple(rest), text) if key == first else inner
            for key, inner in entries
        }
    assert not isinstance(value, str)
    return [
        changed(inner, tuple(rest), text) if number == first else inner
        for number, inner in enumerate(value)
    ]


def changes() -> Iterator[tuple[str, str, str, str]]:
    """Rule id, what is changed into what, and the text of the file with that rule alone."""
    for path in (Path(each.name) for each in installed_catalog().files):
        file = plain(read_file(path))
        assert isinstance(file, dict)
        for rule in file["rules"]:
            assert isinstance(rule, dict)
            for place, text in scalars(rule):
                for step in steps(place, text):
                    content = {"plugin": file["plugin"], "rules": [changed(rule, place, step)]}
                    yield str(rule["id"]), text, step, json.dumps(content)


@pytest.mark.parametrize("plugin", [each.plugin for each in installed_catalog().files])
def test_scenarios_notice_every_step(plugin: str) -> None:
    """No number and no comparison can be moved without a scenario that fails."""
    catalog = installed_catalog()
    levels = {rule.id: rule.level for rule in catalog.rules.values()}
    unnoticed = []
    for rule_id, text, step, content in changes():
        if rule_id.split(".")[0] != plugin or (rule_id, text, step) in SAME:
            continue
        scenarios = load_tested_text(content, catalog.kinds, "changed").scenarios
        if not any(
            run_scenario(each, catalog.sources, decide_plainly, levels) for each in scenarios
        ):
            unnoticed.append(f"{rule_id}: {text} -> {step}")
    assert unnoticed == []
