"""A database with two districts, for all tests of the exchange."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.exchange.importing import WORLD, bring
from tiesan.config import read_database_url
from tiesan.database import make_engine


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """A session on a SQLite database that holds the world."""
    yield from _session(sqlite_url, with_world=True)


@pytest.fixture
def either(database_url: str) -> Iterator[Session]:
    """A session on a database of each kind that holds the world."""
    yield from _session(database_url, with_world=True)


@pytest.fixture
def empty(database_url: str) -> Iterator[Session]:
    """A session on a database of each kind without any record."""
    yield from _session(database_url, with_world=False)


def _session(url: str, *, with_world: bool) -> Iterator[Session]:
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        if with_world:
            bring(session, WORLD)
        yield session
    engine.dispose()
