"""A district for the plugin whose tests run, in a database of each kind, with the real engine."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.engine.deciding import Engine
from tiesan.testing.stage import Stage


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine with its child processes."""
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def stage(database_url: str, engine: Engine, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The district of the plugin in whose folder the test lies; nothing is stored yet."""
    plugin = load_plugins().by_name[request.path.parent.name]
    database = make_engine(read_database_url(database_url))
    with Session(database) as session:
        yield Stage(session, engine, plugin)
    database.dispose()
