"""Sections ``evaluation`` and ``growth``: the command on whole installations."""

import json
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

import sqlalchemy as sa

from tests.bench.databases import Size, Store, sqlite_url
from tests.bench.processes import Measured, run
from tests.bench.tables import Table, verdict
from tiesan.flags.catalog import installed_catalog
from tiesan.records.kinds import core_classes, table_of

MOST_SECONDS, MOST_MEMORY = 25, 600
MOST_EXPONENT = 1.1
MILLION = 1_000_000

CITY = Size(10)
SMALL = Size(0)
GROWTH = (
    ("districts", (Size(1), Size(3), Size(10))),
    ("size of one district", (Size(1), Size(1, times=3), Size(1, times=10))),
    ("years of one district", (Size(1), Size(1, years=3), Size(1, years=5))),
)
QUICK_GROWTH = (("size", (SMALL, Size(1))),)


@dataclass(frozen=True)
class Evaluation:
    """One evaluation as it was measured, and as the command sums it up."""

    measured: Measured
    summary: dict[str, Any]


def evaluate(file: Path) -> Evaluation:
    """Evaluate a SQLite file as of yesterday; RuntimeError when something was not evaluated."""
    answer = file.with_suffix(".json")
    words = ("evaluate", "--quiet", "--format", "json", "--output", answer)
    measured = run(*words, database=sqlite_url(file))
    content = json.loads(answer.read_bytes())
    answer.unlink()
    if content["not_evaluated"]:
        raise RuntimeError(f"not evaluated: {content['not_evaluated'][:3]}")
    return Evaluation(measured, content["summary"])


def records(file: Path) -> int:
    """How many rows there are of organizations, cadres and all kinds of records."""
    engine = sa.create_engine(sqlite_url(file))
    with engine.connect() as connection:
        number = 0
        for model in (*core_classes(), *installed_catalog().plugins.records):
            counted = sa.select(sa.func.count()).select_from(table_of(model))
            number += connection.scalar(counted) or 0
    engine.dispose()
    return number


def evaluation(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """The first evaluation of the city, which raises all flags, and one that changes nothing."""
    size = SMALL if quick else CITY
    first, again = [], []
    for _run in range(runs):
        file = store.copy(size)
        first.append(evaluate(file))
        again.append(evaluate(file))
        file.unlink()
    table = Table(
        f"Evaluation: {size}, {records(store.filled(size)):,} records",
        (
            "evaluation",
            "seconds",
            "processor s",
            "parent MB",
            "child MB",
            "together MB",
            "facts",
            "flags",
        ),
    )
    table.rows = [
        _evaluated("first, raises all flags", first),
        _evaluated("again, same day", again),
    ]
    seconds = median(each.measured.seconds for each in first)
    memory = max(each.measured.memory for each in first)
    if not quick:
        table.note(
            f"Target: the first in at most {MOST_SECONDS} s – {verdict(seconds <= MOST_SECONDS)}; ",
            f"at most {MOST_MEMORY} MB together – {verdict(memory <= MOST_MEMORY)}.",
        )
    return [table]


def _evaluated(title: str, runs: list[Evaluation]) -> list[str]:
    summary, measured = runs[0].summary, [each.measured for each in runs]
    return [
        title,
        f"{median(each.seconds for each in measured):.1f}",
        f"{median(each.cpu for each in measured):.1f}",
        f"{max(each.parent for each in measured):.0f}",
        f"{max(each.children for each in measured):.0f}",
        f"{max(each.memory for each in measured):.0f}",
        f"{summary['facts']:,}",
        f"{summary['flags']:,}",
    ]


def growth(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """How the time of an evaluation grows with the records, each way of growing apart."""
    empty = store.new()
    run("init-db", database=sqlite_url(empty))
    start = median(evaluate(empty).measured.seconds for _run in range(runs))
    grown = [_grown(store, runs, way, sizes) for way, sizes in (QUICK_GROWTH if quick else GROWTH)]
    return [_growth_table(each, start) for each in grown]


@dataclass(frozen=True)
class Growth:
    """Evaluations of growing databases: their size, records, median seconds and most memory."""

    way: str
    points: list[tuple[Size, int, float, float]]

    def exponent(self, start: float) -> float:
        """The exponent that fits time, less the ``start`` of the command, to records."""
        records_of = [log(number) for _size, number, _seconds, _memory in self.points]
        times = [log(max(seconds - start, 0.01)) for _size, _number, seconds, _ in self.points]
        return linear_regression(records_of, times).slope


def _grown(store: Store, runs: int, way: str, sizes: tuple[Size, ...]) -> Growth:
    points = []
    for size in sizes:
        measured = []
        for _run in range(runs):
            file = store.copy(size)
            measured.append(evaluate(file).measured)
            file.unlink()
        seconds = median(each.seconds for each in measured)
        memory = max(each.memory for each in measured)
        points.append((size, records(store.filled(size)), seconds, memory))
    return Growth(way, points)


def _growth_table(growth: Growth, start: float) -> Table:
    table = Table(
        f"Growth by {growth.way}", ("size", "records", "seconds", "µs per record", "memory MB")
    )
    for size, number, seconds, memory in growth.points:
        table.rows.append(
            (
                str(size),
                f"{number:,}",
                f"{seconds:.2f}",
                f"{(seconds - start) / number * MILLION:.1f}",
                f"{memory:.0f}",
            )
        )
    exponent = growth.exponent(start)
    table.note(
        f"The command itself takes {start:.2f} s, which is left out of the time per record and of ",
        f"the fitted exponent: {exponent:.2f} (with it: {growth.exponent(0):.2f}); ",
        f"target at most {MOST_EXPONENT} – {verdict(exponent <= MOST_EXPONENT)}.",
    )
    return table
