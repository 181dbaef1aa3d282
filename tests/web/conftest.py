"""The application on the small world of ``tiesan.testing``, with flags in it."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.web.world import fill
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.flags.catalog import installed_catalog
from tiesan.testing.world import World


@pytest.fixture
def world(database_url: str) -> World:
    """The rows of the tests, committed to a database of each kind."""
    return _filled(database_url)


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the rows of the tests; it is copied, never used."""
    file = tmp_path_factory.mktemp("filled") / "filled.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return file, _filled(f"sqlite:///{file}")


def _filled(url: str) -> World:
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        world = fill(session, installed_catalog())
    engine.dispose()
    return world
