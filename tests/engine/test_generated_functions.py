"""Conditions written out as Python functions: they mean what a naive reading of the tree says.

And nothing that anybody wrote ever becomes part of a program.
"""

import re
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.support import (
    APPROVAL,
    CLAIM,
    Naive,
    World,
    always,
    anything,
    batch,
    compare,
    everything,
    fact,
    nothing,
    word,
)
from tests.engine.test_random_rules import (
    LISTED,
    UNITS,
    VALUES,
    conditions,
    decisions,
    facts_of,
    items,
)
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType
from tiesan.rules import ItemList
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import Decision
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.sweeps import Sweep
from tiesan.rules.judging.written import MOST_DEPTH
from tiesan.rules.positions import Position
from tiesan.rules.tree import AllOf, Comparison, Condition, Op, ParameterRef, Path

# All that a function may call by name: what it was given, methods of lists and texts, and the loop.
KNOWN_NAMES = re.compile(r"c\d+|append|startswith|enumerate|zip")

values = st.fixed_dictionaries(
    {f"p_{each}": st.sampled_from(VALUES[each]) for each in VALUES}
    | {f"l_{each}": items(each).map(lambda found: ItemList(tuple(found))) for each in LISTED}
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    facts=facts_of(CLAIM, 30),
    approvals=facts_of(APPROVAL, 12),
    drawn=st.integers(1, 6).flatmap(
        lambda count: st.tuples(*(decisions(f"r{number}") for number in range(count)))
    ),
)
def test_a_sweep_and_a_naive_reading_agree(
    facts: list[Fact], approvals: list[Fact], drawn: tuple[Decision, ...]
) -> None:
    world = World({"unit": UNITS, "claim": facts, "approval": approvals})
    claims, naive = batch(facts, *drawn), Naive(world)
    verdicts = decide_plainly([claims], world.binding, world.of_kind)
    assert verdicts.hits == {each.rule_id: naive.hits(claims, each) for each in drawn}


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(conditions(APPROVAL), facts_of(APPROVAL, 8), facts_of(CLAIM, 8), values)
def test_one_function_and_a_naive_reading_agree(
    condition: Condition, approvals: list[Fact], facts: list[Fact], given: dict[str, Any]
) -> None:
    world = World({"unit": UNITS})
    test, naive = world.binding.test(condition, APPROVAL, CLAIM), Naive(world)
    for approval in approvals:
        for claim in facts:
            own, anchor = named(APPROVAL, approval), named(CLAIM, claim)
            assert test(approval, claim, given) is naive.holds(condition, own, anchor, given)


def named(kind: FactKind, each: Fact) -> dict[str, Any]:
    """A fact by names of its fields."""
    return {field.name: value for field, value in zip(kind.fields, each, strict=True)}


def judged(condition: Condition, *facts: Fact) -> tuple[list[bool], list[int]]:
    """What a function of its own says of facts, and the positions that a sweep hits."""
    binding = World().binding
    test = binding.test(condition, CLAIM, CLAIM)
    decision = Decision("r", AllOf((condition,)), (), ({},), always)
    sweep = Sweep([decision], CLAIM, binding, lambda _kind: ())
    (hits,) = sweep.hits(facts, sweep.eras(facts))
    return [test(each, each, {}) for each in facts], hits


ONE, TWO, BLANK = fact(CLAIM, count=1), fact(CLAIM, count=2), fact(CLAIM)


@pytest.mark.parametrize("group", [everything, anything])
def test_conditions_a_hundred_levels_deep_are_judged(group: Callable[..., Condition]) -> None:
    condition: Condition = compare("count", "eq", 1)
    for level in range(MOST_DEPTH - 1):
        condition = nothing(condition) if level % 2 else group(condition)
    # The negations are odd in number; the sweep puts one more group around.
    turned = (MOST_DEPTH - 1) // 2 % 2 == 1
    says, hits = judged(condition, ONE, TWO, BLANK)
    assert says == ([False, True, True] if turned else [True, False, False])
    assert hits == ([1, 2] if turned else [0])


def test_deeper_conditions_are_refused() -> None:
    condition: Condition = compare("count", "eq", 1)
    for _level in range(5_000):
        condition = nothing(condition)
    with pytest.raises(ValueError, match="deeper than 100 levels"):
        judged(condition, ONE)


def test_ten_thousand_conditions_are_judged() -> None:
    present, ones = compare("count", "present"), [compare("count", "eq", 1)] * 10_000
    large = [compare("count", "gt", 1_000 + number) for number in range(10_000)]
    for condition, expected in (
        (everything(*ones), [0]),
        (everything(*ones, nothing(present)), []),
        (anything(*large), []),
        (anything(*large, present), [0, 1]),
        (nothing(*large), [0, 1, 2]),
        (nothing(*large, present), [2]),
    ):
        says, hits = judged(condition, ONE, TWO, BLANK)
        assert hits == [at for at, holds in enumerate(says) if holds] == expected


@pytest.mark.parametrize("wide", [2, 30])
def test_a_wide_and_deep_condition_is_judged(wide: int) -> None:
    condition: Condition = compare("count", "eq", 1)
    for level in range(9 if wide == 2 else 3):
        condition = (anything if level % 2 else everything)(*[condition] * wide)
    assert judged(condition, ONE, TWO, BLANK) == ([True, False, False], [0])


def test_a_list_of_ten_thousand_members_is_looked_through() -> None:
    constants: list[Any] = list(range(10_000))
    for members in (constants, [*constants, ".count"], [".liquid", *constants]):
        known = fact(CLAIM, count=7, liquid=3)
        assert judged(compare("count", "in", members), known, BLANK) == ([True, False], [0])
        assert judged(compare("count", "not_in", members), known, BLANK) == ([False, False], [])


HOSTILE = [
    "'); raise SystemExit #",
    '"]; raise SystemExit; x["',
    "\\",
    "\\'",
    '"""',
    "\n    raise SystemExit",
    "{0.__class__}",
    "%(c0)s",
    "c0",
    "__import__('os')._exit(1)",
    "\x00",
    "\ud800",
    "judge",
    "None",
]


def about(shape: FactKind, text: str) -> AllOf:
    """Conditions that compare a field called ``text`` with ``text`` in all ways."""
    own, here = Path(text, shape.name, shape.by_name[text]), Position(text, 1, 1)
    rights: list[tuple[Op, Any]] = [
        (Op.EQ, word(text)),
        (Op.IN, (word(text), word("x"))),
        (Op.IN, (word("x"), ParameterRef(text, FieldType.TEXT))),
        (Op.CONTAINS, word(text)),
        (Op.STARTS_WITH, word(text)),
        (Op.EQ, ParameterRef(text, FieldType.TEXT)),
    ]
    return AllOf(tuple(Comparison(own, op, right, here) for op, right in rights))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_and_names_are_no_program(text: str) -> None:
    fields = [Field(name, FieldType.TEXT, text) for name in ("code", text)]
    shape = FactKind(text, text, tuple(fields))
    binding, condition, given = (
        Binding({text: shape}, lambda _kind: {}),
        about(shape, text),
        {text: text},
    )
    test = binding.test(condition, shape, shape)
    assert test((None, text), (), given) is True
    assert test((None, "x" + text), (), given) is False
    decision = Decision(text, condition, (), (given,), always)
    sweep = Sweep([decision], shape, binding, lambda _kind: ())
    facts: list[Fact] = [(None, text), (None, "other")]
    assert sweep.hits(facts, sweep.eras(facts)) == [[0]]
    for function in (test, sweep._judge):
        assert_made_of_known_words(function)


def assert_made_of_known_words(function: Any) -> None:
    """The program of a function has no texts, no other names, and no builtins."""
    code: CodeType = function.__code__
    assert all(isinstance(each, int | None) for each in code.co_consts)
    assert [name for name in code.co_names if not KNOWN_NAMES.fullmatch(name)] == []
    assert set(function.__globals__["__builtins__"]) == {"enumerate", "zip"}


def test_conditions_that_look_alike_are_compiled_once() -> None:
    binding = World().binding
    first, second = (
        binding.test(compare("note", "eq", text), CLAIM, CLAIM) for text in ("a", "'\n")
    )
    assert first is not second
    assert first.__code__ is second.__code__
