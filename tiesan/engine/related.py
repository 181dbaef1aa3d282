"""Related facts that the engine joins with anchors: by key, and made ready for the wire once.

A related fact with a blank in its key matches nothing and is left out. Of related facts that are
alike in all that the rules look at, one is enough. A key whose facts are too many for a chunk, or
unfit for the wire, is left to the plain evaluator.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tiesan.engine.lower import Join
from tiesan.engine.ruleset import JoinedKind
from tiesan.engine.slots import PathSlot, SettledSlot
from tiesan.engine.wire import Column, Written, bodies, reader
from tiesan.facts.kinds import Fact, FactKind, Value
from tiesan.rules import Binding, Getter

# More related facts than this under one key are no matter for the engine.
GROUP_LIMIT = 500
# A chunk is closed when it has this many related facts, or that many matches with anchors.
RELATED_LIMIT = 2_000
MATCH_LIMIT = 20_000

Key: TypeAlias = tuple[Value, ...]


def keys(read: Sequence[Getter], facts: Sequence[Fact]) -> Iterator[Key]:
    """The composite key of each fact."""
    if not read:
        return iter([()] * len(facts))
    return zip(*(map(each, facts) for each in read), strict=True)


class RelatedIndex:
    """The related facts of one join, by key, as lines that lack their id and key."""

    def __init__(
        self,
        join: Join,
        joined: JoinedKind,
        binding: Binding,
        shape: FactKind,
        facts: Sequence[Fact],
    ) -> None:
        """Read the facts once."""
        self.joined = joined
        self._groups: dict[Key, tuple[bytes, ...] | None] = {}
        read = [binding.getter(slot.path, shape) for slot in join.own]
        known = [
            fact for key, fact in zip(keys(read, facts), facts, strict=True) if None not in key
        ]
        columns = list(_columns(joined, binding, shape, known))
        lines = bodies(joined.mark, columns, len(known))
        for key, body in zip(keys(read, known), lines, strict=True):
            self._add(key, body)

    def _add(self, key: Key, body: bytes | None) -> None:
        group = self._groups.get(key, ())
        if group is None:
            return
        if body is None:
            self._groups[key] = None
        elif body not in group:
            self._groups[key] = (*group, body) if len(group) < GROUP_LIMIT else None

    def lines(self, key: Key) -> Sequence[bytes] | None:
        """The lines under a key, none for a blank; None when they are no matter for the engine."""
        return self._groups.get(key, ()) if None not in key else ()


def _columns(
    joined: JoinedKind, binding: Binding, shape: FactKind, facts: Sequence[Fact]
) -> Iterator[Column]:
    for slot, name in joined.slots.items():
        if isinstance(slot, PathSlot | SettledSlot):
            yield Written(name, slot), reader(slot, binding, shape)(facts)


@dataclass
class Cut:
    """How many anchors one chunk takes, and what their joins need there.

    ``related`` are the lines of the related facts without their ids; ``keys`` the key of every
    anchor by property; ``held`` the positions of the anchors that the engine cannot judge.
    """

    count: int
    related: list[bytes] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    held: dict[Join, set[int]] = field(default_factory=dict)
    matches: int = 0


def cut(indexes: Mapping[Join, RelatedIndex], found: Mapping[Join, list[Key]], limit: int) -> Cut:
    """Take anchors, at most ``limit``, until their related facts fill a chunk; at least one.

    ``found`` are the keys of the anchors by join. On the wire a key is a small number: the engine
    tells keys apart by a 32-bit hash, and those of the numbers below 100,000 all differ.
    """
    result = Cut(limit)
    joiners = [_Joiner(index, found[join]) for join, index in indexes.items()]
    for position in range(limit):
        for joiner in joiners:
            joiner.take(position, result)
        if len(result.related) >= RELATED_LIMIT or result.matches >= MATCH_LIMIT:
            result.count = position + 1
            break
    result.keys = {joiner.index.joined.key: joiner.numbers for joiner in joiners}
    result.held = dict(zip(indexes, (joiner.held for joiner in joiners), strict=True))
    return result


class _Joiner:
    """Numbers the keys of one join within one chunk."""

    def __init__(self, index: RelatedIndex, found: list[Key]) -> None:
        self.index, self._found = index, found
        self.numbers: list[str] = []
        self.held: set[int] = set()
        self._known: dict[Key, str] = {}

    def take(self, position: int, result: Cut) -> None:
        """Note the key of an anchor; its related facts are added when they are not there yet."""
        key = self._found[position]
        lines = self.index.lines(key)
        if lines is None:
            self.held.add(position)
        elif lines:
            result.matches += len(lines) if self.index.joined.matched else 0
            if key not in self._known:
                number = self._known[key] = str(position)
                head = f'","{self.index.joined.key}":"{number}",'.encode()
                result.related += [head + line for line in lines]
            self.numbers.append(self._known[key])
            return
        # No related fact has this number: it is this anchor's own, and its key is not numbered.
        self.numbers.append(str(position))
