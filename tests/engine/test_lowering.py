"""What goes to the engine, and what the plain evaluator settles beforehand."""

import pytest

from tests.engine.support import (
    APPROVAL,
    CLAIM,
    always,
    anything,
    compare,
    decision,
    everything,
    nothing,
    path,
)
from tiesan.engine import lower as limits
from tiesan.engine.formulas import Compare, Every, Formula, Some, Term, branches, gates, slots_of
from tiesan.engine.lower import EngineRule, lower
from tiesan.engine.slots import PathSlot, SettledSlot, VerdictSlot
from tiesan.rules import AllOf, Condition, Decision, Related


def lowered(*parts: Condition, related: Related | None = None) -> Formula:
    (rule,) = lower(decision("rule", *parts, related=related), CLAIM).rules
    return rule.anchor


def term(text: str, compare: Compare, value: int | str | bool = 1) -> Term:
    return Term(PathSlot(text, path(text)), compare, value)


COUNT_IS_1 = compare("count", "eq", 1)


def test_constant_terms_go_to_the_engine() -> None:
    assert lowered(COUNT_IS_1, compare("note", "present"), compare("limit", "lt", 5)) == Every(
        (term("count", Compare.EQ, 1), term("note", Compare.EX), term("limit", Compare.LT, 5))
    )


def test_values_behind_a_path_go_to_the_engine() -> None:
    assert lowered(compare("unit.size", "gte", 3)) == term("unit.size", Compare.GTE, 3)


def test_negation_is_pushed_inside_and_keeps_the_blank() -> None:
    no_note, not_1 = term("note", Compare.NEX), term("count", Compare.NEQ, 1)
    assert lowered(nothing(compare("note", "present"), COUNT_IS_1)) == Every(
        (no_note, Some((term("count", Compare.NEX), not_1)))
    )
    assert lowered(nothing(everything(compare("note", "present"), COUNT_IS_1))) == Some(
        (no_note, term("count", Compare.NEX), not_1)
    )
    assert lowered(nothing(nothing(COUNT_IS_1))) == term("count", Compare.EQ, 1)


def test_what_is_always_or_never_true_disappears() -> None:
    assert lowered() is True
    assert lowered(anything(COUNT_IS_1, nothing())) is True
    assert lower(decision("rule", anything(), COUNT_IS_1), CLAIM).rules == ()


SETTLED = [
    compare("amount", "gt", ".limit"),
    compare("unit.size", "eq", ".count"),
    compare("note", "contains", "a"),
    compare("note", "starts_with", "a"),
    compare("count", "in", [1, ".amount"]),
    compare("count", "in", list(range(limits.NOT_IN_LIMIT + 1))),
    compare("count", "not_in", list(range(limits.NOT_IN_LIMIT + 1))),
    compare("note", "eq", "x" * 8_001),
    compare("note", "eq", "\ud800"),
    compare("count", "lt", 2**53),
]


@pytest.mark.parametrize("condition", SETTLED)
@pytest.mark.parametrize("holds", [True, False])
def test_what_the_engine_cannot_do_is_settled_beforehand(
    condition: Condition, *, holds: bool
) -> None:
    formula = lowered(condition if holds else nothing(condition))
    assert isinstance(formula, Term)
    assert isinstance(formula.slot, SettledSlot)
    assert formula.slot.condition is condition
    assert (formula.compare, formula.value) == (Compare.EQ, holds)


def test_short_lists_go_to_the_engine() -> None:
    assert lowered(compare("count", "in", [1, 2, 2])) == Some(
        (term("count", Compare.EQ, 1), term("count", Compare.EQ, 2))
    )
    assert isinstance(lowered(compare("count", "in", list(range(limits.IN_LIMIT + 1)))), Term)
    assert lowered(compare("count", "not_in", [1, 2])) == Every(
        (term("count", Compare.NEQ, 1), term("count", Compare.NEQ, 2))
    )


def any_of(count: int, field: str = "count") -> Condition:
    return anything(*(compare(field, "eq", number) for number in range(count)))


def test_the_product_of_branches_is_limited() -> None:
    formula = lowered(any_of(4), any_of(4, "amount"), any_of(2, "limit"))
    assert branches(formula) <= limits.BRANCH_LIMIT
    settled = [slot for slot in slots_of(formula) if isinstance(slot, SettledSlot)]
    assert len(settled) == 1
    assert branches(lowered(any_of(16))) == 16
    assert isinstance(lowered(any_of(17)), Term)
    explosion = lowered(*(any_of(2, field) for field in ("count", "amount", "limit") for _ in "ab"))
    assert branches(explosion) <= limits.BRANCH_LIMIT


def test_the_gates_of_a_pattern_are_limited() -> None:
    condition: Condition = COUNT_IS_1
    for number in range(20):
        other = compare("amount", "eq", number)
        condition = anything(everything(condition, other), nothing(other))
    formula = lowered(condition)
    assert gates(formula) <= limits.GATE_LIMIT
    assert branches(formula) <= limits.BRANCH_LIMIT


def with_eras(*values: int, parts: tuple[Condition, ...] = ()) -> tuple[EngineRule, ...]:
    parts = parts or (compare("count", "gte", "$least"),)
    eras = tuple({"least": value} for value in values)
    return lower(Decision("rule", AllOf(parts), (), eras, always), CLAIM).rules


def test_one_era_is_inlined() -> None:
    (rule,) = with_eras(3)
    assert (rule.era, rule.anchor) == (None, term("count", Compare.GTE, 3))


def test_several_eras_are_one_rule_each() -> None:
    assert [(rule.era, rule.anchor) for rule in with_eras(3, 5)] == [
        (0, term("count", Compare.GTE, 3)),
        (1, term("count", Compare.GTE, 5)),
    ]


def test_eras_that_no_condition_mentions_are_one_rule() -> None:
    (rule,) = with_eras(3, 5, parts=(COUNT_IS_1,))
    assert rule.era is None


def test_a_parameter_on_the_left_is_decided_at_once() -> None:
    rules = with_eras(3, 5, parts=(compare("$least", "gt", 4), COUNT_IS_1))
    assert [(rule.era, rule.anchor) for rule in rules] == [(1, term("count", Compare.EQ, 1))]
    assert with_eras(3, parts=(nothing(compare("$least", "in", [4, "$least"])),)) == ()


def test_a_parameter_compared_with_a_field_is_turned_round() -> None:
    assert [rule.anchor for rule in with_eras(3, parts=(compare("$least", "lt", ".count"),))] == [
        term("count", Compare.GT, 3)
    ]
    (rule,) = with_eras(2**60, parts=(compare("$least", "lt", ".count"),))
    assert isinstance(rule.anchor, Term)
    assert isinstance(rule.anchor.slot, SettledSlot)


def test_many_eras_share_the_branches_and_very_many_are_settled_as_a_whole() -> None:
    rules = with_eras(*range(6), parts=(compare("count", "gte", "$least"), any_of(12)))
    assert len(rules) == 6
    assert sum(rule.weight for rule in rules) <= limits.KIND_LIMIT
    (rule,) = with_eras(*range(limits.ERA_LIMIT + 1))
    assert rule.anchor == Term(VerdictSlot("rule"), Compare.EQ, value=True)


def related(*parts: Condition, negated: bool = True) -> Related:
    return Related("approval", AllOf(parts), negated)


OF_CLAIM = compare("claim", "eq", ".code", APPROVAL)
BY_A = compare("body", "eq", "a", APPROVAL)


def test_equalities_with_the_anchor_are_joined_by_the_engine() -> None:
    unit = compare("unit", "eq", ".unit", APPROVAL)
    (rule,) = lower(
        decision("rule", COUNT_IS_1, related=related(OF_CLAIM, unit, BY_A)), CLAIM
    ).rules
    assert rule.join is not None
    assert rule.negated
    assert [slot.text for slot in rule.join.own] == ["claim", "unit"]
    assert [slot.text for slot in rule.join.others] == ["code", "unit"]
    assert rule.related == (Term(PathSlot("body", path("body", APPROVAL)), Compare.EQ, "a"),)


def test_a_gate_among_related_facts_is_settled_beforehand() -> None:
    either = anything(BY_A, compare("amount", "absent", kind=APPROVAL))
    (rule,) = lower(decision("rule", related=related(OF_CLAIM, either)), CLAIM).rules
    (only,) = rule.related
    assert isinstance(only.slot, SettledSlot)
    assert only.slot.condition is either


def test_other_comparisons_with_the_anchor_are_left_to_the_plain_evaluator() -> None:
    before = compare("decided_on", "lte", ".paid_on", APPROVAL)
    for where in (before, anything(before), nothing(compare("claim", "eq", ".code", APPROVAL))):
        result = lower(decision("rule", COUNT_IS_1, related=related(OF_CLAIM, where)), CLAIM)
        assert result.verdict
        assert result.join is None
        assert result.rules[0].anchor == Every(
            (term("count", Compare.EQ, 1), Term(VerdictSlot("rule"), Compare.EQ, value=True))
        )


def test_related_facts_that_cannot_be_there_are_not_looked_for() -> None:
    never = compare("body", "in", [], APPROVAL)
    (rule,) = lower(decision("rule", COUNT_IS_1, related=related(OF_CLAIM, never)), CLAIM).rules
    assert (rule.anchor, rule.join) == (term("count", Compare.EQ, 1), None)
    there = related(OF_CLAIM, never, negated=False)
    assert lower(decision("rule", COUNT_IS_1, related=there), CLAIM).rules == ()
