"""Section ``engine``: facts per second on thirty rules about single facts, by contestant."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.bench.claims import Claims, made_up
from tests.bench.contestants import CONTESTANTS, Contestant, Hits
from tests.bench.databases import Store
from tests.bench.tables import Table, verdict
from tiesan.rules.plain import decide_plainly

TARGET = 300_000


@dataclass(frozen=True)
class Measured:
    """What one contestant found, and how long each run took in seconds."""

    contestant: Contestant
    facts: int
    hits: Hits
    seconds: list[float]

    @property
    def speed(self) -> float:
        """Facts per second, by the median run."""
        return self.facts / median(self.seconds)


def measure(contestant: Contestant, claims: Claims, runs: int) -> Measured:
    """Let a contestant decide so many times, after once for warming up.

    Raises ValueError when its hits differ from those of the plain evaluator.
    """
    share = Claims(claims.facts[: max(1, round(len(claims.facts) * contestant.share))])
    with contestant.ready(share) as run:
        hits = run()
        seconds = [_timed(run) for _run in range(runs)]
    expected = decide_plainly([share.batch()], share.binding, lambda _kind: ()).hits
    if hits != expected:
        raise ValueError(f"{contestant.title} finds other hits")
    return Measured(contestant, len(share.facts), hits, seconds)


def _timed(run: Callable[[], Hits]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def engine(_store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Every contestant on the same rules and facts."""
    claims = made_up(2_000 if quick else 40_000)
    measured = [measure(each, claims, runs) for each in CONTESTANTS]
    found = set().union(*measured[0].hits.values())
    table = Table(
        f"Engine: {len(claims.conditions)} rules about single facts, chunks of 1,000",
        ("contestant", "facts", "facts/s", "slowest to fastest run", "of our child"),
    )
    table.note(
        f"Median of {runs} runs. All contestants find the same hits: ",
        f"{sum(map(len, measured[0].hits.values())):,} on {len(found):,} of ",
        f"{len(claims.facts):,} facts (a slow one is given fewer facts).",
    )
    table.note(
        f"Target: our child decides at least {TARGET:,} facts/s – ",
        f"{verdict(measured[0].speed >= TARGET)}.",
    )
    for each in measured:
        slowest, fastest = (each.facts / pick(each.seconds) for pick in (max, min))
        table.rows.append(
            (
                each.contestant.title,
                f"{each.facts:,}",
                f"{each.speed:,.0f}",
                f"{slowest:,.0f} – {fastest:,.0f}",
                f"{each.speed / measured[0].speed:.2f}",
            )
        )
    return [table]
