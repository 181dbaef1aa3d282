"""The two districts, in a database of each kind; they are written once and copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.courses.world import World, fill, found
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.testing.fixtures import postgres_database, sqlite_copy


@pytest.fixture(scope="session")
def sqlite_districts(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the districts; it is copied, never used."""
    folder = tmp_path_factory.mktemp("courses")
    _fill(sqlite_copy(sqlite_template, folder))
    return folder / "tiesan.sqlite3"


@pytest.fixture(scope="session")
def postgres_districts(postgres_server: sa.Engine, postgres_template: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the districts; it is copied, never used."""
    for url in postgres_database(postgres_server, postgres_template):
        _fill(url)
        yield str(sa.make_url(url).database)


@pytest.fixture
def world(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """The districts with their people, committed."""
    if backend == "sqlite":
        file = request.getfixturevalue("sqlite_districts")
        yield from _world(sqlite_copy(file, tmp_path))
    else:
        template = request.getfixturevalue("postgres_districts")
        for url in postgres_database(request.getfixturevalue("postgres_server"), template):
            yield from _world(url)


@pytest.fixture
def lite(sqlite_districts: Path, tmp_path: Path) -> Iterator[World]:
    """The same on SQLite, for what is the same on every database."""
    yield from _world(sqlite_copy(sqlite_districts, tmp_path))


def _fill(url: str) -> None:
    with open_session(read_database_url(url)) as session:
        fill(session)


def _world(url: str) -> Iterator[World]:
    with open_session(read_database_url(url)) as session:
        yield found(session)
