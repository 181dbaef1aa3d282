"""The child process: kept, recycled, forked, interrupted, and gone when its parent is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from tests.engine.support import CLAIM, World, batch, compare, decision, fact
from tiesan.engine import process
from tiesan.engine.deciding import Engine
from tiesan.engine.patience import Patience
from tiesan.engine.process import ChildError, EngineProcess, Stage
from tiesan.engine.ruleset import CANARY, Part, Ruleset, plan
from tiesan.rules import Batch, Verdicts
from tiesan.testing.command import minding_interrupts

FACTS = [fact(CLAIM, code=f"E{count}", count=count) for count in range(10)]


@pytest.fixture
def child() -> Iterator[EngineProcess]:
    child = EngineProcess()
    yield child
    child.close()


def ruleset(least: int) -> Ruleset:
    """A ruleset with one rule; its facts are marked ``b`` and their count is ``c``."""
    work = batch(FACTS, decision("rule", compare("count", "gte", least)))
    (shard,) = plan([Part(work, 0, len(FACTS), tuple(work.decisions))])
    (lot,) = shard.lots
    assert (shard.ruleset.canary, lot.mark, next(iter(lot.slots.values()))) == ("a", "b", "c")
    return shard.ruleset


def ask(child: EngineProcess, rules: Ruleset, *lines: str) -> dict[str, list[int]]:
    child.submit(rules, "\n".join([*lines, f'{{"id":"{len(lines)}","a":1}}']).encode(), 2)
    return dict(child.receive())


def test_facts_are_decided_and_leave_nothing_behind(child: EngineProcess) -> None:
    rules = ruleset(3)
    for _again in range(3):
        hits = ask(child, rules, '{"id":"0","b":1,"c":3}', '{"id":"1","b":1,"c":2}')
        assert hits == {"r0": [0], CANARY: [2]}
    assert child.starts == 1


def test_what_has_no_kind_or_no_value_matches_nothing(child: EngineProcess) -> None:
    assert ask(child, ruleset(3), '{"id":"0","c":3}', '{"id":"1","b":1}') == {CANARY: [2]}


def test_a_fact_that_was_observed_already_is_an_error_never_an_answer(child: EngineProcess) -> None:
    line = '{"id":"0","b":1,"c":3}'
    with pytest.raises(ChildError, match="the engine answered 2 to fact 1"):
        ask(child, ruleset(3), line, line)
    assert child.pid is None


def test_ids_that_the_engine_takes_for_one_are_noticed(child: EngineProcess) -> None:
    lines = [f'{{"id":"{name}","b":1,"c":3}}' for name in ("costarring", "liquid")]
    with pytest.raises(ChildError, match="the engine answered 2 to fact 1"):
        ask(child, ruleset(3), *lines)


def test_malformed_facts_are_an_error(child: EngineProcess) -> None:
    with pytest.raises(ChildError) as caught:
        ask(child, ruleset(3), '{"id":"0","b":1,"c":1e16}')
    assert caught.value.stage is Stage.FACTS
    assert "error code: 204" in caught.value.text


def test_chunks_wait_in_line(child: EngineProcess) -> None:
    rules = [ruleset(least) for least in range(4)]
    for each in rules:
        child.submit(each, b'{"id":"0","b":1,"c":2}\n{"id":"1","a":1}', 2)
    assert child.in_flight == 4
    assert [child.receive() for _each in rules] == [
        *3 * [{"r0": [0], CANARY: [1]}],
        {CANARY: [1]},
    ]
    assert child.in_flight == 0


def test_chunks_and_answers_larger_than_a_pipe_pass_each_other(child: EngineProcess) -> None:
    line = '{"id":"%d","b":1,"c":3,"note":"' + "x" * 2_000 + '"}'
    lines = [line % number for number in range(1_000)]
    payload = "\n".join([*lines, '{"id":"1000","a":1}']).encode()
    for _again in range(4):
        child.submit(ruleset(3), payload, 1_000)
    for _again in range(4):
        assert child.receive() == {"r0": list(range(1_000)), CANARY: [1_000]}


def test_the_child_is_recycled_after_many_loads(
    child: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "MOST_LOADS", 3)
    for least in range(7):
        ask(child, ruleset(least), '{"id":"0","b":1}')
    assert child.starts == 3


def test_the_child_is_recycled_when_it_has_grown(
    child: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(child, ruleset(3), '{"id":"0","b":1}')
    monkeypatch.setattr(process, "MOST_MEMORY_MB", 1)
    ask(child, ruleset(3), '{"id":"0","b":1}')
    assert child.starts == 2


def test_the_parent_s_memory_is_not_the_child_s(child: EngineProcess) -> None:
    ballast = b"x" * (process.MOST_MEMORY_MB * 2**20)
    for _again in range(2):
        ask(child, ruleset(3), '{"id":"0","b":1}')
    assert child.starts == 1
    assert ballast


def test_loading_over_and_over_stays_within_the_memory(child: EngineProcess) -> None:
    for least in range(2 * process.MOST_LOADS + 1):
        ask(child, ruleset(least), '{"id":"0","b":1}')
    assert child.pid is not None
    assert psutil.Process(child.pid).memory_info().rss < process.MOST_MEMORY_MB * 2**20
    assert child.starts == 3


def test_a_closed_child_is_gone(child: EngineProcess) -> None:
    ask(child, ruleset(3), '{"id":"0","b":1}')
    pid = child.pid
    assert pid is not None
    child.close()
    assert not psutil.pid_exists(pid)


def test_a_child_that_died_while_idle_is_an_error_and_the_next_one_starts(
    child: EngineProcess,
) -> None:
    ask(child, ruleset(3), '{"id":"0","b":1}')
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildError, match="SIGKILL"):
        ask(child, ruleset(3), '{"id":"0","b":1}')
    assert ask(child, ruleset(3), '{"id":"0","b":1,"c":3}') == {"r0": [0], CANARY: [1]}


def test_the_child_does_not_mind_an_interrupt(child: EngineProcess) -> None:
    ask(child, ruleset(3), '{"id":"0","b":1}')
    assert child.pid is not None
    os.kill(child.pid, signal.SIGINT)
    assert ask(child, ruleset(3), '{"id":"0","b":1,"c":3}') == {"r0": [0], CANARY: [1]}
    assert child.starts == 1


def work(least: int = 3) -> Batch:
    return batch(FACTS, decision("rule", compare("count", "gte", least)))


def decide(engine: Engine, least: int = 3) -> Verdicts:
    world = World()
    return engine.decide([work(least)], world.binding, world.of_kind)


EXPECTED = Verdicts({"rule": [3, 4, 5, 6, 7, 8, 9]}, [], 10, 0)


def children() -> set[int]:
    return {each.pid for each in psutil.Process().children()}


def test_an_engine_keeps_its_child_between_evaluations() -> None:
    before = children()
    engine = Engine()
    assert decide(engine) == EXPECTED
    (first,) = children() - before
    assert decide(engine) == EXPECTED
    assert children() - before == {first}
    engine.close()
    assert children() == before


def test_more_rulesets_than_a_child_may_load_are_decided_by_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "MOST_LOADS", 2)
    monkeypatch.setattr("tiesan.engine.ruleset.KIND_LIMIT", 1)
    rules = [decision(f"r{least}", compare("count", "gte", least)) for least in range(7)]
    engine, world = Engine(), World()
    with engine._process(Patience()) as kept:
        pass
    verdicts = engine.decide([batch(FACTS, *rules)], world.binding, world.of_kind)
    assert {rule: len(hits) for rule, hits in verdicts.hits.items()} == {
        f"r{least}": 10 - least for least in range(7)
    }
    assert kept.starts == 4
    engine.close()


def test_threads_share_an_engine() -> None:
    before = children()
    engine = Engine(processes=2)
    given: list[Verdicts] = []

    def decide_often() -> None:
        given.extend(decide(engine) for _again in range(10))

    threads = [threading.Thread(target=decide_often) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == 60 * [EXPECTED]
    assert 1 <= len(children() - before) <= 2
    engine.close()


PARENT = """
import sys
from tests.engine.test_process import EXPECTED, children, decide
from tiesan.engine.deciding import Engine
engine = Engine()
decide(engine)
print(*children(), flush=True)
sys.stdin.readline()
{rest}
"""


FORK = """
import os
before = children()
forked = os.fork()
if forked == 0:
    os._exit(0 if decide(engine) == EXPECTED and len(children()) == 1 else 1)
_pid, status = os.waitpid(forked, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert children() == before
assert decide(engine) == EXPECTED
"""


def start_parent(rest: str, **env: str) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A process that has decided something, and its child."""
    code = PARENT.format(rest=rest)
    with minding_interrupts():
        parent = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | env,
        )
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = psutil.Process(int(parent.stdout.readline()))
    # The parent goes on only when its child is known, so that none is looked for that is gone.
    parent.stdin.write("\n")
    parent.stdin.flush()
    return parent, child


def test_the_child_ends_when_its_parent_is_killed() -> None:
    parent, child = start_parent("sys.stdin.read()")
    parent.kill()
    parent.communicate()
    child.wait(30)


def test_the_child_ends_when_its_parent_is_killed_though_a_fork_lives_on() -> None:
    parent, child = start_parent("import os; os.fork(); sys.stdin.read()")
    parent.kill()
    parent.wait()
    child.wait(30)
    parent.communicate()


@pytest.mark.parametrize("ending", ["", "sys.exit(0)", "engine.close()", "del engine"])
def test_a_parent_that_ends_leaves_no_child_and_no_noise(ending: str) -> None:
    parent, child = start_parent(ending)
    _out, err = parent.communicate()
    assert (parent.returncode, err) == (0, "")
    assert not child.is_running()


def test_a_forked_process_has_a_child_of_its_own() -> None:
    parent, child = start_parent(FORK)
    _out, err = parent.communicate()
    assert (parent.returncode, err) == (0, "")
    assert not child.is_running()


def test_the_child_bears_with_warnings_as_errors() -> None:
    parent, _child = start_parent("assert decide(engine) == EXPECTED", PYTHONWARNINGS="error")
    _out, err = parent.communicate()
    assert (parent.returncode, err) == (0, "")


def test_an_interrupt_leaves_no_child() -> None:
    parent, child = start_parent("sys.stdin.read()")
    parent.send_signal(signal.SIGINT)
    _out, err = parent.communicate()
    assert "KeyboardInterrupt" in err
    assert "engine" not in err
    assert not child.is_running()
