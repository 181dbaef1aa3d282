"""The application on a database with two districts and a person of every role."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.web.world import World, fill
from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog


@pytest.fixture
def world(database_url: str) -> World:
    """The rows of the tests, committed to a database of each kind."""
    return _filled(database_url)


@pytest.fixture
def app(database_url: str, world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of each kind."""
    yield from _application(database_url, tmp_path)


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the rows of the tests; it is copied, never used."""
    file = tmp_path_factory.mktemp("filled") / "filled.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return file, _filled(f"sqlite:///{file}")


@pytest.fixture
def lite_world(filled: tuple[Path, World]) -> World:
    """The rows of the tests, for what is the same on every database."""
    return filled[1]


@pytest.fixture
def lite_app(filled: tuple[Path, World], tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite, for what is the same on every database."""
    file = tmp_path / "web.sqlite3"
    shutil.copyfile(filled[0], file)
    yield from _application(f"sqlite:///{file}", tmp_path)


def _filled(url: str) -> World:
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        world = fill(session, installed_catalog())
    engine.dispose()
    return world


def _application(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(url=read_database_url(url), instance=folder / "instance")
    # However slow the machine is, an evaluation is waited for, so that its result is known.
    app.config["PATIENCE_SECONDS"] = 300
    yield app
    app.extensions["runner"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()
