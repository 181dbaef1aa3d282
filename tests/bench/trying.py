"""Section ``trying``: rules tried on the stored records of a city's year, and what reading takes.

Each trial judges all districts twice, by what is published and as tried, in a process of its own.
"""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.databases import Store, sqlite_url
from tests.bench.evaluating import CITY, SMALL, records
from tests.bench.processes import run
from tests.bench.tables import Table, verdict
from tiesan.audit import COMMAND_LINE
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, backtest, districts
from tiesan.flags.evaluation.backtest import asked
from tiesan.flags.worlds import read_world

ALL = "all"
# Rules of each form and level: one that reads few records, some that read most of them, one over
# the flags of a named rule, and one over those of all rules.
TRIED = (
    "discipline.expense_unapproved",
    "discipline.late",
    "discipline.log_missing",
    "discipline.frequent_late",
    "accountability.repeat_violations",
    ALL,
)
MOST_SECONDS, MOST_SECONDS_OF_ALL = 5, 12
A_YEAR = timedelta(days=365)


def trying(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """A trial of one rule of each manner, and of all rules, on the flags of a year."""
    size = SMALL if quick else CITY
    file = store.evaluated(size)
    table = Table(
        f"Trying rules: {size}, {records(file):,} records",
        ("tried", "seconds", "of these reading", "share", "flags the same", "target"),
    )
    for name in TRIED:
        found = [_trial(sqlite_url(file), name) for _run in range(runs)]
        seconds = median(each["seconds"] for each in found)
        reading = median(each["reading"] for each in found)
        most = MOST_SECONDS_OF_ALL if name == ALL else MOST_SECONDS
        target = "–" if quick else f"≤ {most} s – {verdict(seconds <= most)}"
        share = f"{reading / seconds:.0%}"
        row = [name, f"{seconds:.1f}", f"{reading:.1f}", share, f"{found[0]['same']:,}", target]
        table.rows.append(row)
    table.note("Reading is measured by itself: the same worlds, once for both sides.")
    return [table]


def _trial(database: str, name: str) -> dict[str, Any]:
    command = Path(sys.executable)
    measured = run("-m", "tests.bench.trying", name, database=database, command=command)
    found: dict[str, Any] = json.loads(measured.output)
    return found


def main(words: Sequence[str]) -> None:
    """Try a rule, or all, as it is published; print the seconds of it and of reading alone."""
    [name] = words
    catalog, day = installed_catalog(), today() - timedelta(days=1)
    rules = list(catalog.rules.values()) if name == ALL else [catalog.rules[name]]
    with stored_session() as session, closing(Engine()) as engine:
        task = Task(COMMAND_LINE, catalog, engine.decide, day, day, now())
        begun = time.perf_counter()
        found = backtest(session, task, rules, day - A_YEAR)
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        needed = asked(catalog.rules.values(), {rule.id for rule in rules})
        for district_id, code in districts(session):
            read_world(session, catalog, Scope(district_id, code), needed, task.days(None))
        reading = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "reading": reading, "same": len(found.same)}))


if __name__ == "__main__":
    main(sys.argv[1:])
