"""The plain evaluator: conditions as Python functions over facts.

It decides what the engine cannot, checks every answer of the engine, and explains them.
Source: rules-language.md, "Conditions". Blank is no value: a comparison in which either side is
blank is false, ``ne`` and ``not_in`` too.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from tiesan.calendar.periods import quarter_number
from tiesan.facts.folding import folded
from tiesan.facts.kinds import Fact, FactKind, Value
from tiesan.rules.parameters import Values
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    DatePart,
    Literal,
    Op,
    Operand,
    ParameterRef,
    Part,
    Path,
    Related,
    TextPart,
)

Getter: TypeAlias = Callable[[Fact], Any]
Reading: TypeAlias = Callable[[Fact, Fact, Values], Any]
Test: TypeAlias = Callable[[Fact, Fact, Values], bool]

_PARTS: Mapping[Part, Callable[[Any], int | str | None]] = {
    DatePart.YEAR: lambda day: day.year,
    DatePart.QUARTER: quarter_number,
    DatePart.MONTH: lambda day: day.month,
    DatePart.WEEK: lambda day: day.isocalendar()[1],
    TextPart.LENGTH: len,
    TextPart.FOLDED: folded,
}
_COMPARE: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.CONTAINS: lambda text, part: part in text,
    Op.STARTS_WITH: lambda text, part: text.startswith(part),
}


# Conjunctions of more parts than this are gone through in a loop.
_WRITTEN_OUT = 16


class Binding:
    """Turns paths and conditions into functions over the facts of one evaluation.

    ``by_code(kind)`` gives the facts of a kind by code, for paths over a reference; a reference
    to a row that is not known (yet) reads as blank.
    """

    def __init__(
        self,
        kinds: Mapping[str, FactKind],
        by_code: Callable[[str], Mapping[str, Fact]],
    ) -> None:
        """Take the kinds and the look-up of referenced facts."""
        self._kinds = kinds
        self._by_code = by_code

    def kind(self, name: str) -> FactKind:
        """The fact kind of that name; KeyError when there is none."""
        return self._kinds[name]

    def getter(self, path: Path, shape: FactKind) -> Getter:
        """The function from a fact of ``shape`` to the value of ``path``."""
        read = _at(shape.index[path.field.name])
        if path.through is not None:
            read = self._through(read, str(path.field.to), path.through.name)
        if path.part is not None:
            read = _part(read, _PARTS[path.part])
        return read

    def _through(self, read: Getter, kind: str, name: str) -> Getter:
        facts, position = self._by_code(kind), self._kinds[kind].index[name]

        def through(fact: Fact) -> Value:
            referenced = facts.get(read(fact))
            return None if referenced is None else referenced[position]

        return through

    def test(self, condition: Condition, shape: FactKind, anchor: FactKind) -> Test:
        """The function ``(fact, anchor fact, parameters) -> bool`` of a condition.

        ``shape`` is the kind of the fact that left sides start at, ``anchor`` the kind that paths
        with a leading dot start at.
        """
        if isinstance(condition, Comparison):
            return self._comparison(condition, shape, anchor)
        parts = [self.test(part, shape, anchor) for part in condition.parts]
        if isinstance(condition, AllOf):
            return _all_of(parts)
        if isinstance(condition, AnyOf):
            return lambda fact, other, values: any(part(fact, other, values) for part in parts)
        return lambda fact, other, values: not any(part(fact, other, values) for part in parts)

    def _comparison(self, comparison: Comparison, shape: FactKind, anchor: FactKind) -> Test:
        op, right = comparison.op, comparison.right
        left = self._left(comparison.left, shape)
        if op is Op.PRESENT:
            return lambda fact, other, values: left(fact, other, values) is not None
        if op is Op.ABSENT:
            return lambda fact, other, values: left(fact, other, values) is None
        if isinstance(right, tuple):
            if all(isinstance(each, Literal) for each in right):
                members = frozenset(each.value for each in right if isinstance(each, Literal))
                return _listed(left, members, op is Op.IN)
            return _membership(left, [self._operand(each, anchor) for each in right], op is Op.IN)
        if isinstance(right, Literal) and isinstance(comparison.left, Path):
            return _constant(self.getter(comparison.left, shape), _COMPARE[op], right.value)
        if right is None:
            message = f"{op} needs a value"
            raise ValueError(message)
        return _compared(left, _COMPARE[op], self._operand(right, anchor))

    def _left(self, left: Path | ParameterRef, shape: FactKind) -> Reading:
        if isinstance(left, ParameterRef):
            name = left.name
            return lambda _fact, _other, values: values[name]
        read = self.getter(left, shape)
        return lambda fact, _other, _values: read(fact)

    def _operand(self, operand: Operand, anchor: FactKind) -> Reading:
        if isinstance(operand, Literal):
            constant = operand.value
            return lambda _fact, _other, _values: constant
        if isinstance(operand, ParameterRef):
            name = operand.name
            return lambda _fact, _other, values: values[name]
        read = self.getter(operand.path, anchor)
        return lambda _fact, other, _values: read(other)

    def related(self, related: Related, anchor: FactKind, facts: Iterable[Fact]) -> "RelatedFacts":
        """The facts of ``related.kind``, indexed by what they must share with an anchor."""
        return RelatedFacts(self, related.where, self._kinds[related.kind], anchor, facts)

    def joined(
        self, kind: str, where: AllOf, anchor: FactKind, facts: Iterable[Fact]
    ) -> "RelatedFacts":
        """Like ``related`` for any condition that speaks of an anchor."""
        return RelatedFacts(self, where, self._kinds[kind], anchor, facts)


def split_joins(where: AllOf) -> tuple[list[tuple[Path, Path]], AllOf]:
    """The top-level equalities of a related fact with its anchor, and all other conditions.

    Each equality is (path of the related fact, path of the anchor).
    """
    joins: list[tuple[Path, Path]] = []
    rest: list[Condition] = []
    for part in where.parts:
        if (
            isinstance(part, Comparison)
            and part.op is Op.EQ
            and isinstance(part.left, Path)
            and isinstance(part.right, AnchorPath)
        ):
            joins.append((part.left, part.right.path))
        else:
            rest.append(part)
    return joins, AllOf(tuple(rest))


class RelatedFacts:
    """Facts of one kind, found by anchor: equalities through an index, the rest by testing."""

    def __init__(
        self,
        binding: Binding,
        where: AllOf,
        shape: FactKind,
        anchor: FactKind,
        facts: Iterable[Fact],
    ) -> None:
        """Index the facts by the values that ``where`` equates with the anchor's."""
        joins, rest = split_joins(where)
        self._own = [binding.getter(left, shape) for left, _right in joins]
        self._others = [binding.getter(right, anchor) for _left, right in joins]
        self._test = binding.test(rest, shape, anchor)
        self._groups: dict[tuple[Any, ...], list[Fact]] = defaultdict(list)
        for fact in facts:
            key = tuple(read(fact) for read in self._own)
            if None not in key:
                self._groups[key].append(fact)

    def candidates(self, anchor: Fact) -> list[Fact]:
        """The facts equal to the anchor where they must be, whether or not the rest holds."""
        key = tuple(read(anchor) for read in self._others)
        return self._groups.get(key, []) if None not in key else []

    def matching(self, anchor: Fact, values: Values) -> Iterator[Fact]:
        """The facts that fulfil every condition for this anchor."""
        test = self._test
        return (fact for fact in self.candidates(anchor) if test(fact, anchor, values))

    def any(self, anchor: Fact, values: Values) -> bool:
        """Whether any fact fulfils every condition for this anchor."""
        return next(self.matching(anchor, values), None) is not None


def _at(position: int) -> Getter:
    return operator.itemgetter(position)


def _part(read: Getter, part: Callable[[Any], int | str | None]) -> Getter:
    def part_of(fact: Fact) -> int | str | None:
        value = read(fact)
        return None if value is None else part(value)

    return part_of


def _all_of(parts: list[Test]) -> Test:
    # Written out for the usual numbers of parts: a loop takes half as long again.
    if not parts:
        return lambda _fact, _other, _values: True
    if len(parts) > _WRITTEN_OUT:
        return lambda fact, other, values: all(part(fact, other, values) for part in parts)
    if len(parts) == 1:
        return parts[0]
    first, second = parts[0], parts[1]
    if len(parts) == 2:  # noqa: PLR2004 - a pair.
        return lambda fact, other, values: (
            first(fact, other, values) and second(fact, other, values)
        )
    rest = _all_of(parts[2:])
    return lambda fact, other, values: (
        first(fact, other, values) and second(fact, other, values) and rest(fact, other, values)
    )


def _constant(read: Getter, compare: Callable[[Any, Any], bool], constant: Value) -> Test:
    if constant is None:
        return lambda _fact, _other, _values: False
    if compare is operator.eq:
        return lambda fact, _other, _values: read(fact) == constant

    def test(fact: Fact, _other: Fact, _values: Values) -> bool:
        value = read(fact)
        return value is not None and compare(value, constant)

    return test


def _compared(left: Reading, compare: Callable[[Any, Any], bool], right: Reading) -> Test:
    def test(fact: Fact, other: Fact, values: Values) -> bool:
        value = left(fact, other, values)
        if value is None:
            return False
        against = right(fact, other, values)
        return against is not None and compare(value, against)

    return test


def _listed(left: Reading, members: frozenset[Value], positive: bool) -> Test:  # noqa: FBT001
    def test(fact: Fact, other: Fact, values: Values) -> bool:
        value = left(fact, other, values)
        return value is not None and (value in members) is positive

    return test


def _membership(left: Reading, members: list[Reading], positive: bool) -> Test:  # noqa: FBT001
    def test(fact: Fact, other: Fact, values: Values) -> bool:
        value = left(fact, other, values)
        if value is None:
            return False
        given = [member(fact, other, values) for member in members]
        if positive:
            return value in given
        return None not in given and value not in given

    return test
