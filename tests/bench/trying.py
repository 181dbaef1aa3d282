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
from typing import Any, cast

import sqlalchemy as sa

from tests.bench.databases import Store, sqlite_url
from tests.bench.evaluating import CITY, SMALL, records
from tests.bench.processes import run
from tests.bench.tables import Table, verdict
from tiesan.audit import COMMAND_LINE
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, asked, backtest, districts
from tiesan.flags.worlds import read_world
from tiesan.rulebook.services import store_drafts
from tiesan.rulebook.texts import shipped_text
from tiesan.rulebook.trying import ask_trial, try_rule
from tiesan.scheduler.work import Work

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
# Versions whose text is changed, as the page tries them: whoever reads their flags is judged too.
CHANGED = {
    "discipline.late": ("value: 08:30", "value: 08:20"),
    "discipline.expense_unapproved": ("value: 200", "value: 150"),
}
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
    for name in CHANGED:
        found = [_trial(sqlite_url(store.evaluated(size)), name, "changed") for _run in range(runs)]
        seconds = median(each["seconds"] for each in found)
        target = "–" if quick else f"≤ {MOST_SECONDS} s – {verdict(seconds <= MOST_SECONDS)}"
        flags = f"{found[0]['same']:,}, {found[0]['raised']:,} more"
        row = [f"{name}, changed, on its page", f"{seconds:.1f}", "–", "–", flags, target]
        table.rows.append(row)
    table.note("Reading is measured by itself: the same worlds, once for both sides.")
    return [table]


def _trial(database: str, *words: str) -> dict[str, Any]:
    command = Path(sys.executable)
    measured = run("-m", "tests.bench.trying", *words, database=database, command=command)
    found: dict[str, Any] = json.loads(measured.output)
    return found


def main(words: Sequence[str]) -> None:
    """Try a rule, or all, as it is published; print the seconds of it and of reading alone."""
    name, *manner = words
    if manner:
        print(json.dumps(_on_its_page(name)))
        return
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


def _on_its_page(name: str) -> dict[str, Any]:
    """Store a changed version of a rule and try it, as a run in the background does."""
    before, after = CHANGED[name]
    day = today() - timedelta(days=1)
    with stored_session() as session:
        catalog = read_catalog(session, day)
        text = (shipped_text(catalog, name) or "").replace(before, after, 1)
        [version] = store_drafts(COMMAND_LINE, session, catalog, [(name, text)], now())
        asked_for = ask_trial(COMMAND_LINE, session, version, (day - A_YEAR, day), now=now())
        session.commit()
        database = cast("sa.Engine", session.get_bind())
        given = dict(asked_for.given)
        session.commit()
        work = Work(database, None, day, given, COMMAND_LINE, now(), lambda *_steps: None)
        begun = time.perf_counter()
        found = try_rule(work)
        return {"seconds": time.perf_counter() - begun, **found}


if __name__ == "__main__":
    main(sys.argv[1:])
