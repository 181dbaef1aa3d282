"""Segments: a run of facts of one lot, made ready for the wire, and the plain evaluator's answers.

A segment knows what the engine must answer about it. A fact that the engine is not to judge by a
rule (the rule does not judge it, or its related facts are no matter for the engine) carries that
rule's guard, and the plain evaluator's answer stands alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tiesan.engine.lower import Join, Lowered
from tiesan.engine.related import Cut, RelatedIndex, cut, keys
from tiesan.engine.ruleset import Lot, Part
from tiesan.engine.slots import EraSlot, PathSlot, SettledSlot, Slot, VerdictSlot
from tiesan.engine.wire import Column, Reader, lines, reader
from tiesan.facts.kinds import Fact
from tiesan.rules import NOT_JUDGED, Binding, RelatedFacts, Test

FactsOfKind: TypeAlias = Callable[[str], Sequence[Fact]]


@dataclass(frozen=True)
class Answer:
    """What the plain evaluator says of a decision: hits, and those that the engine must give too.

    ``left_out`` counts the facts whose related facts the plain evaluator alone looked at.
    """

    hits: list[int]
    engine: list[int]
    left_out: int


@dataclass
class Segment:
    """Facts ``start`` to ``stop`` of a lot; positions in it count from 0.

    ``held`` are, by number of the decision, the positions that the engine is not to judge though
    the rule does; ``unfit`` those that no rule can be judged for by the engine.
    """

    preparation: "Preparation"
    start: int
    facts: Sequence[Fact]
    eras: Mapping[int, list[int]]
    cut: Cut
    verdicts: dict[int, list[int]]
    held: dict[int, set[int]]
    unfit: list[int] = field(default_factory=list)
    first_id: int = 0

    @property
    def lot(self) -> Lot:
        """The lot that the facts belong to."""
        return self.preparation.lot

    @property
    def part(self) -> Part:
        """The segment as work to be done anew."""
        part = self.lot.part
        decisions = tuple(each.decision for each in self.lot.lowered)
        return Part(part.batch, self.start, self.start + len(self.facts), decisions)

    def lines(self, first_id: int) -> list[bytes]:
        """The lines of the anchors, with ids from ``first_id`` on."""
        columns = self.preparation.columns(self) | self.cut.keys
        self.first_id = first_id
        written, self.unfit = lines(columns, self.lot.mark, first_id, len(self.facts))
        return written

    def answer(self, number: int) -> Answer:
        """What the plain evaluator says of a decision of the lot."""
        hits = self.verdicts.get(number)
        lowered = self.lot.lowered[number]
        if hits is None:
            hits = self.preparation.judges[number].hits(self.facts, self.eras[number])
        left_out = self.held.get(number, set()).union(self.unfit)
        engine = [each for each in hits if each not in left_out] if left_out else hits
        alone = len(self.facts) if lowered.verdict else len(left_out)
        return Answer(hits, engine, alone if lowered.decision.related else 0)


class Judge:
    """The plain evaluator for one decision."""

    def __init__(self, lot: Lot, lowered: Lowered, binding: Binding, of_kind: FactsOfKind) -> None:
        """Compile the condition, and index the related facts if there are any."""
        shape, decision = lot.part.batch.shape, lowered.decision
        self._test: Test = binding.test(decision.condition, shape, shape)
        self._eras = decision.eras
        self._related: RelatedFacts | None = None
        if decision.related is not None:
            facts = of_kind(decision.related.kind)
            self._related = binding.related(decision.related, shape, facts)
            self._negated = decision.related.negated

    def hits(self, facts: Sequence[Fact], eras: Sequence[int]) -> list[int]:
        """The positions of the hits among facts of the given eras."""
        test = self._test
        if eras.count(0) == len(eras):
            values = self._eras[0]
            passed = [at for at, fact in enumerate(facts) if test(fact, fact, values)]
        else:
            passed = [
                at
                for at, (fact, era) in enumerate(zip(facts, eras, strict=True))
                if era != NOT_JUDGED and test(fact, fact, self._eras[era])
            ]
        if (related := self._related) is None:
            return passed
        wanted = not self._negated
        return [at for at in passed if related.any(facts[at], self._eras[eras[at]]) is wanted]


class Preparation:
    """What is compiled once per lot: readers of slots, judges, and the indexes of related facts."""

    def __init__(
        self,
        lot: Lot,
        binding: Binding,
        of_kind: FactsOfKind,
        index: Callable[[Lot, Join], RelatedIndex],
    ) -> None:
        """Compile; ``index`` gives the related facts of a join of the lot."""
        self.lot = lot
        shape = lot.part.batch.shape
        self.judges = [Judge(lot, each, binding, of_kind) for each in lot.lowered]
        self._numbers = {each.decision.rule_id: n for n, each in enumerate(lot.lowered)}
        self._readers: dict[Slot, Reader] = {
            slot: reader(slot, binding, shape)
            for slot in lot.slots
            if isinstance(slot, PathSlot | SettledSlot)
        }
        self._indexes = {join: index(lot, join) for join in lot.joined}
        self._own_keys = {
            join: [binding.getter(slot.path, shape) for slot in join.others] for join in lot.joined
        }

    def segment(self, start: int, stop: int) -> Segment:
        """The facts from ``start`` on, to ``stop`` or until their related facts fill a chunk."""
        facts = self.lot.part.batch.facts[start:stop]
        found = {join: list(keys(own, facts)) for join, own in self._own_keys.items()}
        taken = cut(self._indexes, found, len(facts)) if found else Cut(len(facts))
        facts = facts[: taken.count]
        eras = self._eras(facts)
        verdicts = {
            number: self.judges[number].hits(facts, eras[number])
            for number, each in enumerate(self.lot.lowered)
            if each.verdict
        }
        held = {
            number: taken.held[each.join]
            for number, each in enumerate(self.lot.lowered)
            if each.join is not None and taken.held[each.join]
        }
        return Segment(self, start, facts, eras, taken, verdicts, held)

    def _eras(self, facts: Sequence[Fact]) -> dict[int, list[int]]:
        """The era of each fact by number of the decision; computed once per distinct function."""
        known: dict[Callable[[Fact], int], list[int]] = {}
        eras = {}
        for number, lowered in enumerate(self.lot.lowered):
            era_of = lowered.decision.era_of
            if era_of not in known:
                known[era_of] = list(map(era_of, facts))
            eras[number] = known[era_of]
        return eras

    def columns(self, segment: Segment) -> dict[str, Column]:
        """The slots of the segment's facts by name; a slot that is blank throughout is left out."""
        columns = {}
        for slot, name in self.lot.slots.items():
            read = self._readers.get(slot)
            column = self._guard(slot, segment) if read is None else read(segment.facts)
            if column is not None:
                columns[name] = column
        return columns

    def _guard(self, slot: Slot, segment: Segment) -> Column | None:
        if isinstance(slot, PathSlot | SettledSlot):
            return None
        number = self._numbers[slot.rule]
        if isinstance(slot, VerdictSlot):
            hits = set(segment.verdicts[number])
            return [True if at in hits else None for at in range(len(segment.facts))]
        eras, held = segment.eras[number], segment.held.get(number, ())
        if isinstance(slot, EraSlot):
            return [
                era if era != NOT_JUDGED and at not in held else None for at, era in enumerate(eras)
            ]
        if not held and NOT_JUDGED not in eras:
            return None
        return [1 if era == NOT_JUDGED or at in held else None for at, era in enumerate(eras)]
