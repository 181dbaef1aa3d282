"""Section ``clocks``: a month of attendance from one file, read and stored in child processes.

Every cadre has a row for each working day.
"""

import time
from datetime import date
from pathlib import Path
from statistics import median

from openpyxl import Workbook
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from tests.bench.databases import Store, sqlite_url
from tests.bench.processes import run
from tests.bench.tables import Table, verdict
from tests.clocks.files import Day, dingtalk_days
from tiesan.audit import Actor
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.imports.asking import ask_reading, ask_storing, begin_import
from tiesan.people.models import Account, Cadre, Organization, Posting, RoleName
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, grant_role
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import DataImport, State
from tiesan.records.kinds import table_of
from tiesan.records.organizations import create_organization
from tiesan.scheduler.jobs import jobs_of
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner

# Cadres, with the seconds that the file may take.
SIZES = ((400, 20.0), (5_000, 240.0))
QUICK = ((20, 20.0),)
MOST_MEGABYTES = 600
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
_A_MEGABYTE = 1024
_ACTOR = Actor(None, "bench", "web")


def clocks(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure a month of so many cadres: seconds of preview and storing, memory of the children."""
    heads = ("cadres", "rows", "preview s", "storing s", "memory MB", "")
    table = Table("Clocks: a month of attendance from one file", heads)
    for number, most in QUICK if quick else SIZES:
        found = [_measured(store, number) for _run in range(1 if number > SIZES[0][0] else runs)]
        preview, storing = (median(each[at] for each in found) for at in (1, 2))
        memory = max(each[3] for each in found)
        met = preview + storing <= most and memory <= MOST_MEGABYTES
        cells = [f"{number:,}", f"{found[0][0]:,}", f"{preview:.1f}", f"{storing:.1f}"]
        table.rows.append([*cells, f"{memory:.0f}", verdict(met)])
    limits = " and ".join(f"{most:.0f} s for {number:,}" for number, most in SIZES)
    table.note(f"At most {limits}, and {MOST_MEGABYTES} MB in a child.")
    return [table]


def _measured(store: Store, number: int) -> tuple[int, float, float, float]:
    file = store.new()
    run("init-db", database=sqlite_url(file))
    engine = make_engine(read_database_url(sqlite_url(file)))
    folder = store.folder / f"clocks-{file.stem}"
    folder.mkdir()
    rows = _write(folder / "october.xlsx", number)
    with Session(engine) as session:
        actor = Actor(_fill(session, number), "bench")
        session.commit()
    runner = Runner(engine.url, jobs_of(), now)
    import_id, reading = _begin(engine, actor, folder)
    preview = _carried_out(runner, reading)
    with Session(engine) as session:
        row = session.get_one(DataImport, import_id)
        storing = ask_storing(actor, session, row, str(folder), now())
        session.commit()
    stored = _carried_out(runner, storing)
    memory = _memory(engine, import_id, (reading, storing))
    runner.close()
    engine.dispose()
    return rows, preview, stored, memory


def _begin(engine: Engine, actor: Actor, folder: Path) -> tuple[int, int]:
    """Send the file; returns the import, and the run that reads it."""
    with Session(engine) as session:
        row = begin_import(actor, session, "attendance", [], now())
        with (folder / "october.xlsx").open("rb") as content:
            row.files = KeptFiles(folder, row.id).keep([("october.xlsx", content)])
        found = row.id, ask_reading(actor, session, row, str(folder), now())
        session.commit()
    return found


def _memory(engine: Engine, import_id: int, run_ids: tuple[int, int]) -> float:
    """The most megabytes that a child has used; it must have been stored."""
    with Session(engine) as session:
        if session.get_one(DataImport, import_id).state != State.STORED:
            raise RuntimeError("it was not stored")
        peaks = select(JobRun.peak_memory_kb).where(JobRun.id.in_(run_ids))
        return max(each or 0 for each in session.scalars(peaks)) / _A_MEGABYTE


def _carried_out(runner: Runner, run_id: int) -> float:
    """The seconds that a run takes, its child's start among them; nothing else is run."""
    before = time.perf_counter()
    if not runner.call_for(run_id, 600):
        raise RuntimeError("it took too long")
    return time.perf_counter() - before


def _fill(session: Session, number: int) -> int:
    """A district of so many cadres; returns the account that administers it."""
    place = {"code": "D1", "name": "甲区总工会", "kind": "district", "parent": None,
             "founded_on": date(2000, 1, 1), "tracked_from": date(2026, 1, 5)}  # fmt: skip
    district: Organization = create_organization(_ACTOR, session, place, at=now())
    joined = date(2020, 1, 1)
    cadres = [{"code": f"C{each}", "name": f"干部{each}", "organization_id": district.id,
               "professional": True, "joined_on": joined} for each in range(number)]  # fmt: skip
    session.execute(insert(table_of(Cadre)), cadres)
    ids = session.scalars(select(Cadre.id)).all()
    postings = [
        {"cadre_id": each, "organization_id": district.id, "from_on": joined} for each in ids
    ]
    session.execute(insert(table_of(Posting)), postings)
    account: Account = create_account(
        _ACTOR,
        session,
        username="bench",
        password=hash_password("nobody signs in"),
        cadre=None,
        at=now(),
    )
    grant_role(_ACTOR, session, account, RoleName.ADMINISTRATOR, district, at=now())
    return account.id


def _write(path: Path, number: int) -> int:
    """A book 每日统计 of the month; returns how many rows it has."""
    book, days = Workbook(write_only=True), WorkingCalendar().between(FIRST, LAST)
    sheet = book.create_sheet("每日统计")
    for at, row in enumerate(dingtalk_days([])):
        if at or row:
            sheet.append(row)
    for each in range(number):
        of_cadre = [Day(f"干部{each}", str(each), day, "08:5" + str(each % 10)) for day in days]
        for row in dingtalk_days(of_cadre)[4:]:
            sheet.append(row)
    book.save(path)
    return number * len(days)
