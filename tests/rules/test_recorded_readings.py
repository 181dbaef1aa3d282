"""Texts and what two YAML parsers made of them: libyaml reads as ruamel.yaml did.

`readings.json` was written with both at hand and holds texts with slips of the pen; each has its
nodes (text, whether quoted, blank, place, whether verbatim of every scalar), or null when both
refused it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tiesan.rules.positions import Refused
from tiesan.rules.reading.nodes import Node, Scalar, Sequence
from tiesan.rules.reading.reader import read_text

RECORDED = json.loads(Path(__file__).with_name("readings.json").read_text(encoding="utf-8"))


def plain(node: Node) -> Any:
    """A node as lists and dictionaries."""
    at = str(node.position)
    if isinstance(node, Scalar):
        return [node.text, node.quoted, node.blank, at, node.verbatim]
    if isinstance(node, Sequence):
        return [at, [plain(item) for item in node.items]]
    keys = {name: str(place) for name, place in node.keys.items()}
    return [at, {name: [keys[name], plain(value)] for name, value in node.entries.items()}]


@pytest.mark.parametrize(("text", "nodes"), RECORDED, ids=range(len(RECORDED)))
def test_a_text_is_read_as_it_was(text: str, nodes: Any) -> None:
    if nodes is None:
        with pytest.raises(Refused):
            read_text(text, "x")
    else:
        assert plain(read_text(text, "x")) == nodes


def test_what_is_passed_over_is_a_list_of_blanks() -> None:
    """Nothing else of the file changes for it, and what stands in it is not looked at."""
    tests = "[{a: {b: [c, *d]}}, [e], f, {name: x, name: y}]"
    whole = read_text("rules: [{id: g, tests: [x, x, x, x], key: h}]", "x")
    text = f"rules: [{{id: g, tests: {tests}, key: h}}]"
    assert shape(read_text(text, "x", passing=frozenset({"tests"}))) == shape(whole)
    left_out = read_text("tests: ~\nrules: x", "x", passing=frozenset({"tests"}))
    assert plain(left_out)[1]["tests"] == ["x:1:1", ["x:1:8", []]]


def shape(node: Node) -> Any:
    """A node without its places; what has no text has none."""
    if isinstance(node, Scalar):
        return node.text if node.text not in ("", "x") else None
    if isinstance(node, Sequence):
        return [shape(item) for item in node.items]
    return {name: shape(value) for name, value in node.entries.items()}


def test_line_breaks_of_yaml_1_1_are_plain_characters() -> None:
    text = "a: x\u2028y\nb: '\\ud83d'\nc: \"\\ud83d\\ude00\u0085z\"\n"
    assert shape(read_text(text, "x")) == {
        "a": "x\u2028y",
        "b": "\\ud83d",
        "c": "\U0001f600\u0085z",
    }
    with pytest.raises(Refused, match=r"stored|存"):
        read_text("a: x\u2028y\ufdd0", "x")
