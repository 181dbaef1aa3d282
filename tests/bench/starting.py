"""Section ``starting``: how long a command takes that does next to nothing.

Its time is that of loading; beside it the import of the two libraries on which everything stands.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median

from tests.bench.databases import Store, sqlite_url
from tests.bench.processes import COMMAND, run
from tests.bench.tables import Table, verdict

MOST_TIMES = 2.2
LEAST_RUNS = 5


def starting(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """`tiesan rules list` as a multiple of importing SQLAlchemy and Flask, in turns."""
    file = store.new()
    run("init-db", database=sqlite_url(file))
    ours, beside = [], []
    for _run in range(runs if quick else max(runs, LEAST_RUNS)):
        ours.append(_processor_seconds([COMMAND, "rules", "list"], sqlite_url(file)))
        words = [sys.executable, "-c", "import sqlalchemy, flask"]
        beside.append(_processor_seconds(words, sqlite_url(file)))
    times = median(mine / other for mine, other in zip(ours, beside, strict=True))
    table = Table("Starting", ("command", "processor s, median", "least", "times"))
    table.rows = [
        ["`tiesan rules list`", f"{median(ours):.2f}", f"{min(ours):.2f}", f"{times:.2f}"],
        [
            '`python -c "import sqlalchemy, flask"`',
            f"{median(beside):.2f}",
            f"{min(beside):.2f}",
            "1",
        ],
    ]
    table.note(f"Target: at most {MOST_TIMES} times – {verdict(times <= MOST_TIMES)}.")
    return [table]


def _processor_seconds(words: Sequence[object], database: str) -> float:
    before = os.times()
    environment = {**os.environ, "TIESAN_DATABASE_URL": database, "LANG": "en"}
    subprocess.run(list(map(str, words)), env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])
