"""Lowering: a checked condition becomes a formula of constant terms over slots.

durable_rules decides constants, the boolean structure and equality joins. What it cannot do safely
becomes a slot that the plain evaluator settles beforehand: comparisons with another field,
``contains`` and ``starts_with``, long lists, constants beyond the engine's limits, and whatever is
too much for one rule (rules-language.md, "What goes to the engine").

Negation is pushed inside, and blank stays no value: ``not (a = 1)`` is "a is blank, or a is not 1".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from tiesan.engine.formulas import (
    Compare,
    Formula,
    Term,
    branches,
    conjuncts,
    every,
    gates,
    slots_of,
    some,
)
from tiesan.engine.slots import (
    Constant,
    PathSlot,
    SettledSlot,
    Slot,
    VerdictSlot,
    constant,
)
from tiesan.facts.kinds import FactKind, Value
from tiesan.rules import (
    AllOf,
    AnchorPath,
    AnyOf,
    Binding,
    Comparison,
    Condition,
    Decision,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
    split_joins,
)

# A fact kind may have 60 rules and or-branches in a ruleset: 64 matches fit on the engine's stack.
KIND_LIMIT = 60
# An "all" of n "any" makes 2^n matches, so that the branches of one rule are limited further.
BRANCH_LIMIT = 16
# The engine notes 32 things per pattern: two per gate, and the join. One gate is the rule's own.
GATE_LIMIT = 12
# `in` with more members is settled beforehand; so is `not_in`, which needs no branches.
IN_LIMIT = 8
NOT_IN_LIMIT = 16
# With more eras of its parameters a rule is settled beforehand as a whole.
ERA_LIMIT = 12

_TERMS = {
    Op.EQ: Compare.EQ,
    Op.NE: Compare.NEQ,
    Op.LT: Compare.LT,
    Op.LTE: Compare.LTE,
    Op.GT: Compare.GT,
    Op.GTE: Compare.GTE,
}
_LISTS = (Op.IN, Op.NOT_IN)
_OPPOSITES = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GTE,
    Op.LTE: Op.GT,
    Op.GT: Op.LTE,
    Op.GTE: Op.LT,
}
_MIRRORED = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.LTE: Op.GTE,
    Op.GT: Op.LT,
    Op.GTE: Op.LTE,
}


@dataclass(frozen=True, slots=True)
class Join:
    """Which related facts a rule looks at: ``own`` paths of theirs equal ``others`` of the anchor.

    Two rules with the same kind and texts of paths share their related facts on the wire.
    """

    kind: str
    own: tuple[PathSlot, ...]
    others: tuple[PathSlot, ...]


@dataclass(frozen=True, slots=True)
class EngineRule:
    """One rule of the engine: what the anchor fulfils and, with a join, what is (not) there.

    ``era`` is the era in which it holds, None when the parameters do not matter.
    """

    era: int | None
    anchor: Formula
    related: tuple[Term, ...] = ()
    join: Join | None = None
    negated: bool = False

    @property
    def weight(self) -> int:
        """How much of the limit of its fact kind the rule takes."""
        return branches(self.anchor)

    @property
    def slots(self) -> Iterable[Slot]:
        """The slots of the anchor."""
        return slots_of(self.anchor)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A decision as the engine's rules; none when it can never hit.

    ``by_era`` says that the rules are guarded by era, ``verdict`` that they rest on the plain
    evaluator's verdict because the engine cannot join the related facts.
    """

    decision: Decision
    rules: tuple[EngineRule, ...]
    by_era: bool
    verdict: bool

    @property
    def weight(self) -> int:
        """How much of the limit of its fact kind the decision takes."""
        return sum(rule.weight for rule in self.rules)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the anchor, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(rule.slots for rule in self.rules)))

    @property
    def join(self) -> Join | None:
        """The join of its rules, None when the engine joins nothing."""
        return next((rule.join for rule in self.rules if rule.join), None)


def lower(decision: Decision, shape: FactKind) -> Lowered:
    """Lower a decision about facts of a shape."""
    by_era = len(decision.eras) > 1 and _has_parameters(decision)
    eras = len(decision.eras) if by_era else 1
    if eras > ERA_LIMIT:
        rule = EngineRule(None, Term(VerdictSlot(decision.rule_id), Compare.EQ, value=True))
        return Lowered(decision, (rule,), by_era=False, verdict=True)
    joined = next((each for each in decision.related if _joinable(each)), None)
    # What the engine does not join is settled beforehand, as the verdict on the whole.
    settled = any(each is not joined for each in decision.related)
    rules: list[EngineRule] = []
    places: dict[int, int] = {}
    for era in range(eras):
        lowering = _Lowering(decision, era, shape, places, min(BRANCH_LIMIT, KIND_LIMIT // eras))
        anchor = lowering.formula(decision.condition)
        rule_era = era if by_era else None
        if settled:
            verdict = Term(VerdictSlot(decision.rule_id), Compare.EQ, value=True)
            anchor = every((anchor, verdict))
        if joined is None:
            rules.append(EngineRule(rule_era, anchor))
        else:
            rules.append(_joined(lowering, anchor, joined, rule_era))
    possible = tuple(rule for rule in rules if rule.anchor is not False)
    return Lowered(decision, possible, by_era, verdict=settled)


def _joined(
    lowering: "_Lowering", anchor: Formula, related: Related, era: int | None
) -> EngineRule:
    """A rule with a join; without one when no related fact can ever fulfil its conditions."""
    joins, rest = split_joins(related.where)
    terms = lowering.terms(rest)
    if terms is None:
        return EngineRule(era, anchor if related.negated else False)
    join = Join(
        related.kind,
        tuple(PathSlot.of(own) for own, _other in joins),
        tuple(PathSlot.of(other) for _own, other in joins),
    )
    return EngineRule(era, anchor, terms, join, related.negated)


def _joinable(related: Related) -> bool:
    """Whether the conditions compare with the anchor by equality alone."""
    _joins, rest = split_joins(related.where)
    return not any(isinstance(each, AnchorPath) for each in operands(rest))


def operands(condition: Condition) -> Iterable[Path | Operand]:
    """Everything that the comparisons of a condition compare."""
    if isinstance(condition, Comparison):
        yield condition.left
        if isinstance(condition.right, tuple):
            yield from condition.right
        elif condition.right is not None:
            yield condition.right
        if condition.days is not None:
            yield condition.days
    else:
        for part in condition.parts:
            yield from operands(part)


def _has_parameters(decision: Decision) -> bool:
    conditions = [decision.condition, *(each.where for each in decision.related)]
    return any(isinstance(each, ParameterRef) for where in conditions for each in operands(where))


class _Lowering:
    """Lowers conditions of one rule with the parameter values of one era."""

    def __init__(
        self,
        decision: Decision,
        era: int,
        shape: FactKind,
        places: dict[int, int],
        branch_limit: int,
    ) -> None:
        self._rule, self._era, self._values = decision.rule_id, era, decision.eras[era]
        self._shape, self._places, self._branch_limit = shape, places, branch_limit
        self._plain = Binding({}, lambda _kind: {})

    def formula(self, condition: Condition, *, holds: bool = True) -> Formula:
        """The formula for a condition that holds, or does not."""
        if isinstance(condition, Comparison):
            return self._comparison(condition, holds=holds)
        inner = holds is not isinstance(condition, NoneOf)
        join = every if holds is not isinstance(condition, AnyOf) else some
        parts = [self.formula(part, holds=inner) for part in condition.parts]
        while not self._fits(formula := join(parts)):
            widest = max(range(len(parts)), key=lambda at: (gates(parts[at]), branches(parts[at])))
            if isinstance(parts[widest], Term):
                return self._settled(condition, holds=holds)
            parts[widest] = self._settled(condition.parts[widest], holds=inner)
        return formula

    def terms(self, where: AllOf) -> tuple[Term, ...] | None:
        """The terms of a related fact, without any gate; None when they can never hold.

        An "any" before the join's equality would end the engine's expression there, and the join
        would match everything: it is settled beforehand.
        """
        terms: dict[Term, None] = {}
        for part in where.parts:
            formula = self.formula(part)
            if formula is False:
                return None
            for each in conjuncts(formula):
                plain = each if isinstance(each, Term) else self._settled(part, holds=True)
                terms[plain] = None
        return tuple(terms)

    def _fits(self, formula: Formula) -> bool:
        return branches(formula) <= self._branch_limit and gates(formula) <= GATE_LIMIT

    def _settled(self, condition: Condition, *, holds: bool) -> Term:
        has_parameters = any(isinstance(each, ParameterRef) for each in operands(condition))
        place = self._places.setdefault(id(condition), len(self._places))
        era = self._era if has_parameters else None
        slot = SettledSlot(self._rule, place, era, condition, self._values)
        return Term(slot, Compare.EQ, value=holds)

    def _comparison(self, comparison: Comparison, *, holds: bool) -> Formula:
        left, op, right = comparison.left, comparison.op, comparison.right
        if isinstance(left, ParameterRef):
            return self._about_parameter(comparison, left, holds=holds)
        slot = PathSlot.of(left)
        if op in (Op.PRESENT, Op.ABSENT):
            return Term(slot, Compare.EX if (op is Op.PRESENT) is holds else Compare.NEX)
        constants = [constant(each) for each in self._values_of(right)]
        known = [each for each in constants if each is not None]
        if len(known) < len(constants) or (op not in _TERMS and op not in _LISTS):
            return self._settled(comparison, holds=holds)
        if op in _LISTS:
            return self._listing(comparison, slot, known, holds=holds)
        if holds:
            return Term(slot, _TERMS[op], known[0])
        return some((Term(slot, Compare.NEX), Term(slot, _TERMS[_OPPOSITES[op]], known[0])))

    def _listing(
        self, comparison: Comparison, slot: PathSlot, members: list[Constant], *, holds: bool
    ) -> Formula:
        one_of = (comparison.op is Op.IN) is holds
        if len(members) > (IN_LIMIT if one_of else NOT_IN_LIMIT):
            return self._settled(comparison, holds=holds)
        if one_of:
            listed = some(Term(slot, Compare.EQ, member) for member in members)
        else:
            others = [Term(slot, Compare.NEQ, member) for member in members]
            listed = every(others or [Term(slot, Compare.EX)])
        return listed if holds else some((Term(slot, Compare.NEX), listed))

    def _about_parameter(
        self, comparison: Comparison, left: ParameterRef, *, holds: bool
    ) -> Formula:
        """Decide a comparison of a parameter now, or turn it round so that a field stands left."""
        right = comparison.right
        given = right if isinstance(right, tuple) else (right,)
        if not any(isinstance(each, AnchorPath) for each in given):
            test = self._plain.test(comparison, self._shape, self._shape)
            return test((), (), self._values) is holds
        value, op = left.value_in(self._values), _MIRRORED.get(comparison.op)
        if not isinstance(right, AnchorPath) or op is None or constant(value) is None:
            return self._settled(comparison, holds=holds)
        literal = Literal(value, left.type)
        mirrored = Comparison(right.path, op, literal, comparison.position)
        return self._comparison(mirrored, holds=holds)

    def _values_of(self, right: Operand | tuple[Operand, ...] | None) -> Sequence[Value]:
        """The constant values on the right: of a list parameter its items, else of each operand."""
        if isinstance(right, ParameterRef) and right.is_list:
            return right.items_in(self._values).items
        given = right if isinstance(right, tuple) else () if right is None else (right,)
        return [self._value(each) for each in given]

    def _value(self, operand: Operand) -> Value:
        """The operand's constant value; None when it is none, or blank."""
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, ParameterRef):
            return operand.value_in(self._values)
        return None
