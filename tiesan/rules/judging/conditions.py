"""The plain evaluator: conditions as Python functions over facts, written out in `written`.

It decides what the engine cannot, checks every answer of the engine, and explains them.
Source: rules-language.md, "Conditions". Blank is no value: a comparison in which either side is
blank is false, ``ne`` and ``not_in`` too.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tiesan.calendar.periods import half_year_number, quarter_number
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.folding import folded
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.rules.judging.measuring import Getter, length_getter
from tiesan.rules.judging.written import Names, Read, Writer, comparisons
from tiesan.rules.lengths import Length
from tiesan.rules.parameters import Values
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    Comparison,
    Condition,
    Op,
    ParameterRef,
    Path,
    Related,
)

Key: TypeAlias = Callable[[Fact], tuple[Any, ...]]
Test: TypeAlias = Callable[[Fact, Fact, Values], bool]

_PARTS: Mapping[Part, Callable[[Any], int | str | None]] = {
    DatePart.YEAR: lambda day: day.year,
    DatePart.HALF_YEAR: half_year_number,
    DatePart.QUARTER: quarter_number,
    DatePart.MONTH: lambda day: day.month,
    DatePart.WEEK: lambda day: day.isocalendar()[1],
    DatePart.WEEKDAY: lambda day: day.isoweekday(),
    TextPart.LENGTH: len,
    TextPart.FOLDED: folded,
}


class Binding:
    """Turns paths and conditions into functions over the facts of one evaluation.

    ``by_code(kind)`` gives the facts of a kind by code, for paths over a reference; a reference
    to a row that is not known (yet) reads as blank.
    """

    def __init__(
        self,
        kinds: Mapping[str, FactKind],
        by_code: Callable[[str], Mapping[str, Fact]],
        calendar: WorkingCalendar | None = None,
    ) -> None:
        """Take the kinds, the look-up of referenced facts, and which days are worked.

        Without a calendar it is the official one, without exceptions.
        """
        self._kinds = kinds
        self._by_code = by_code
        self._calendar = calendar or WorkingCalendar()
        self._parts = {**_PARTS, DatePart.WORKING_DAY: self._calendar.is_working_day}

    def kind(self, name: str) -> FactKind:
        """The fact kind of that name; KeyError when there is none."""
        return self._kinds[name]

    def getter(self, path: Path, shape: FactKind) -> Getter:
        """The function from a fact of ``shape`` to the value of ``path``."""
        read = self._start(path.field, shape)
        for reference, behind in zip(path.references, path.through, strict=True):
            read = self._through(read, str(reference.to), behind.name)
        if path.part is not None:
            read = _part(read, self._parts[path.part])
        return _part(read, _in_half_days) if path.in_half_days else read

    def _start(self, field: Field, shape: FactKind) -> Getter:
        """The function from a fact of ``shape`` to the value of one of its fields."""
        if isinstance(field, Length):
            return length_getter(field, lambda path: self.getter(path, shape), self._calendar)
        return _at(shape.index[field.name])

    def _through(self, read: Getter, kind: str, name: str) -> Getter:
        facts, position = self._by_code(kind), self._kinds[kind].index[name]

        def through(fact: Fact) -> Value:
            referenced = facts.get(read(fact))  # A blank is no code.
            return None if referenced is None else referenced[position]

        return through

    def key(self, paths: Sequence[Path], shape: FactKind) -> Key:
        """The function from a fact of ``shape`` to the values of several paths."""
        names = Names()
        values = [self.written(path, shape, "fact", names).first for path in paths]
        body = [f"return ({''.join(f'{each}, ' for each in values)})"]
        key: Key = names.function("fact", body)
        return key

    def test(self, condition: Condition, shape: FactKind, anchor: FactKind) -> Test:
        """The function ``(fact, anchor fact, parameters) -> bool`` of a condition.

        ``shape`` is the kind of the fact that left sides start at, ``anchor`` the kind that paths
        with a leading dot start at. Raises ValueError when it is nested too deep.
        """
        comparisons(condition)
        names = Names()

        def apart(part: Condition) -> str:
            return f"{names.constant(self.test(part, shape, anchor))}(fact, other, values)"

        writer = Writer(
            names,
            lambda path: self.written(path, shape, "fact", names),
            lambda path: self.written(path, anchor, "other", names),
            lambda parameter: names.kept(_parameter(parameter, names)),
            apart,
        )
        body = [f"return {writer.condition(condition)}"]
        test: Test = names.function("fact, other, values", body)
        return test

    def written(self, path: Path, shape: FactKind, fact: str, names: Names) -> Read:
        """How a function reads a path of the fact that it calls ``fact``."""
        if path.stored:
            text = f"{fact}[{shape.index[path.field.name]:d}]"
            return Read(text, text)
        return names.kept(f"{names.constant(self.getter(path, shape))}({fact})")

    def related(self, related: Related, anchor: FactKind, facts: Iterable[Fact]) -> "RelatedFacts":
        """The facts of ``related.kind``, indexed by what they must share with an anchor."""
        return RelatedFacts(self, related.where, self._kinds[related.kind], anchor, facts)

    def joined(
        self, kind: str, where: AllOf, anchor: FactKind, facts: Iterable[Fact]
    ) -> "RelatedFacts":
        """Like ``related`` for any condition that speaks of an anchor."""
        return RelatedFacts(self, where, self._kinds[kind], anchor, facts)


def _join(part: Condition) -> tuple[Path, Path] | None:
    """The two paths that a condition of a related fact equates, if it does."""
    if not isinstance(part, Comparison) or not isinstance(part.right, AnchorPath):
        return None
    if not isinstance(part.left, Path):
        return None
    if part.op is Op.MATCHES_TEXT:
        return part.left.folded, part.right.path.folded
    return (part.left, part.right.path) if part.op is Op.EQ else None


def split_joins(where: AllOf) -> tuple[list[tuple[Path, Path]], AllOf]:
    """The top-level equalities of a related fact with its anchor, and all other conditions.

    Each equality is (path of the related fact, path of the anchor).
    """
    joins: list[tuple[Path, Path]] = []
    rest: list[Condition] = []
    for part in where.parts:
        join = _join(part)
        if join is None:
            rest.append(part)
        else:
            joins.append(join)
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
        self._key = binding.key([other for _own, other in joins], anchor)
        self._test = binding.test(rest, shape, anchor)
        self._groups: dict[tuple[Any, ...], list[Fact]] = defaultdict(list)
        own = binding.key([own for own, _other in joins], shape)
        for key, fact in zip(map(own, facts := list(facts)), facts, strict=True):
            if None not in key:
                self._groups[key].append(fact)

    def candidates(self, anchor: Fact) -> list[Fact]:
        """The facts equal to the anchor where they must be, whether or not the rest holds."""
        key = self._key(anchor)
        return self._groups.get(key, []) if None not in key else []

    def matching(self, anchor: Fact, values: Values) -> Iterator[Fact]:
        """The facts that fulfil every condition for this anchor."""
        test = self._test
        return (fact for fact in self.candidates(anchor) if test(fact, anchor, values))

    def any(self, anchor: Fact, values: Values) -> bool:
        """Whether any fact fulfils every condition for this anchor."""
        test = self._test
        for fact in self.candidates(anchor):  # noqa: SIM110 - a generator takes twice as long.
            if test(fact, anchor, values):
                return True
        return False


def _parameter(parameter: ParameterRef, names: Names) -> str:
    """How a function reads a parameter of the values in force."""
    if parameter.type is FieldType.LENGTH:
        return f"{names.constant(parameter.value_in)}(values)"
    return f"values[{names.constant(parameter.name)}]"


def _in_half_days(days: int) -> int:
    return 2 * days


def _at(position: int) -> Getter:
    return operator.itemgetter(position)


def _part(read: Getter, part: Callable[[Any], int | str | None]) -> Getter:
    def part_of(fact: Fact) -> int | str | None:
        value = read(fact)
        return None if value is None else part(value)

    return part_of
