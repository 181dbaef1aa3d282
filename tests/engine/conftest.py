"""Engines for the tests: a real one, and one whose child misbehaves."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.support import Naive, World
from tiesan.engine.deciding import Engine
from tiesan.engine.process import ChildError
from tiesan.rules import Batch, Verdicts

MISBEHAVING = Path(__file__).with_name("misbehaving_child.py")

Decide = Callable[..., Verdicts]
MakeEngine = Callable[[str, str], Engine]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine with the real child, kept over the tests of a file."""
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def misbehaving() -> Iterator[MakeEngine]:
    """Makes an engine whose child fails in the given way at the given trigger."""
    made: list[Engine] = []

    def make(failure: str, trigger: str) -> Engine:
        made.append(Engine((sys.executable, str(MISBEHAVING), failure, trigger)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def no_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test when the child had to be given up: trying again would hide the reason."""

    def isolate(_evaluation: object, _parts: object, error: ChildError) -> None:
        raise AssertionError("the child failed") from error

    monkeypatch.setattr("tiesan.engine.deciding._Evaluation._isolate", isolate)


@pytest.fixture
def agree(engine: Engine, no_failures: None) -> Callable[[World, Batch], Verdicts]:
    """Decides a batch, and sees to it that nothing failed and a naive reading says the same."""

    def decide(world: World, *batches: Batch) -> Verdicts:
        verdicts = engine.decide(batches, world.binding, world.of_kind)
        naive = Naive(world)
        assert verdicts.not_evaluated == []
        assert verdicts.hits == {
            one.rule_id: naive.hits(each, one) for each in batches for one in each.decisions
        }
        assert verdicts.facts == sum(len(each.facts) for each in batches)
        return verdicts

    return decide
