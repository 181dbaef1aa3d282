"""Rulesets: lowered decisions, packed within the engine's limits and written for durable_rules.

Decisions about different facts share one ruleset. What exceeds a limit of its fact kind goes into
the next one, so that a kind with 300 rules is spread over several. A ruleset depends on the
conditions and on the parameters' values alone, never on facts or on the day of the evaluation:
its digest stays the same from one evaluation to the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeAlias

import orjson

from tiesan.engine.formulas import Compare, Formula, Term, as_durable, conjuncts
from tiesan.engine.lower import KIND_LIMIT, EngineRule, Join, Lowered, lower
from tiesan.engine.names import Names
from tiesan.engine.slots import EraSlot, HoldSlot, Slot
from tiesan.rules import Batch, Decision

# The engine takes 255 properties per fact, and the id, the kind and the keys are among them.
SLOT_LIMIT = 190
# How many fact kinds, joined ones included, one ruleset serves.
KINDS_LIMIT = 100
CANARY = "canary"
# The highest cap: one drain hands over this many hits of a rule at once.
_CAP = 65_535


@dataclass(frozen=True, slots=True)
class Part:
    """Some facts of a batch, by position, and some of its decisions: work to be done."""

    batch: Batch
    start: int
    stop: int
    decisions: tuple[Decision, ...]

    def __len__(self) -> int:
        """How many facts."""
        return self.stop - self.start


@dataclass
class JoinedKind:
    """Related facts on the wire: the property that marks them, their key and their slots.

    ``matched`` says that a rule looks for them, so that each one matches with each of its anchors.
    """

    mark: str
    key: str
    slots: dict[Slot, str] = field(default_factory=dict)
    matched: bool = False


@dataclass
class Lot:
    """One part within one ruleset: which decisions, and what its facts carry.

    ``mark`` is the property that only these facts have; ``rules`` gives for each of the engine's
    rules the number of its decision.
    """

    part: Part
    mark: str
    lowered: tuple[Lowered, ...]
    slots: dict[Slot, str] = field(default_factory=dict)
    joined: dict[Join, JoinedKind] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset as the engine reads it, the digest that names it, and its canary's mark."""

    text: bytes
    digest: str
    canary: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A ruleset and the lots that it decides."""

    ruleset: Ruleset
    lots: tuple[Lot, ...]


_Member: TypeAlias = tuple[Part, tuple[Lowered, ...]]


def plan(parts: Iterable[Part]) -> list[Shard]:
    """Distribute parts over rulesets."""
    layers: list[list[_Member]] = []
    for part in parts:
        lowered = [lower(decision, part.batch.shape) for decision in part.decisions]
        for number, group in enumerate(_within_limits(lowered)):
            if number == len(layers):
                layers.append([])
            layers[number].append((part, group))
    return [_shard(some) for layer in layers for some in _within_kinds(layer)]


def _within_limits(lowered: Sequence[Lowered]) -> list[tuple[Lowered, ...]]:
    """Groups that one fact kind of one ruleset can take, in order; at least one, even if empty."""
    groups: list[list[Lowered]] = [[]]
    weight, slots = 0, set[object]()
    for each in lowered:
        weight += each.weight
        slots |= _carried(each)
        if groups[-1] and (weight > KIND_LIMIT or len(slots) > SLOT_LIMIT):
            groups.append([])
            weight, slots = each.weight, _carried(each)
        groups[-1].append(each)
    return [tuple(group) for group in groups]


def _carried(lowered: Lowered) -> set[object]:
    """What facts carry for a decision: slots, a guard, and for related facts a key and slots."""
    related = {(rule.join, term.slot) for rule in lowered.rules for term in rule.related}
    return {*lowered.slots, HoldSlot(lowered.decision.rule_id), lowered.join, *related}


def _within_kinds(layer: Sequence[_Member]) -> list[list[_Member]]:
    """The lots of one layer, cut where there would be too many fact kinds in one ruleset."""
    cut: list[list[_Member]] = [[]]
    kinds = 0
    for part, group in layer:
        own = 1 + len({each.join for each in group if each.join})
        if cut[-1] and kinds + own > KINDS_LIMIT:
            cut.append([])
            kinds = 0
        kinds += own
        cut[-1].append((part, group))
    return cut


def _shard(members: Iterable[_Member]) -> Shard:
    names = Names()
    canary = names.new()
    rules: dict[str, Any] = {}
    lots = [_lot(part, group, names, rules) for part, group in members]
    rules[CANARY] = _durable([{"m": {"$and": [{canary: 1}]}}])
    text = orjson.dumps(rules)
    return Shard(Ruleset(text, sha256(text).hexdigest(), canary), tuple(lots))


def _lot(part: Part, group: tuple[Lowered, ...], names: Names, rules: dict[str, Any]) -> Lot:
    """A lot with its names; its rules are added to those of the ruleset."""
    lot = Lot(part, names.new(), group)
    for number, lowered in enumerate(group):
        guard: Slot = (EraSlot if lowered.by_era else HoldSlot)(lowered.decision.rule_id)
        for slot in (*lowered.slots, guard):
            if slot not in lot.slots:
                lot.slots[slot] = names.new()
        for rule in lowered.rules:
            name = f"r{len(rules)}"
            rules[name] = _durable(_patterns(lot, rule, guard, names))
            lot.rules[name] = number
    return lot


def _patterns(lot: Lot, rule: EngineRule, guard: Slot, names: Names) -> list[dict[str, Any]]:
    """The pattern of the anchor and, with a join, that of the related fact."""
    anchor: list[Formula] = [*conjuncts(rule.anchor)]
    if rule.era is None:
        # Last, so that it costs nothing for a fact that fails anyway.
        anchor.append(Term(guard, Compare.NEX))
    else:
        anchor.insert(0, Term(guard, Compare.EQ, rule.era))
    # The kind always comes first: an unguarded $nex loops for ever.
    patterns = [{"m": _all({lot.mark: 1}, anchor, lot.slots)}]
    if rule.join is not None:
        joined = lot.joined.setdefault(rule.join, JoinedKind("", ""))
        if not joined.mark:
            joined.mark, joined.key = names.new(), names.new()
        joined.matched |= not rule.negated
        for term in rule.related:
            if term.slot not in joined.slots:
                joined.slots[term.slot] = names.new()
        pattern = _all({joined.mark: 1}, rule.related, joined.slots)
        # The equality always comes last: behind it the engine would read past its expression.
        pattern["$and"].append({joined.key: {"m": joined.key}})
        patterns.append({"n$not" if rule.negated else "n": pattern})
    return patterns


def _all(
    mark: dict[str, int], formulas: Iterable[Formula], names: dict[Slot, str]
) -> dict[str, list[dict[str, Any]]]:
    return {"$and": [mark, *(as_durable(each, names) for each in formulas)]}


def _durable(patterns: list[dict[str, Any]]) -> dict[str, Any]:
    return {"all": patterns, "cap": _CAP}
