"""Databases for measuring: filled once, copied for each run."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.bench.processes import Measured, run

POSTGRES = os.environ.get("TIESAN_BENCH_POSTGRES_URL") or os.environ.get("TIESAN_TEST_POSTGRES_URL")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in a database: so many districts, so many times as large, for so many years.

    Without any district it is the small one for demonstration.
    """

    districts: int
    times: int = 1
    years: int = 1

    @property
    def words(self) -> list[str]:
        """The options that `tiesan demo` is given."""
        if self.districts == 0:
            return []
        given = {"districts": self.districts, "size": self.times, "years": self.years}
        return [word for name, value in given.items() for word in (f"--{name}", str(value))]

    def __str__(self) -> str:
        if self.districts == 0:
            return "the small district"
        years = f"{self.years} year{'s' if self.years > 1 else ''}"
        if self.times > 1:
            return f"1 district {self.times} times as large, {years}"
        return f"{self.districts} district{'s' if self.districts > 1 else ''}, {years}"


class Store:
    """SQLite files filled by `tiesan demo`, each size once, in a folder that is removed."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder."""
        self.folder = folder
        self._exported: dict[Size, tuple[Path, Measured]] = {}

    def filled(self, size: Size) -> Path:
        """A file with records and no flags; it is copied, never used."""
        file = self.folder / f"{size.districts}-{size.times}-{size.years}.sqlite"
        if not file.exists():
            words = ("demo", "--no-evaluate", "--quiet", *size.words)
            run(*words, database=sqlite_url(file))
        return file

    def copy(self, size: Size) -> Path:
        """A fresh copy."""
        return self._copied(self.filled(size))

    def evaluated(self, size: Size) -> Path:
        """A fresh copy with the flags as of yesterday, which are raised once."""
        file = self.filled(size).with_suffix(".evaluated.sqlite")
        if not file.exists():
            copy = self.copy(size)
            run("evaluate", "--quiet", database=sqlite_url(copy))
            copy.rename(file)
        return self._copied(file)

    def exported(self, size: Size) -> tuple[Path, Measured]:
        """A folder with the records as CSV files, which are written once, and what that took."""
        if size not in self._exported:
            folder = self.folder / f"exported-{size.districts}-{size.times}-{size.years}"
            measured = run("export", folder, database=sqlite_url(self.copy(size)))
            self._exported[size] = folder, measured
        return self._exported[size]

    def _copied(self, file: Path) -> Path:
        return Path(shutil.copyfile(file, self.new()))

    def new(self) -> Path:
        """A name for a new file."""
        return self.folder / f"{uuid.uuid4().hex}.sqlite"


@contextmanager
def store() -> Generator[Store]:
    """A store in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="tiesan-bench-") as folder:
        yield Store(Path(folder))


def sqlite_url(file: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{file}"


@contextmanager
def postgres_database(server: str) -> Generator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"tiesan_bench_{uuid.uuid4().hex[:12]}"
    with engine.connect() as connection:
        connection.execute(
            sa.text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        )
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
