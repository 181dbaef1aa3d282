"""Section ``engine``: facts per second on thirty rules about single facts, by contestant."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import psutil

from tests.bench.claims import Claims, made_up
from tests.bench.contestants import CONTESTANTS, Contestant, Hits
from tests.bench.databases import Store
from tests.bench.tables import Table, verdict
from tiesan.rules import decide_plainly

TARGET = 300_000
LEAST_CHECKED = 0.9
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Measured:
    """What one contestant found, and how long each run took in seconds.

    ``own`` and ``child`` are processor seconds of this process and of its children in all runs.
    """

    contestant: Contestant
    facts: int
    hits: Hits
    seconds: list[float]
    own: float
    child: float

    @property
    def speed(self) -> float:
        """Facts per second, by the median run."""
        return self.facts / median(self.seconds)

    @property
    def row(self) -> list[str]:
        """The row of a table, without the comparison."""
        slowest, fastest = (self.facts / pick(self.seconds) for pick in (max, min))
        each = MICROSECONDS / (self.facts * len(self.seconds))
        return [
            self.contestant.title,
            f"{self.facts:,}",
            f"{self.speed:,.0f}",
            f"{slowest:,.0f} – {fastest:,.0f}",
            f"{self.own * each:.1f}" + (f" + {self.child * each:.1f}" if self.child else ""),
        ]


def measure(contestant: Contestant, claims: Claims, runs: int) -> Measured:
    """Let a contestant decide so many times, after once for warming up.

    Raises ValueError when its hits differ from those of the plain evaluator.
    """
    share = Claims(claims.facts[: max(1, round(len(claims.facts) * contestant.share))])
    with contestant.ready(share) as run:
        hits = run()
        own, child = time.process_time(), _children_time()
        seconds = [_timed(run) for _run in range(runs)]
        own, child = time.process_time() - own, _children_time() - child
    expected = decide_plainly([share.batch()], share.binding, lambda _kind: ()).hits
    if hits != expected:
        raise ValueError(f"{contestant.title} finds other hits")
    return Measured(contestant, len(share.facts), hits, seconds, own, child)


def in_turns(contestant: Contestant, beside: Contestant, claims: Claims, runs: int) -> float:
    """The speed of one contestant by that of another, run in turns: the median of the ratios.

    What else the machine does at the time then slows down both.
    """
    with contestant.ready(claims) as run, beside.ready(claims) as other:
        run()
        other()
        return median(_timed(other) / _timed(run) for _run in range(runs))


def _timed(run: Callable[[], Hits]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _children_time() -> float:
    """The processor seconds of the processes that this one started and that still run."""
    times = [child.cpu_times() for child in psutil.Process().children()]
    return sum(each.user + each.system for each in times)


def engine(_store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Every contestant on the same rules and facts."""
    claims = made_up(2_000 if quick else 40_000)
    measured = [measure(each, claims, runs) for each in CONTESTANTS]
    ours = measured[0]
    found = set().union(*ours.hits.values())
    table = Table(
        f"Engine: {len(claims.conditions)} rules about single facts, chunks of 1,000",
        (
            "contestant",
            "facts",
            "facts/s",
            "slowest to fastest run",
            "processor µs per fact (+ child)",
            "of our child",
        ),
    )
    table.rows = [[*each.row, f"{each.speed / ours.speed:.2f}"] for each in measured]
    table.note(
        f"Median of {runs} runs. All contestants find the same hits: ",
        f"{sum(map(len, ours.hits.values())):,} on {len(found):,} of ",
        f"{len(claims.facts):,} facts (a slow one is given fewer facts).",
    )
    table.note(
        f"Target: our child decides at least {TARGET:,} facts/s – ",
        f"{verdict(ours.speed >= TARGET)}.",
    )
    checked = in_turns(CONTESTANTS[1], CONTESTANTS[0], claims, 2 * runs + 1)
    met = verdict(checked >= LEAST_CHECKED)
    table.note(
        f"Target: the whole engine, every answer checked, is at least {LEAST_CHECKED} times as ",
        f"fast as the child alone, run in turns: {checked:.2f} – {met}.",
    )
    return [table]
