"""The ninth plugin: a package that is installed beside the application, not part of it.

`installed/` is laid out as an environment's folder of packages. Whoever has it on the path has the
plugin installed; the tests give it to the commands that they start, never to themselves.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import sqlalchemy as sa

from tiesan.testing.command import Tiesan
from tiesan.testing.fixtures import postgres_database, sqlite_copy

# It has tests of its own, which need it installed.
collect_ignore = ["installed"]

INSTALLED = Path(__file__).parent / "installed"
RECORDS = Path(__file__).parent / "records"
# The variables with which a child process has the plugin installed.
WHERE = {"PYTHONPATH": str(INSTALLED)}

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def with_ninth(tiesan: Tiesan) -> Command:
    """The command where the plugin is installed."""
    return partial(tiesan, env=WHERE)


@pytest.fixture(scope="session")
def sqlite_records(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the plugin's tables and records; it is copied, never used."""
    folder = tmp_path_factory.mktemp("ninth")
    _fill(folder, sqlite_copy(sqlite_template, folder))
    return folder / "tiesan.sqlite3"


@pytest.fixture(scope="session")
def postgres_records(
    postgres_server: sa.Engine, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database with the same; it is copied, never used."""
    for url in postgres_database(postgres_server, postgres_template):
        _fill(tmp_path_factory.mktemp("ninth"), url)
        yield str(sa.make_url(url).database)


@pytest.fixture
def stored(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the plugin's tables and records, not evaluated yet."""
    if backend == "sqlite":
        yield sqlite_copy(request.getfixturevalue("sqlite_records"), tmp_path)
    else:
        template = request.getfixturevalue("postgres_records")
        yield from postgres_database(request.getfixturevalue("postgres_server"), template)


def _fill(folder: Path, database: str) -> None:
    """Create the plugin's tables and bring in its records."""
    command = partial(Tiesan(folder), env=WHERE)
    command("init-db", database=database)
    command("import", RECORDS, database=database)
