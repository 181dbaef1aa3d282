"""The ninth plugin: a package that is installed beside the application, not part of it.

`installed/` is laid out as an environment's folder of packages. Whoever has it on the path has the
plugin installed; the tests give it to the commands that they start, never to themselves.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import sqlalchemy as sa

from tiesan.testing.command import Tiesan
from tiesan.testing.fixtures import postgres_database, sqlite_copy
from tiesan.testing.resident import Resident, resident

# It has tests of its own, which need it installed.
collect_ignore = ["installed"]

INSTALLED = Path(__file__).parent / "installed"
RECORDS = Path(__file__).parent / "records"
# The variables with which a child process has the plugin installed.
WHERE = {"PYTHONPATH": str(INSTALLED)}

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def where_installed() -> Iterator[Resident]:
    """A process that has the plugin installed."""
    with resident(INSTALLED) as process:
        yield process


@pytest.fixture
def with_ninth(tmp_path: Path, where_installed: Resident) -> Command:
    """The command where the plugin is installed."""
    return Tiesan(tmp_path, elsewhere=where_installed.run)


@pytest.fixture(scope="session")
def sqlite_records(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, where_installed: Resident
) -> Path:
    """A SQLite file with the plugin's tables and records; it is copied, never used."""
    folder = tmp_path_factory.mktemp("ninth")
    _fill(Tiesan(folder, elsewhere=where_installed.run), sqlite_copy(sqlite_template, folder))
    return folder / "tiesan.sqlite3"


@pytest.fixture(scope="session")
def postgres_records(
    postgres_server: sa.Engine,
    postgres_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    where_installed: Resident,
) -> Iterator[str]:
    """The name of a PostgreSQL database with the same; it is copied, never used."""
    for url in postgres_database(postgres_server, postgres_template):
        _fill(Tiesan(tmp_path_factory.mktemp("ninth"), elsewhere=where_installed.run), url)
        yield str(sa.make_url(url).database)


@pytest.fixture
def stored(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the plugin's tables and records, not evaluated yet."""
    if backend == "sqlite":
        yield sqlite_copy(request.getfixturevalue("sqlite_records"), tmp_path)
    else:
        template = request.getfixturevalue("postgres_records")
        yield from postgres_database(request.getfixturevalue("postgres_server"), template)


def _fill(command: Tiesan, database: str) -> None:
    """Create the plugin's tables and bring in its records."""
    command("init-db", database=database)
    command("import", RECORDS, database=database)
