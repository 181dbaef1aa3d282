"""A pytest plugin: databases of both kinds, the command as a process, and an application.

A test that needs PostgreSQL is left out where ``TIESAN_TEST_POSTGRES_URL`` names no server.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.testing.command import Tiesan
from tiesan.testing.world import World, fill

POSTGRES = os.environ.get("TIESAN_TEST_POSTGRES_URL", "")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", "postgres: needs a PostgreSQL server, named by TIESAN_TEST_POSTGRES_URL"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose server is not there."""
    if item.get_closest_marker("postgres") and not POSTGRES:
        pytest.skip("PostgreSQL: TIESAN_TEST_POSTGRES_URL names no server")


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def tiesan(tmp_path: Path) -> Tiesan:
    """The `tiesan` command as a child process, in English, in a folder of its own."""
    return Tiesan(tmp_path)


# --- databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The URL of the PostgreSQL server on which tests may create databases."""
    url = sa.make_url(POSTGRES).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_server(postgres_url: str) -> Iterator[sa.Engine]:
    """A connection to the PostgreSQL server that creates and drops databases."""
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: a test that asks for it runs once on each."""
    return cast("str", request.param)


@pytest.fixture
def empty_database_url(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The URL of a fresh database without any table, dropped after the test."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    else:
        yield from postgres_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database with all tables and no record, dropped after the test."""
    if backend == "sqlite":
        yield sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        template = request.getfixturevalue("postgres_template")
        yield from postgres_database(request.getfixturevalue("postgres_server"), template)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database with all tables, for tests that need only one kind."""
    return sqlite_copy(sqlite_template, tmp_path)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; it is copied, never used."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "template.sqlite3"
    Tiesan(folder)("init-db", database=f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables; it is copied, never used."""
    for url in postgres_database(postgres_server):
        Tiesan(tmp_path_factory.mktemp("template"))("init-db", database=url)
        yield cast("str", sa.make_url(url).database)


def sqlite_copy(template: Path, folder: Path) -> str:
    """Copy a SQLite file into a folder; gives the URL of the copy."""
    file = folder / "tiesan.sqlite3"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def postgres_database(server: sa.Engine, template: str = "template0") -> Iterator[str]:
    """The URL of a new PostgreSQL database, a copy of another one, dropped after the test."""
    name = f"tiesan_test_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        # Chinese sorts by code point, on every machine alike.
        connection.execute(
            sa.text(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
        )
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


# --- the application -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world; it is copied, never used."""
    file = tmp_path_factory.mktemp("filled") / "filled.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return file, filled_world(f"sqlite:///{file}")


@pytest.fixture
def lite_world(filled: tuple[Path, World]) -> World:
    """The small world, for what is the same on every database."""
    return filled[1]


@pytest.fixture
def lite_app(filled: tuple[Path, World], tmp_path: Path) -> Iterator[Flask]:
    """The application on the small world in SQLite, for what is the same on every database."""
    file = tmp_path / "web.sqlite3"
    shutil.copyfile(filled[0], file)
    yield from application(f"sqlite:///{file}", tmp_path)


@pytest.fixture
def world(database_url: str) -> World:
    """The small world, committed to a database of each kind."""
    return filled_world(database_url)


@pytest.fixture
def app(database_url: str, world: World, tmp_path: Path) -> Iterator[Flask]:  # noqa: ARG001 - what it shows
    """The application on the small world in a database of each kind."""
    yield from application(database_url, tmp_path)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine with its child processes."""
    engine = Engine()
    yield engine
    engine.close()


def filled_world(url: str) -> World:
    """Fill a database with the small world."""
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        world = fill(session, installed_catalog())
    engine.dispose()
    return world


def application(url: str, folder: Path) -> Iterator[Flask]:
    """The application on a database, as long as the test runs."""
    app = create_app(url=read_database_url(url), instance=folder / "instance")
    # However slow the machine is, an evaluation is waited for, so that its result is known.
    app.config["PATIENCE_SECONDS"] = 300
    yield app
    app.extensions["runner"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()
