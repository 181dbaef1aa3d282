"""Jobs: one chunk of facts for one ruleset, as the child is given it, and how its answer is read.

A chunk holds segments of several lots: their related facts first, then the anchors, a canary last.
Ids are the numbers of the lines, so that they are short and none is given twice.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tiesan.engine.lower import Join
from tiesan.engine.related import MATCH_LIMIT, RELATED_LIMIT, RelatedIndex
from tiesan.engine.ruleset import CANARY, Lot, Part, Ruleset, Shard
from tiesan.engine.segments import FactsOfKind, Preparation, Segment
from tiesan.rules import Binding

# Joins grow worse than linearly beyond a few thousand facts.
CHUNK = 1_000


class WrongAnswerError(Exception):
    """The child's answer cannot be one to the chunk that it was given."""


@dataclass
class Job:
    """A chunk: its ruleset, its segments, its lines, and how many lines there are."""

    ruleset: Ruleset
    segments: list[Segment]
    payload: bytes
    count: int

    @property
    def parts(self) -> list[Part]:
        """The chunk as work to be done anew."""
        return [segment.part for segment in self.segments]

    def positions(self, hits: Mapping[str, list[int]]) -> dict[tuple[int, int], list[int]]:
        """The positions of the engine's hits, by numbers of the segment and of its decision.

        Raises `WrongAnswerError` when the canary is missing, or a rule or fact is none of these.
        """
        if hits.get(CANARY) != [self.count - 1]:
            raise WrongAnswerError("the canary is missing")
        found: dict[tuple[int, int], list[int]] = {}
        known = 1
        for number, segment in enumerate(self.segments):
            for rule, decision in segment.lot.rules.items():
                if rule in hits:
                    known += 1
                    positions = _within(segment, hits[rule])
                    found.setdefault((number, decision), []).extend(positions)
        if known != len(hits):
            raise WrongAnswerError("a rule that was not asked for")
        return {key: sorted(positions) for key, positions in found.items()}


def _within(segment: Segment, ids: Iterable[int]) -> list[int]:
    first, count = segment.first_id, len(segment.facts)
    positions = [each - first for each in ids]
    if not all(0 <= position < count for position in positions):
        raise WrongAnswerError("a fact that was not asked about")
    return positions


class Feed:
    """Cuts the work of a plan into jobs, one after the other."""

    def __init__(self, shards: Iterable[Shard], binding: Binding, of_kind: FactsOfKind) -> None:
        """Take the plan; nothing is read before it is needed."""
        self._todo = deque(
            (shard.ruleset, lot, lot.part.start)
            for shard in shards
            for lot in shard.lots
            if lot.part
        )
        self._binding, self._of_kind = binding, of_kind
        self._prepared: tuple[Lot, Preparation] | None = None

    def rest(self) -> list[Part]:
        """What no job was cut from yet."""
        return [
            Part(lot.part.batch, start, lot.part.stop, tuple(one.decision for one in lot.lowered))
            for _ruleset, lot, start in self._todo
        ]

    def next_job(self) -> Job | None:
        """The next chunk; None when there is no more."""
        if not self._todo:
            return None
        ruleset = self._todo[0][0]
        segments: list[Segment] = []
        anchors = related = matches = 0
        while self._todo and self._todo[0][0] is ruleset:
            segments.append(segment := self._cut(CHUNK - anchors))
            anchors += len(segment.facts)
            related += len(segment.cut.related)
            matches += segment.cut.matches
            if anchors >= CHUNK or related >= RELATED_LIMIT or matches >= MATCH_LIMIT:
                # Two segments of one lot are never in one chunk: each numbers its keys anew.
                break
        return _job(ruleset, segments)

    def _cut(self, room: int) -> Segment:
        """The next segment; it ends its lot, or it fills the chunk."""
        ruleset, lot, start = self._todo.popleft()
        stop = min(lot.part.stop, start + room)
        segment = self._preparation(lot).segment(start, stop)
        start += len(segment.facts)
        if start < lot.part.stop:
            self._todo.appendleft((ruleset, lot, start))
        return segment

    def _preparation(self, lot: Lot) -> Preparation:
        if self._prepared is None or self._prepared[0] is not lot:
            made = Preparation(lot, self._binding, self._of_kind, self._index)
            self._prepared = (lot, made)
        return self._prepared[1]

    def _index(self, lot: Lot, join: Join) -> RelatedIndex:
        shape, facts = self._binding.kind(join.kind), self._of_kind(join.kind)
        return RelatedIndex(join, lot.joined[join], self._binding, shape, facts)


def _job(ruleset: Ruleset, segments: list[Segment]) -> Job:
    written: list[bytes] = []
    for segment in segments:
        for line in segment.cut.related:
            written.append(b'{"id":"%d' % len(written) + line)
    for segment in segments:
        written += segment.lines(len(written))
    written.append(b'{"id":"%d","%s":1}' % (len(written), ruleset.canary.encode()))
    return Job(ruleset, segments, b"\n".join(written), len(written))
