"""A database of each kind with the small world and flags in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.web.world import fill
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.testing.fixtures import filled_postgres, filled_sqlite
from tiesan.testing.world import World


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world and flags in it."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("filled"), fill)


@pytest.fixture(scope="module")
def postgres_filled(postgres_server: Engine, postgres_template: str) -> Iterator[tuple[str, World]]:
    """A PostgreSQL database with the same."""
    yield from filled_postgres(postgres_server, postgres_template, fill)


@pytest.fixture
def engine(world: World, database_url: str) -> Iterator[Engine]:
    """An engine on a database of each kind with the small world."""
    del world
    engine = make_engine(read_database_url(database_url))
    yield engine
    engine.dispose()
