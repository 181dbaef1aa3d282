"""Sweeps: all decisions about facts of one shape, judged by one function in one reading of them.

The function is written for these decisions. Each fact's fields are read once, the decisions that
count a fact's day alike share its era, and a fact that they do not judge is passed over at once.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tiesan.facts.kinds import Fact, FactKind
from tiesan.rules.judging.conditions import Binding, RelatedFacts
from tiesan.rules.judging.decisions import NOT_JUDGED, Decision
from tiesan.rules.judging.written import Names, Read, Writer, comparisons
from tiesan.rules.tree import Condition, ParameterRef, Path, Related

# The era of each fact by the function that gives it.
Eras: TypeAlias = dict[Callable[[Fact], int], list[int]]

# A longer condition is called, not written out among the others.
_WRITTEN_OUT = 40


class Sweep:
    """The plain evaluator for some decisions about facts of one shape."""

    def __init__(
        self,
        decisions: Sequence[Decision],
        shape: FactKind,
        binding: Binding,
        of_kind: Callable[[str], Sequence[Fact]],
    ) -> None:
        """Write the function, and index the facts of ``of_kind`` that decisions relate to."""
        self._decisions = decisions
        self._era_of = list(dict.fromkeys(each.era_of for each in decisions))
        self._judge = _Sweeping(decisions, shape, binding).function(self._era_of)
        self._related: list[tuple[int, Related, RelatedFacts]] = [
            (number, each, binding.related(each, shape, of_kind(each.kind)))
            for number, decision in enumerate(decisions)
            for each in decision.related
        ]

    def eras(self, facts: Sequence[Fact]) -> Eras:
        """The era of each fact, by the function of the decisions that gives it."""
        return {era_of: list(map(era_of, facts)) for era_of in self._era_of}

    def hits(self, facts: Sequence[Fact], eras: Eras) -> list[list[int]]:
        """By decision the positions of the facts that it hits; ``eras`` are those of the facts."""
        hits: list[list[int]] = self._judge(facts, [eras[each] for each in self._era_of])
        for number, related, found in self._related:
            decision = self._decisions[number]
            era, values = eras[decision.era_of], decision.eras
            hits[number] = [
                at
                for at in hits[number]
                if found.any(facts[at], values[era[at]]) is not related.negated
            ]
        return hits


class _Sweeping:
    """Writes the function of a sweep."""

    def __init__(self, decisions: Sequence[Decision], shape: FactKind, binding: Binding) -> None:
        self._decisions, self._shape, self._binding = decisions, shape, binding
        self._names = Names()
        self._fields: set[int] = set()

    def function(
        self, era_of: Sequence[Callable[[Fact], int]]
    ) -> Callable[[Sequence[Fact], Sequence[list[int]]], list[list[int]]]:
        """``(facts, eras) -> hits by decision``; the eras are in the order of ``era_of``."""
        judged = [line for number in range(len(era_of)) for line in self._block(number, era_of)]
        eras = "".join(f", e{number}" for number in range(len(era_of)))
        numbers = range(len(self._decisions))
        judge: Callable[[Sequence[Fact], Sequence[list[int]]], list[list[int]]]
        judge = self._names.function(
            "facts, eras",
            [
                *(f"h{number} = []" for number in numbers),
                f"for at, (fact{eras}) in enumerate(zip(facts, *eras)):",
                *(f"    f{position} = fact[{position}]" for position in sorted(self._fields)),
                *judged,
                f"return [{', '.join(f'h{number}' for number in numbers)}]",
            ],
        )
        return judge

    def _block(self, number: int, era_of: Sequence[Callable[[Fact], int]]) -> list[str]:
        """The decisions whose era is that of one column."""
        lines = [f"    if e{number} != {NOT_JUDGED}:"]
        for at, decision in enumerate(self._decisions):
            if decision.era_of is era_of[number]:
                lines.append(f"        if {self._condition(decision, f'e{number}')}:")
                lines.append(f"            h{at}.append(at)")
        return lines

    def _condition(self, decision: Decision, era: str) -> str:
        names, shape = self._names, self._shape

        def parameter(reference: ParameterRef) -> Read:
            read = reference.items_in if reference.is_list else reference.value_in
            values = tuple(map(read, decision.eras))
            sure = None not in values
            if len(values) == 1:
                name = names.constant(values[0])
                return Read(name, name, sure)
            text = f"{names.constant(values)}[{era}]"
            return Read(text, text, sure)

        def apart(part: Condition) -> str:
            test = names.constant(self._binding.test(part, shape, shape))
            return f"{test}(fact, fact, {names.constant(decision.eras)}[{era}])"

        if comparisons(decision.condition) > _WRITTEN_OUT:
            return apart(decision.condition)
        writer = Writer(names, self._read, self._read, parameter, apart)
        return writer.condition(decision.condition)

    def _read(self, path: Path) -> Read:
        if path.stored:
            self._fields.add(position := self._shape.index[path.field.name])
            return Read(f"f{position:d}", f"f{position:d}")
        return self._binding.written(path, self._shape, "fact", self._names)
