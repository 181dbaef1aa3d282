"""Sections ``evaluation`` and ``growth``: the command on whole installations."""

import json
import sys
from collections.abc import Sequence
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

MOST_SECONDS, MOST_PROCESSOR, MOST_MEMORY = 25, 6, 600
SCRIPT = Path(__file__).with_name("script.py")
MOST_EXPONENT = 1.1
MILLION = 1_000_000
LEAST_SECONDS = 0.01

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
    beside = [_script(store, size) for _run in range(runs)]
    table.rows.append(
        [
            "a plain script over the same records as CSV",
            f"{median(each.seconds for each in beside):.1f}",
            f"{median(each.cpu for each in beside):.1f}",
            f"{max(each.parent for each in beside):.0f}",
            *("–" for _column in range(4)),
        ]
    )
    seconds = median(each.measured.seconds for each in first)
    processor = median(each.measured.cpu for each in first)
    memory = max(each.measured.memory for each in first)
    if not quick:
        table.note(
            f"Target: the first in at most {MOST_SECONDS} s – {verdict(seconds <= MOST_SECONDS)}; ",
            f"at most {MOST_PROCESSOR} processor s – {verdict(processor <= MOST_PROCESSOR)}; ",
            f"at most {MOST_MEMORY} MB together – {verdict(memory <= MOST_MEMORY)}.",
        )
    return [table]


def _script(store: Store, size: Size) -> Measured:
    """One run of the plain script over the exported files of a size."""
    return run(SCRIPT, store.exported(size)[0], database="", command=Path(sys.executable))


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
    start = Point.of("nothing", 0, [evaluate(empty).measured for _run in range(runs)])
    ways = QUICK_GROWTH if quick else GROWTH
    return [
        _grown(way, [_point(store, size, runs) for size in sizes], start) for way, sizes in ways
    ]


@dataclass(frozen=True)
class Point:
    """Evaluations of one database: how many records, the median times, the most memory."""

    title: str
    records: int
    seconds: float
    cpu: float
    memory: float

    @classmethod
    def of(cls, title: str, number: int, measured: Sequence[Measured]) -> "Point":
        """The point of several runs."""
        return cls(
            title,
            number,
            median(each.seconds for each in measured),
            median(each.cpu for each in measured),
            max(each.memory for each in measured),
        )


def _point(store: Store, size: Size, runs: int) -> Point:
    measured = []
    for _run in range(runs):
        file = store.copy(size)
        measured.append(evaluate(file).measured)
        file.unlink()
    return Point.of(str(size), records(store.filled(size)), measured)


def _grown(way: str, points: Sequence[Point], start: Point) -> Table:
    table = Table(
        f"Growth by {way}",
        ("size", "records", "seconds", "processor s", "processor µs per record", "memory MB"),
    )
    for each in points:
        table.rows.append(
            (
                each.title,
                f"{each.records:,}",
                f"{each.seconds:.2f}",
                f"{each.cpu:.2f}",
                f"{(each.cpu - start.cpu) / each.records * MILLION:.1f}",
                f"{each.memory:.0f}",
            )
        )
    numbers = [each.records for each in points]
    by_clock = exponent(numbers, [each.seconds - start.seconds for each in points])
    by_processor = exponent(numbers, [each.cpu - start.cpu for each in points])
    met = verdict(by_clock <= MOST_EXPONENT)
    table.note(
        f"Fitted exponent: {by_clock:.2f} by the clock, {by_processor:.2f} by processor time; ",
        f"target at most {MOST_EXPONENT} – {met}. What the command takes without any record ",
        f"({start.seconds:.2f} s, {start.cpu:.2f} processor s) is left out of it.",
    )
    return table


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The e that fits time = c · size^e best: least squares over the logarithms."""
    logarithms = [log(max(seconds, LEAST_SECONDS)) for seconds in times]
    return linear_regression([log(size) for size in sizes], logarithms).slope
