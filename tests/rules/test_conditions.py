"""Conditions as written, against a reading of the written condition itself."""

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.support import problems
from tiesan.facts.kinds import Fact, FactKind, FactKinds, Field, FieldType, Value
from tiesan.money import format_amount
from tiesan.rules.bilingual import Text
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.parameters import Parameter
from tiesan.rules.positions import Problems
from tiesan.rules.reading.condition_parser import Sides, parse_where
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.path_parser import Vocabulary
from tiesan.rules.reading.reader import read_text

UNIT = FactKind(
    "unit",
    "Unit",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("size", FieldType.INTEGER, "Size"),
        Field("since", FieldType.DATE, "Since"),
    ),
)
BILL = FactKind(
    "bill",
    "Bill",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("note", FieldType.TEXT, "Note"),
        Field("number", FieldType.INTEGER, "Number"),
        Field("amount", FieldType.AMOUNT, "Amount"),
        Field("day", FieldType.DATE, "Day"),
        Field("paid", FieldType.DATE, "Paid"),
        Field("at", FieldType.TIME, "At"),
        Field("done", FieldType.BOOLEAN, "Done"),
        Field("state", FieldType.CHOICE, "State", choices={"new": "New", "old": "Old"}),
        Field("unit", FieldType.REFERENCE, "Unit", to="unit"),
    ),
)
KINDS = FactKinds([UNIT, BILL])
VALUES: Mapping[FieldType, list[Any]] = {
    FieldType.TEXT: ["a", "ab", "é", ".a", "$a", "甲", "A", "ａ b", "\u200b"],
    FieldType.INTEGER: [0, 1, 2, 3, 2026, -1],
    FieldType.AMOUNT: [0, 1, 19_999, 20_000],
    FieldType.DATE: [date(2026, 3, 1), date(2026, 3, 31), date(2025, 12, 29), date(2026, 1, 1)],
    FieldType.TIME: [time(0, 0), time(8, 30), time(17, 30)],
    FieldType.BOOLEAN: [True, False],
    FieldType.CHOICE: ["new", "old"],
    FieldType.REFERENCE: ["U1", "U2", "nowhere"],
}
PATHS = {
    **{each.name: each.type for each in BILL.fields},
    "day.year": FieldType.INTEGER,
    "day.quarter": FieldType.INTEGER,
    "day.month": FieldType.INTEGER,
    "paid.week": FieldType.INTEGER,
    "unit.size": FieldType.INTEGER,
    "unit.since": FieldType.DATE,
    "unit.since.month": FieldType.INTEGER,
    "note.length": FieldType.INTEGER,
    "note.folded": FieldType.TEXT,
}
# What a part is compared with must be a value that it can have.
CONSTANTS: Mapping[str, list[Any]] = {
    "day.year": [2026],
    "day.quarter": [2, 3],
    "day.month": [2, 3],
    "paid.week": [2, 3],
    "unit.since.month": [2, 3],
    "note.length": [2, 3],
    "note.folded": ["a", "ab", "é", "甲"],
}
ORDERED = {FieldType.INTEGER, FieldType.AMOUNT, FieldType.DATE, FieldType.TIME}
PARAMETERS = {
    f"p_{kind}": Parameter(f"p_{kind}", kind, Text("参数", "Parameter"), ())
    for kind in VALUES
    if kind not in (FieldType.REFERENCE, FieldType.CHOICE)
}


def written(value: Value, kind: FieldType) -> str:
    """A constant as a rule file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and kind is FieldType.AMOUNT:
        return format_amount(value)
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    """A comparison as a rule file has it."""
    path = draw(st.sampled_from(sorted(PATHS)))
    kind, left = PATHS[path], {"field": path}
    if kind in (each.type for each in PARAMETERS.values()) and draw(st.integers(0, 9)) == 0:
        left = {"parameter": f"p_{kind}"}
    ops = ["eq", "ne", "in", "not_in", "present", "absent"]
    ops += ["lt", "lte", "gt", "gte"] if kind in ORDERED else []
    ops += ["contains", "starts_with"] if kind is FieldType.TEXT else []
    op = draw(st.sampled_from(ops))
    if op in ("present", "absent"):
        return {**left, "op": op}
    value = operands(path, kind)
    return {
        **left,
        "op": op,
        "value": draw(st.lists(value, min_size=1, max_size=4) if "in" in op.split("_") else value),
    }


def operands(path: str, kind: FieldType) -> st.SearchStrategy[Any]:
    """A constant, a parameter, or another field of one type."""

    def constant(value: Value) -> Any:
        text = written(value, kind)
        return {"literal": text} if text[0] in ".$" else text

    others = [each for each, of_type in PATHS.items() if of_type is kind]
    # A reference is compared with what names the same kind of row only.
    values = [value for value in CONSTANTS.get(path, VALUES[kind]) if value != "\u200b"]
    constants = st.sampled_from(values).map(constant)
    found = [constants, st.sampled_from(others).map(".".__add__)]
    if f"p_{kind}" in PARAMETERS:
        found.append(st.just(f"$p_{kind}"))
    return st.one_of(found)


conditions = st.recursive(
    comparisons(),
    lambda inner: st.dictionaries(
        st.sampled_from(["any", "all", "not"]),
        st.lists(inner, min_size=1, max_size=3),
        min_size=1,
        max_size=1,
    ),
    max_leaves=8,
)
facts = st.tuples(*(st.sampled_from([None, *VALUES[each.type]]) for each in BILL.fields))
parameters = st.fixed_dictionaries(
    {name: st.sampled_from(VALUES[each.type]) for name, each in PARAMETERS.items()}
)
UNITS: dict[str, Fact] = {"U1": ("U1", 2, date(2026, 3, 1)), "U2": ("U2", None, None)}


class Reader:
    """Reads a written condition about a fact, and has never seen a syntax tree."""

    def __init__(self, fact: Fact, anchor: Fact, values: Mapping[str, Value]) -> None:
        self.fact, self.anchor, self.values = fact, anchor, values

    def holds(self, condition: Mapping[str, Any]) -> bool:
        for group in ("any", "all", "not"):
            if group in condition:
                parts = [self.holds(part) for part in condition[group]]
                return {"any": any(parts), "all": all(parts), "not": not any(parts)}[group]
        if "parameter" in condition:
            left, kind = (
                self.values[condition["parameter"]],
                PARAMETERS[condition["parameter"]].type,
            )
        else:
            left, kind = self.path(condition["field"], self.fact), PATHS[condition["field"]]
        op = condition["op"]
        if op in ("present", "absent"):
            return (left is None) is (op == "absent")
        given = condition["value"]
        right = [
            self.operand(each, kind) for each in (given if isinstance(given, list) else [given])
        ]
        return left is not None and self.compared(left, op, right)

    def compared(self, left: Any, op: str, right: list[Any]) -> bool:
        if op == "in":
            return any(each is not None and each == left for each in right)
        if any(each is None for each in right):
            return False
        if op == "not_in":
            return all(each != left for each in right)
        (other,) = right
        return bool(
            {
                "eq": lambda: left == other,
                "ne": lambda: left != other,
                "lt": lambda: left < other,
                "lte": lambda: left <= other,
                "gt": lambda: left > other,
                "gte": lambda: left >= other,
                "contains": lambda: left.find(other) >= 0,
                "starts_with": lambda: left.find(other) == 0,
            }[op]()
        )

    def operand(self, given: Any, kind: FieldType) -> Any:
        if isinstance(given, str) and given.startswith("$"):
            return self.values[given[1:]]
        if isinstance(given, str) and given.startswith("."):
            return self.path(given[1:], self.anchor)
        text = given["literal"] if isinstance(given, dict) else given
        return next(value for value in VALUES[kind] if written(value, kind) == text)

    def path(self, text: str, fact: Fact) -> Any:
        steps = text.split(".")
        value: Any = fact[BILL.index[steps.pop(0)]]
        if steps and steps[0] in UNIT.index:
            value = UNITS[value][UNIT.index[steps[0]]] if value in UNITS else None
            steps.pop(0)
        if not steps or value is None:
            return value
        if isinstance(value, str):
            # All that the drawn texts have in them of what folding changes.
            alike = value.lower().replace("ａ", "a").replace(" ", "").replace("\u200b", "")
            return {"length": len(value), "folded": alike or None}[steps[0]]
        week = value.isocalendar().week
        quarter = (value.month - 1) // 3 + 1
        return {"year": value.year, "month": value.month, "quarter": quarter, "week": week}[
            steps[0]
        ]


def answer(where: list[Any], fact: Fact, anchor: Fact, values: Mapping[str, Value]) -> bool:
    """What the program says of a fact, from the text of the conditions on."""
    root = read_text(json.dumps({"where": where}, ensure_ascii=False), "sample")
    assert isinstance(root, MappingNode)
    problems = Problems()
    vocabulary = Vocabulary(KINDS, PARAMETERS, problems)
    parsed = parse_where(root.entries["where"], Sides(BILL, BILL), vocabulary)
    assert problems.found == []
    binding = Binding(KINDS, lambda kind: UNITS if kind == "unit" else {})
    return binding.test(parsed, BILL, BILL)(fact, anchor, values)


@given(st.lists(conditions, max_size=3), facts, facts, parameters)
def test_conditions_mean_what_they_say(
    where: list[Any], fact: Fact, anchor: Fact, values: Mapping[str, Value]
) -> None:
    reader = Reader(fact, anchor, values)
    expected = all(reader.holds(each) for each in where)
    assert answer(where, fact, anchor, values) is expected


BLANK: Fact = (None,) * len(BILL.fields)
FULL: Fact = ("B1", "ab", 1, 100, date(2026, 3, 1), None, time(8), True, "new", "U1")


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "lte", "gt", "gte"])
def test_a_comparison_with_a_blank_on_either_side_is_false(op: str) -> None:
    assert not answer([{"field": "number", "op": op, "value": "1"}], BLANK, BLANK, {})
    against = [{"field": "day", "op": op, "value": ".paid"}]
    assert not answer(against, FULL, FULL, {})
    assert answer([{"not": against}], FULL, FULL, {})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "number", "op": "absent"}, True),
        ({"field": "number", "op": "present"}, False),
        ({"field": "number", "op": "in", "value": ["1"]}, False),
        ({"field": "number", "op": "not_in", "value": ["1"]}, False),
        ({"field": "note", "op": "contains", "value": "a"}, False),
        ({"not": [{"field": "number", "op": "eq", "value": "1"}]}, True),
        ({"not": [{"field": "number", "op": "absent"}]}, False),
        ({"field": "unit.size", "op": "absent"}, True),
        ({"field": "day.year", "op": "ne", "value": "2026"}, False),
    ],
)
def test_blank_is_no_value(condition: dict[str, Any], *, expected: bool) -> None:
    assert answer([condition], BLANK, BLANK, {}) is expected


def test_a_blank_member_of_a_list() -> None:
    """It equals nothing, and of what is not in a list with a blank nobody can say so."""
    for member, is_in in (("2026-03-01", True), ("2026-03-02", False)):
        listed = {"field": "day", "value": [member, ".paid"]}
        assert answer([{**listed, "op": "in"}], FULL, FULL, {}) is is_in
        assert not answer([{**listed, "op": "not_in"}], FULL, FULL, {})


def test_a_reference_that_leads_nowhere_reads_as_blank() -> None:
    lost = (*FULL[:-1], "nowhere")
    assert answer([{"field": "unit", "op": "present"}], lost, lost, {})
    assert answer([{"field": "unit.size", "op": "absent"}], lost, lost, {})


def test_texts_are_compared_exactly_after_composition() -> None:
    composed = (*FULL[:1], "\u00e9", *FULL[2:])
    assert answer([{"field": "note", "op": "eq", "value": "e\u0301"}], composed, composed, {})
    assert not answer([{"field": "note", "op": "eq", "value": "É"}], composed, composed, {})
    assert not answer([{"field": "note", "op": "contains", "value": "A"}], FULL, FULL, {})


@pytest.mark.parametrize("text", [".x", "$x"])
def test_a_text_that_looks_like_a_path_is_written_as_a_literal(text: str) -> None:
    fact = (*FULL[:1], text, *FULL[2:])
    literal = {"literal": text}
    assert answer([{"field": "note", "op": "eq", "value": literal}], fact, fact, {})
    assert answer([{"field": "note", "op": "in", "value": ["a", literal]}], fact, fact, {})
    assert answer([{"field": "note", "op": "starts_with", "value": literal}], fact, fact, {})


def test_no_conditions_are_true() -> None:
    assert answer([], BLANK, BLANK, {})


def test_thousands_of_conditions_are_gone_through() -> None:
    many = [{"field": "number", "op": "eq", "value": "1"}] * 3000
    assert answer(many, FULL, FULL, {})
    assert not answer([*many, {"field": "number", "op": "eq", "value": "2"}], FULL, FULL, {})


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"field": "amount", "op": "present"}
    for _number in range(depth):
        inner = {"not": [inner]}
    return inner


def test_groups_may_be_nested_eight_deep() -> None:
    rule = {"subject": "cadre", "key": "code", "occurred_on": "spent_on"}
    assert answer([nested(8)], FULL, FULL, {})
    assert not answer([nested(7)], FULL, FULL, {})
    (problem,) = problems({**rule, "when": {"fact": "expense", "where": [nested(9)]}})
    assert "deeper than 8" in problem
