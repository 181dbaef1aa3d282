"""Section ``bringing``: a workbook of everything in the browser: preview, storing, undoing.

Each is done in a child process, of which the memory is measured; the rows are days of attendance.
"""

import time
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.bench.databases import Store, sqlite_url
from tests.bench.processes import run
from tests.bench.tables import Table, verdict
from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.imports.asking import (
    ask_reading,
    ask_storing_everything,
    ask_undoing,
    begin_import,
)
from tiesan.people.models import RoleName
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, grant_role
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import EVERYTHING, DataImport, State
from tiesan.scheduler.jobs import jobs_of
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner

# Cadres, and the days of each.
SIZE, QUICK = (400, 1_000), (10, 20)
MOST_MEGABYTES = 600
FIRST = date(2021, 1, 4)
BOOK = "records.xlsx"
_STEPS = (("preview", State.PREVIEWED), ("storing", State.STORED), ("undoing", State.UNDONE))
_A_MEGABYTE = 1024
_ACTOR = Actor(None, "bench", "web")


def bringing(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure the seconds and the memory of each step; once, because it takes minutes."""
    cadres, days = QUICK if quick else SIZE
    title = f"Bringing records in: a workbook of {cadres * days:,} rows"
    table = Table(title, ("step", "seconds", "rows/s", "memory MB", ""))
    for step, seconds, memory in _measured(store, cadres, days):
        speed = f"{cadres * days / seconds:,.0f}"
        met = verdict(memory <= MOST_MEGABYTES)
        table.rows.append((step, f"{seconds:.1f}", speed, f"{memory:.0f}", met))
    table.note(f"At most {MOST_MEGABYTES} MB in a child.")
    return [table]


def _measured(store: Store, cadres: int, days: int) -> list[tuple[str, float, float]]:
    file = store.new()
    run("init-db", database=sqlite_url(file))
    engine = make_engine(read_database_url(sqlite_url(file)))
    folder = store.folder / f"bringing-{file.stem}"
    folder.mkdir()
    _write(folder / BOOK, cadres, days)
    runner = Runner(engine.url, jobs_of(), now)
    found = []
    for step, state in _STEPS:
        run_id = _ask(engine, folder, step)
        before = time.perf_counter()
        if not runner.call_for(run_id, 1_200):
            raise RuntimeError("it took too long")
        found.append((step, time.perf_counter() - before, _memory(engine, run_id, state)))
    runner.close()
    engine.dispose()
    return found


def _ask(engine: Engine, folder: Path, step: str) -> int:
    """Ask for a step; returns the id of its run."""
    with Session(engine) as session:
        if step == "preview":
            found = _begin(session, folder)
        else:
            row = session.scalars(select(DataImport)).one()
            actor, words = Actor(row.account_id, "bench"), (session, row, str(folder), now())
            if step == "storing":
                found = ask_storing_everything(actor, *words, reason="bench", tried=True)
            else:
                found = ask_undoing(actor, *words, "bench")
        session.commit()
        return found


def _begin(session: Session, folder: Path) -> int:
    account = create_account(
        _ACTOR,
        session,
        username="bench",
        password=hash_password("nobody signs in"),
        cadre=None,
        at=now(),
    )
    grant_role(_ACTOR, session, account, RoleName.ADMINISTRATOR, None, at=now())
    actor = Actor(account.id, "bench")
    row = begin_import(actor, session, EVERYTHING, [], now())
    with (folder / BOOK).open("rb") as content:
        row.files = KeptFiles(folder, row.id).keep([(BOOK, content)])
    return ask_reading(actor, session, row, str(folder), now())


def _memory(engine: Engine, run_id: int, state: State) -> float:
    """The megabytes that a child has used; it must have come to its end."""
    with Session(engine) as session:
        row, ran = session.scalars(select(DataImport)).one(), session.get_one(JobRun, run_id)
        if row.state != state:
            raise RuntimeError(f"it is {row.state}: {row.said} {ran.output}")
        return (ran.peak_memory_kb or 0) / _A_MEGABYTE


def _write(path: Path, cadres: int, days: int) -> None:
    """A workbook with a district, its cadres, and their attendance."""
    book = Workbook(write_only=True)
    place = book.create_sheet("organizations")
    place.append(["code", "name", "kind", "founded_on", "tracked_from"])
    place.append(["D1", "甲区总工会", "district", date(2000, 1, 1), FIRST])
    people = book.create_sheet("cadres")
    people.append(["code", "name", "organization", "professional", "joined_on"])
    for each in range(cadres):
        people.append([f"C{each:04}", f"干部{each}", "D1", "true", date(2010, 1, 1)])
    rows = book.create_sheet("attendance")
    rows.append(["cadre", "day", "clock_in", "clock_out"])
    for day in range(days):
        for each in range(cadres):
            came, went = f"08:{each % 60:02}", f"17:{day % 60:02}"
            rows.append([f"C{each:04}", FIRST + timedelta(days=day), came, went])
    book.save(path)
