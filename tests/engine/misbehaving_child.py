"""The real child, except that it fails in one way when something that it was told of comes up.

    python misbehaving_child.py FAILURE TRIGGER

The trigger is a word in the facts of a chunk (``fact:WORD``) or in a ruleset (``rule:WORD``: each
chunk for that ruleset fails; ``load:WORD``: loading it fails), or it is ``start``.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import durable_rules_engine

from tiesan.engine import child
from tiesan.engine.ruleset import CANARY

FAILURE = sys.argv[1]
WHERE, _colon, WORD = sys.argv[2].partition(":")

Hits = dict[str, list[int]]


def die(_hits: Hits) -> Hits:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def crash(_hits: Hits) -> Hits:
    os.abort()


def hang(_hits: Hits) -> Hits:
    signal.pause()
    return {}


def hang_after_the_parent(hits: Hits) -> Hits:
    # Here the parent is still there; the child's own alarm rings all the same.
    signal.alarm(1)
    return hang(hits)


def raise_an_error(_hits: Hits) -> Hits:
    raise MemoryError("there is no more")


def leave(_hits: Hits) -> Hits:
    sys.exit(3)


def lose_the_canary(hits: Hits) -> Hits:
    return {rule: ids for rule, ids in hits.items() if rule != CANARY}


def double_the_canary(hits: Hits) -> Hits:
    return hits | {CANARY: hits[CANARY] * 2}


def give_wrong_ids(hits: Hits) -> Hits:
    return {rule: ids if rule == CANARY else [99_999] for rule, ids in hits.items()}


def give_wrong_rules(hits: Hits) -> Hits:
    return hits | {"r999": [0]}


def give_words(hits: Hits) -> Hits:
    return hits | {"r0": cast("list[int]", ["0"])}


def babble(_hits: Hits) -> Hits:
    replace("orjson", SimpleNamespace(dumps=lambda _message: b"no JSON"))
    return {}


def claim_a_long_answer(_hits: Hits) -> Hits:
    replace("answer", lambda _payload: b"\xff\xff\xff\xff")
    return {}


def lose_a_hit(hits: Hits) -> Hits:
    return {rule: ids if rule == CANARY else ids[1:] for rule, ids in hits.items()}


def misbehave(hits: Hits) -> Hits:
    failure: Callable[[Hits], Hits] = globals()[FAILURE]
    return failure(hits)


def replace(name: str, value: object) -> None:
    setattr(child, name, value)


poisoned: set[int] = set()
decide = child.decide


def decide_badly(handle: int, payload: str) -> Hits:
    hits = decide(handle, payload)
    return misbehave(hits) if handle in poisoned or (WHERE == "fact" and WORD in payload) else hits


def create_ruleset(name: str, text: str) -> int:
    if WHERE == "load" and WORD in text:
        misbehave({})
    handle: int = durable_rules_engine.create_ruleset(name, text)
    if WHERE == "rule" and WORD in text:
        poisoned.add(handle)
    return handle


replace("decide", decide_badly)
functions = vars(durable_rules_engine) | {"create_ruleset": create_ruleset}
replace("durable_rules_engine", SimpleNamespace(**functions))
if WHERE == "start":
    misbehave({})
child.main()
