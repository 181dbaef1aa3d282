"""Section ``import``: exported records of the city brought into an empty database."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.databases import POSTGRES, Store, postgres_database, sqlite_url
from tests.bench.evaluating import CITY, SMALL, records
from tests.bench.processes import Measured, run
from tests.bench.tables import Table, verdict

MOST_SECONDS = 60


def importing(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Export the city once; import it into SQLite and, where there is a server, PostgreSQL."""
    size = SMALL if quick else CITY
    number, (folder, exported) = records(store.filled(size)), store.exported(size)
    table = Table(
        f"Import of {number:,} records from CSV files",
        ("into", "seconds", "records/s", "memory MB"),
        notes=[f"Their export took {exported.seconds:.1f} s."],
    )
    kinds = ["SQLite", *(["PostgreSQL"] if POSTGRES else [])]
    for kind in kinds:
        measured = [_imported(store, kind, folder) for _run in range(runs)]
        seconds = median(each.seconds for each in measured)
        memory = max(each.memory for each in measured)
        table.rows.append((kind, f"{seconds:.1f}", f"{number / seconds:,.0f}", f"{memory:.0f}"))
        if kind == "SQLite" and not quick:
            met = verdict(seconds <= MOST_SECONDS)
            table.notes.append(f"Target: into SQLite in at most {MOST_SECONDS} s – {met}.")
    if not POSTGRES:
        table.notes.append("PostgreSQL was left out: TIESAN_BENCH_POSTGRES_URL names no server.")
    return [table]


def _imported(store: Store, kind: str, folder: Path) -> Measured:
    with _empty(store, kind) as database:
        run("init-db", database=database)
        return run("import", folder, "--quiet", database=database)


@contextmanager
def _empty(store: Store, kind: str) -> Generator[str]:
    if kind == "PostgreSQL" and POSTGRES:
        with postgres_database(POSTGRES) as address:
            yield address
    else:
        file = store.new()
        yield sqlite_url(file)
        file.unlink()
