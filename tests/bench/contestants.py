"""Who decides the same rules on the same facts: our child, the bare engine, and others.

Each contestant is made ready once and then decides all facts, from the tuples that a collection
gives to lists of positions by rule. What it costs to bring the facts into its own form is part of
the measurement.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

import durable_rules_engine
import orjson
import rule_engine
import zen

from tests.bench.claims import Claims
from tests.bench.dialects import RULE_ENGINE, ZEN, python_function
from tiesan.engine.deciding import IN_FLIGHT, Engine
from tiesan.engine.jobs import CHUNK, Feed, Job
from tiesan.engine.process import EngineProcess
from tiesan.engine.ruleset import CANARY, Lot, Part, Shard, plan
from tiesan.engine.slots import PathSlot
from tiesan.facts.kinds import Fact, FieldType
from tiesan.rules import decide_plainly

Hits: TypeAlias = dict[str, list[int]]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Contestant:
    """One way to decide: ``ready`` compiles the rules and gives what is measured.

    A slow one is given only a ``share`` of the facts.
    """

    title: str
    ready: Callable[[Claims], AbstractContextManager[Callable[[], Hits]]]
    share: float = 1.0


def _shard(claims: Claims) -> Shard:
    batch = claims.batch()
    (shard,) = plan([Part(batch, 0, len(batch.facts), tuple(batch.decisions))])
    return shard


@contextmanager
def our_engine(claims: Claims) -> Generator[Callable[[], Hits]]:
    """The whole of ``Engine.decide``: child, comparison with the plain evaluator, hits."""
    engine, batch, binding = Engine(), claims.batch(), claims.binding
    try:
        yield lambda: engine.decide([batch], binding, lambda _kind: ()).hits
    finally:
        engine.close()


@contextmanager
def our_child(claims: Claims) -> Generator[Callable[[], Hits]]:
    """The engine's child process without the plain evaluator: serialise, send, decide, receive."""
    process, shard = EngineProcess(), _shard(claims)
    try:
        yield lambda: _through_child(process, shard, claims)
    finally:
        process.close()


def _through_child(process: EngineProcess, shard: Shard, claims: Claims) -> Hits:
    feed = Feed([shard], claims.binding, lambda _kind: ())
    waiting: deque[Job] = deque()
    hits: Hits = {rule: [] for rule in claims.conditions}

    def receive() -> None:
        answer = process.receive()
        job = waiting.popleft()
        for (segment, number), positions in job.positions(answer).items():
            start, lot = job.segments[segment].start, job.segments[segment].lot
            rule = lot.lowered[number].decision.rule_id
            hits[rule] += [start + position for position in positions]

    while (job := feed.next_job()) is not None:
        waiting.append(job)
        process.submit(job.ruleset, job.payload, job.count)
        while len(waiting) > IN_FLIGHT:
            receive()
    while waiting:
        receive()
    return hits


_handles = count()


@contextmanager
def bare_module(claims: Claims) -> Generator[Callable[[], Hits]]:
    """The C module in this process, in the plainest loop that is safe."""
    shard = _shard(claims)
    (lot,) = shard.lots
    text = shard.ruleset.text.decode()
    handle = durable_rules_engine.create_ruleset(f"bench{next(_handles)}", text)
    slots = [
        (name, claims.kind.index[slot.path.field.name], slot.path.type)
        for slot, name in lot.slots.items()
        if isinstance(slot, PathSlot)
    ]

    def run() -> Hits:
        hits: Hits = {rule: [] for rule in claims.conditions}
        for start in range(0, len(claims.facts), CHUNK):
            facts = claims.facts[start : start + CHUNK]
            rows = [_wire(fact, slots, lot.mark, number) for number, fact in enumerate(facts)]
            rows.append({"id": str(len(facts)), shard.ruleset.canary: 1})
            for rule, positions in _decide_chunk(handle, rows, lot).items():
                hits[rule] += [start + position for position in positions]
        return hits

    yield run
    durable_rules_engine.delete_ruleset(handle)


def _wire(fact: Fact, slots: Sequence[tuple[str, int, FieldType]], mark: str, number: int) -> Row:
    row: Row = {"id": str(number), mark: 1}
    for name, position, of_type in slots:
        value: Any = fact[position]
        if value is not None:
            row[name] = value.toordinal() if of_type is FieldType.DATE else value
    return row


def _decide_chunk(handle: int, rows: Sequence[Row], lot: Lot) -> Hits:
    stored, state = [], 0
    for number, row in enumerate(rows):
        code, state = durable_rules_engine.assert_fact(handle, orjson.dumps(row).decode())
        if code == 0:
            stored.append(number)
    found: dict[str, set[int]] = {}
    action = durable_rules_engine.start_action_for_state(handle, state)
    messages = action[1]
    while messages is not None:
        for rule, matches in orjson.loads(messages).items():
            found.setdefault(rule, set()).update(int(match["m"]["id"]) for match in matches)
        messages = durable_rules_engine.complete_and_start_action(handle, state)
    for number in reversed(stored):
        durable_rules_engine.retract_fact(handle, f'{{"id":"{number}"}}')
    if found.pop(CANARY) != {len(rows) - 1}:
        raise AssertionError("the canary is missing")
    hits: Hits = {}
    for rule, ids in found.items():
        hits.setdefault(lot.lowered[lot.rules[rule]].decision.rule_id, []).extend(sorted(ids))
    return hits


@contextmanager
def plain_evaluator(claims: Claims) -> Generator[Callable[[], Hits]]:
    """Our own evaluator in plain Python, which checks the engine."""
    batch, binding = claims.batch(), claims.binding
    yield lambda: decide_plainly([batch], binding, lambda _kind: ()).hits


def _rows(claims: Claims) -> list[Row]:
    """The facts as dictionaries with every field, dates as ordinals."""
    kind = claims.kind
    fields = [(field.name, field.type is FieldType.DATE) for field in kind.fields]
    return [
        {
            name: value.toordinal() if is_date and value is not None else value  # type: ignore[union-attr]
            for (name, is_date), value in zip(fields, fact, strict=True)
        }
        for fact in claims.facts
    ]


@contextmanager
def generated_function(claims: Claims) -> Generator[Callable[[], Hits]]:
    """One Python function that was written for these rules and compiled."""
    decide = python_function(claims.conditions, [field.name for field in claims.kind.fields])
    yield lambda: decide(claims.facts)


@contextmanager
def zen_expressions(claims: Claims) -> Generator[Callable[[], Hits]]:
    """zen-engine, one compiled expression per rule."""
    compiled = {
        rule: zen.compile_expression(ZEN.written(condition))
        for rule, condition in claims.conditions.items()
    }

    def run() -> Hits:
        rows = _rows(claims)
        return {
            rule: [at for at, row in enumerate(rows) if expression.evaluate(row)]
            for rule, expression in compiled.items()
        }

    yield run


@contextmanager
def zen_object(claims: Claims) -> Generator[Callable[[], Hits]]:
    """zen-engine, one expression that gives an object with every rule's answer."""
    rules = dict(enumerate(claims.conditions))
    written = ", ".join(
        f"r{n}: {ZEN.written(claims.conditions[rule])}" for n, rule in rules.items()
    )
    compiled = zen.compile_expression(f"{{{written}}}")

    def run() -> Hits:
        found: Hits = {f"r{number}": [] for number in rules}
        for at, row in enumerate(_rows(claims)):
            for name, holds in compiled.evaluate(row).items():
                if holds:
                    found[name].append(at)
        return {rule: found[f"r{number}"] for number, rule in rules.items()}

    yield run


@contextmanager
def rule_engine_rules(claims: Claims) -> Generator[Callable[[], Hits]]:
    """rule-engine, one rule each."""
    context = rule_engine.Context(default_value=None)
    compiled = {
        rule: rule_engine.Rule(RULE_ENGINE.written(condition), context=context)
        for rule, condition in claims.conditions.items()
    }

    def run() -> Hits:
        rows = _rows(claims)
        return {
            rule: [at for at, row in enumerate(rows) if expression.matches(row)]
            for rule, expression in compiled.items()
        }

    yield run


CONTESTANTS = (
    Contestant("our child (serialise, send, decide, receive)", our_child),
    Contestant("our engine whole (child, checked by the plain evaluator)", our_engine),
    Contestant("bare C module in one process", bare_module),
    Contestant("plain Python functions (our evaluator)", plain_evaluator),
    Contestant("one generated Python function", generated_function),
    Contestant("zen-engine, 30 compiled expressions", zen_expressions, 0.1),
    Contestant("zen-engine, one object expression", zen_object, 0.25),
    Contestant("rule-engine, 30 rules", rule_engine_rules, 0.05),
)
