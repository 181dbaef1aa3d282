"""The child process: holds rulesets and answers which facts they hit. Nothing is judged here.

``python -m tiesan.engine.child`` reads frames on standard input and ends when that ends. It is the
only module that imports durable_rules_engine, which may crash, hang or lose a match; the parent
watches for all three. An error ends the process, its traceback is read by the parent.
"""

import faulthandler
import os
import signal
import sys
from typing import BinaryIO

import durable_rules_engine
import orjson

from tiesan.engine.frames import LOAD, READY, REQUEST, answer

# Facts in one chunk: more ids than this the engine would no longer tell apart.
_MOST_FACTS = 100_000
_STORED, _UNMATCHED = 0, 1
# The kernel ends a child that hangs in the engine after its parent is gone.
LAST_RESORT_SECONDS = 600


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    answers = _take_over_stdout()
    requests = sys.stdin.buffer
    rulesets: dict[int, int] = {}
    _send(answers, READY)
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        kind, number, length = REQUEST.unpack(header)
        payload = requests.read(length).decode()
        signal.alarm(LAST_RESORT_SECONDS)
        if kind == LOAD:
            rulesets[number] = durable_rules_engine.create_ruleset(str(number), payload)
            _send(answers, {"loaded": number, "memory": _memory()})
        else:
            _send(answers, {"hits": decide(rulesets[number], payload), "memory": _memory()})
        signal.alarm(0)


def decide(handle: int, payload: str) -> dict[str, list[int]]:
    """The ids of the hits by rule, each once, ascending, for facts given one per line.

    The facts' ids are the numbers of their lines. All facts are retracted again.
    """
    lines = payload.split("\n")
    if len(lines) > _MOST_FACTS:
        raise ValueError(f"{len(lines)} facts are too many for one chunk")
    assert_fact = durable_rules_engine.assert_fact
    stored, state = [], 0
    for number, line in enumerate(lines):
        code, state = assert_fact(handle, line)
        if code == _STORED:
            stored.append(number)
        elif code != _UNMATCHED:
            raise ValueError(f"the engine answered {code} to fact {number}: {line[:200]}")
    hits = _drain(handle, state)
    for number in reversed(stored):
        durable_rules_engine.retract_fact(handle, f'{{"id":"{number}"}}')
    return hits


def _drain(handle: int, state: int) -> dict[str, list[int]]:
    """Complete every action; what is left undone would lose the hits of the next chunk."""
    hits: dict[str, set[int]] = {}
    action = durable_rules_engine.start_action_for_state(handle, state)
    messages = None if action is None else action[1]
    while messages is not None:
        for rule, matches in orjson.loads(messages).items():
            hits.setdefault(rule, set()).update(int(match["m"]["id"]) for match in matches)
        messages = durable_rules_engine.complete_and_start_action(handle, state)
    return {rule: sorted(ids) for rule, ids in hits.items()}


def _take_over_stdout() -> BinaryIO:
    """The stream for answers; whatever else prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _send(answers: BinaryIO, message: object) -> None:
    answers.write(answer(orjson.dumps(message)))
    answers.flush()


def _memory() -> int:
    """The memory that the process has now, in MB; 0 where the system does not tell.

    Not the most that it ever had: there the parent's memory, from which it was started, counts.
    """
    try:
        with open("/proc/self/statm", "rb") as pages:  # noqa: PTH123 - pathlib takes time to import.
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    main()
