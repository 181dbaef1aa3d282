"""The two districts, in a database of each kind."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.courses.world import World, fill
from tiesan.config import read_database_url
from tiesan.database import make_engine


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The districts with their people, committed."""
    yield from _filled(database_url)


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[World]:
    """The same on SQLite, for what is the same on every database."""
    yield from _filled(sqlite_url)


def _filled(url: str) -> Iterator[World]:
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        yield fill(session)
    engine.dispose()
