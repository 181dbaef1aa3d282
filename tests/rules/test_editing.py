"""A text changed at one place: it says what was meant, and all else stands as it was."""

import random
import re

import pytest

from tiesan.flags.catalog import installed_catalog
from tiesan.rulebook.texts import shipped_text
from tiesan.rules.editing.edits import NoPlaceError, append, drop, put, rename
from tiesan.rules.editing.marked import Address, Plain, marked
from tiesan.rules.editing.spelling import inline

TEXT = """# of the house
plugin: discipline
rules:
  - id: discipline.local_x   # stays
    title: {zh: 甲, en: A}  # both
    clause:
      zh: >-
        folded
        text
      en: "quoted: text"
    parameters:
      # the first
      days: {type: integer, label: {zh: 天, en: Days}, value: 3}
    when:
      fact: expense
      where:
        # why the amount
        - {field: amount, op: gte, value: 200}   # two hundred
        - any:
            - field: payee
              op: in
              value: [甲, "乙, 丙"]
            - {field: receipt, op: absent}
    tests:
      - name: one
        given: {}
        as_of: 2026-01-01
        flags: []
"""
RULE = ("rules", 0)
WHERE = (*RULE, "when", "where")


def said(text: str, address: Address = ()) -> Plain:
    node = marked(text).at(address)
    assert node is not None
    return node.plain()


def comments(text: str) -> list[str]:
    return re.findall(r"(?:^|\s)(# .*)$", text, re.MULTILINE)


def other_lines(before: str, after: str) -> int:
    """How many lines of the first text are not in the second any more."""
    left = after.splitlines()
    lost = 0
    for line in before.splitlines():
        if line in left:
            left.remove(line)
        else:
            lost += 1
    return lost


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ((*RULE, "title", "zh"), "乙：丙, 丁"),
        ((*RULE, "clause", "zh"), "one line"),
        ((*RULE, "clause", "en"), "null"),
        ((*WHERE, 0, "value"), "$days"),
        ((*WHERE, 1, "any", 0, "value"), ["a", "b: c"]),
        ((*WHERE, 1, "any", 0, "op"), "not_in"),
        ((*RULE, "when", "fact"), "work_log"),
        ((*RULE, "tests", 0, "given"), {"expense": [{"code": "E1"}]}),
    ],
)
def test_what_stands_there_is_replaced(address: Address, value: Plain) -> None:
    changed = put(TEXT, address, value)
    assert said(changed, address) == value
    assert comments(changed) == comments(TEXT)
    assert other_lines(TEXT, changed) <= 3


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ((*RULE, "severity"), "minor"),
        ((*RULE, "in_force", "from"), "2026-01-01"),
        (
            (*RULE, "when", "with"),
            {"fact": "leave", "where": [{"field": "cadre", "op": "present"}]},
        ),
        ((*WHERE, 0, "days"), "3"),
        ((*RULE, "parameters", "more"), {"type": "list", "of": "text", "value": ["a" * 90, "b"]}),
        ((*RULE, "tests", 0, "given", "expense"), [{"code": f"E{n}"} for n in range(30)]),
        ((*RULE, "message", "zh"), "{amount}元 #1"),
    ],
)
def test_what_is_missing_is_added(address: Address, value: Plain) -> None:
    changed = put(TEXT, address, value, ("id", "title", "clause", "severity"))
    assert said(changed, address) == value
    assert comments(changed)[: len(comments(TEXT))] == comments(TEXT)
    assert other_lines(TEXT, changed) <= 1


def test_a_key_comes_behind_those_before_it() -> None:
    changed = put(TEXT, (*RULE, "severity"), "minor", ("id", "title", "clause", "severity"))
    root = marked(changed).at(RULE)
    assert root is not None
    assert list(root.entries)[:5] == ["id", "title", "clause", "severity", "parameters"]


def test_items_are_appended_in_the_manner_of_their_list() -> None:
    item: Plain = {"field": "receipt", "op": "present"}
    changed = append(TEXT, WHERE, item)
    assert "        - {field: receipt, op: present}\n    tests:" in changed
    changed = append(changed, (*WHERE, 1, "any"), item)
    assert "            - {field: receipt, op: present}\n" in changed
    changed = append(changed, (*WHERE, 1, "any", 0, "value"), "丁")
    assert '[甲, "乙, 丙", 丁]' in changed
    changed = append(changed, (*RULE, "tests", 0, "flags"), {"subject": "C1", "key": "E1"})
    assert "flags: [{subject: C1, key: E1}]" in changed
    changed = append(changed, (*RULE, "tests", 0, "given", "expense"), {"code": "E1"})
    assert "given: {expense: [{code: E1}]}" in changed
    assert comments(changed) == comments(TEXT)


def test_a_key_is_renamed_where_it_stands() -> None:
    changed = rename(TEXT, (*WHERE, 1, "any"), "not")
    assert changed == TEXT.replace("- any:", "- not:")
    for address, name in ((WHERE, "fact"), ((*RULE, "none"), "x"), ((*WHERE, 0), "x")):
        with pytest.raises(NoPlaceError):
            rename(TEXT, address, name)


def test_what_is_left_empty_goes_as_well() -> None:
    changed = drop(TEXT, (*WHERE, 1, "any", 0))
    assert said(changed, (*WHERE, 1)) == {"any": [{"field": "receipt", "op": "absent"}]}
    changed = drop(changed, (*WHERE, 1, "any", 0))
    assert len(said(changed, WHERE)) == 1
    changed = drop(changed, (*WHERE, 0))
    assert said(changed, (*RULE, "when")) == {"fact": "expense"}
    flagged = append(changed, (*RULE, "tests", 0, "flags"), {"subject": "C1", "key": "E1"})
    assert said(drop(flagged, (*RULE, "tests", 0, "flags", 0)), (*RULE, "tests", 0, "flags")) == []


@pytest.mark.parametrize(
    "address", [("none",), (*WHERE, 7), (*RULE, "title", 0), (*WHERE, "field"), (*RULE, 3)]
)
def test_what_is_not_there_is_refused(address: Address) -> None:
    with pytest.raises(NoPlaceError):
        drop(TEXT, address)
    with pytest.raises(NoPlaceError):
        append(TEXT, (*address, 9), "a")


HOSTILE = [
    *("", " a ", "- a", "a: b", "a #b", "{", "[x", "'", '"', "\\", "a\nb", "|", ">", "&a", "*a"),
    *("!t", "%", "@", "`", "null", "~", "true", "17:30", "-5", "a,b", "?", "：", "\t", "…", "🙂"),
    *("\u2028", "_x", "铁山 打印店", "a ", "#", "-", "---", "...", "<<", "=", ".x", "$x", "{y}"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_is_written_so_that_it_is_read_again(text: str) -> None:
    for address in ((*RULE, "title", "zh"), (*RULE, "clause", "zh"), (*WHERE, 1, "any", 0, "op")):
        assert said(put(TEXT, address, text), address) == text
    assert said(inline({text: [text, {"a": text}]})) == {text: [text, {"a": text}]}


def test_any_place_of_the_shipped_rules_can_be_changed() -> None:
    """Of each shipped rule: what is put is there, the rest says what it said, no comment goes."""
    drawn, catalog = random.Random(7), installed_catalog()
    for rule_id in catalog.shipped:
        text = shipped_text(catalog, rule_id) or ""
        root = marked(text)
        places = [(each, node) for each, node in root.within() if each]
        for address, node in drawn.sample(places, 12):
            value = drawn.choice(VALUES)
            changed = put(text, address, value)
            assert said(changed) == _with(root.plain(), address, value)
            # A list in lines goes with its own comments, and with those that lead to it.
            above = root.at(address[:-1])
            start = above.keys.get(str(address[-1]), (node.start,))[0] if above else node.start
            inside = comments(text[start : node.end])
            assert len(comments(changed)) >= len(comments(text)) - len(inside)
            if node.is_list:
                more = append(text, address, value)
                assert said(more, (*address, len(node.items))) == value
                assert comments(more) == comments(text)


VALUES: list[Plain] = ["甲: 乙", {"field": "x y", "op": "present"}, ["a", "b"]]


def _with(whole: Plain, address: Address, value: Plain) -> Plain:
    if not address:
        return value
    step, *rest = address
    if isinstance(step, int):
        assert isinstance(whole, list)
        return [_with(e, tuple(rest), value) if n == step else e for n, e in enumerate(whole)]
    assert isinstance(whole, dict)
    return {n: _with(e, tuple(rest), value) if n == step else e for n, e in whole.items()}
