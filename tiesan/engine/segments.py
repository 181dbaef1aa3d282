"""Segments: a run of facts of one lot, made ready for the wire, and the plain evaluator's answers.

A segment knows what the engine must answer about it. A fact that the engine is not to judge by a
rule (the rule does not judge it, or its related facts are no matter for the engine) carries that
rule's guard, and the plain evaluator's answer stands alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from tiesan.engine.lower import Join
from tiesan.engine.related import Cut, RelatedIndex, cut, keys
from tiesan.engine.ruleset import Lot, Part
from tiesan.engine.slots import EraSlot, PathSlot, SettledSlot, Slot, VerdictSlot
from tiesan.engine.wire import Column, Reader, Values, Written, bodies, lines, reader
from tiesan.facts.kinds import Fact
from tiesan.rules import NOT_JUDGED, Binding, Eras, Sweep

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
    eras: Eras
    cut: Cut
    held: dict[int, set[int]]
    unfit: list[int] = field(default_factory=list)
    first_id: int = 0

    @property
    def lot(self) -> Lot:
        """The lot that the facts belong to."""
        return self.preparation.lot

    @cached_property
    def hits(self) -> list[list[int]]:
        """The plain evaluator's hits by number of the decision."""
        return self.preparation.sweep.hits(self.facts, self.eras)

    @cached_property
    def passed_over(self) -> set[Callable[[Fact], int]]:
        """The functions that give some fact no era, because their rules do not judge it."""
        return {era_of for era_of, eras in self.eras.items() if NOT_JUDGED in eras}

    @property
    def part(self) -> Part:
        """The segment as work to be done anew."""
        part = self.lot.part
        decisions = tuple(each.decision for each in self.lot.lowered)
        return Part(part.batch, self.start, self.start + len(self.facts), decisions)

    def lines(self, first_id: int) -> list[bytes]:
        """The lines of the anchors, with ids from ``first_id`` on."""
        columns = self.preparation.columns(self)
        self.first_id = first_id
        written, self.unfit = lines(bodies(self.lot.mark, columns, len(self.facts)), first_id)
        return written

    def answer(self, number: int) -> Answer:
        """What the plain evaluator says of a decision of the lot."""
        hits, lowered = self.hits[number], self.lot.lowered[number]
        left_out = self.held.get(number, set()).union(self.unfit)
        engine = [each for each in hits if each not in left_out] if left_out else hits
        alone = len(self.facts) if lowered.verdict else len(left_out)
        return Answer(hits, engine, alone if lowered.decision.related else 0)


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
        self.sweep = Sweep([each.decision for each in lot.lowered], shape, binding, of_kind)
        self._numbers = {each.decision.rule_id: n for n, each in enumerate(lot.lowered)}
        self._readers: dict[Slot, Reader] = {
            slot: reader(slot, binding, shape)
            for slot in lot.slots
            if isinstance(slot, PathSlot | SettledSlot)
        }
        self._written = {name: Written(name, slot) for slot, name in lot.slots.items()}
        self._written |= {each.key: Written(each.key) for each in lot.joined.values()}
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
        held = {
            number: taken.held[each.join]
            for number, each in enumerate(self.lot.lowered)
            if each.join is not None and taken.held[each.join]
        }
        return Segment(self, start, facts, self.sweep.eras(facts), taken, held)

    def columns(self, segment: Segment) -> list[Column]:
        """The slots of the segment's facts; a slot that is blank throughout is left out."""
        columns = []
        for slot, name in self.lot.slots.items():
            read = self._readers.get(slot)
            values = self._guard(slot, segment) if read is None else read(segment.facts)
            if values is not None:
                columns.append((self._written[name], values))
        return columns + [(self._written[name], keys) for name, keys in segment.cut.keys.items()]

    def _guard(self, slot: Slot, segment: Segment) -> Values | None:
        if isinstance(slot, PathSlot | SettledSlot):
            return None
        number = self._numbers[slot.rule]
        if isinstance(slot, VerdictSlot):
            hits = set(segment.hits[number])
            return [True if at in hits else None for at in range(len(segment.facts))]
        era_of = self.lot.lowered[number].decision.era_of
        held = segment.held.get(number, ())
        if isinstance(slot, EraSlot):
            return [
                era if era != NOT_JUDGED and at not in held else None
                for at, era in enumerate(segment.eras[era_of])
            ]
        if not held and era_of not in segment.passed_over:
            return None
        return [
            1 if era == NOT_JUDGED or at in held else None
            for at, era in enumerate(segment.eras[era_of])
        ]
