"""A pytest plugin: databases of both kinds, the command as a process, and an application.

A test that needs PostgreSQL is left out where ``TIESAN_TEST_POSTGRES_URL`` names no server.
"""

import os
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import TypeAlias, cast

import pytest
import sqlalchemy as sa
from flask import Flask, has_request_context
from sqlalchemy.orm import Session

from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.database import is_writing, make_engine
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog, installed_catalog
from tiesan.testing.command import Tiesan
from tiesan.testing.routes import share_routes
from tiesan.testing.statements import share_compiled
from tiesan.testing.templates import share_templates
from tiesan.testing.world import World, fill

POSTGRES = os.environ.get("TIESAN_TEST_POSTGRES_URL", "")
# Writes a world and commits it.
Fill: TypeAlias = Callable[[Session, Catalog], World]
# To copy or drop a database is to wait for the server's disk, for longer than most tests take. So
# the next copies are made while a test runs, and no test waits for what is dropped; the end does.
_BESIDE = ThreadPoolExecutor(max_workers=8, thread_name_prefix="databases")
_AHEAD = 3
_ahead: dict[str, deque[Future[str]]] = {}
_dropped: list[Future[None]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, and share what applications would compile anew."""
    config.addinivalue_line(
        "markers", "postgres: needs a PostgreSQL server, named by TIESAN_TEST_POSTGRES_URL"
    )
    share_compiled()
    share_templates()
    share_routes()


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
    for dropped in _dropped:
        dropped.result()
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
    """The URL of a fresh database with all tables, dropped after the test.

    There is no record in it, but in a test of the small ``world`` that world.
    """
    is_filled = "filled_database" in request.fixturenames
    if backend == "sqlite":
        template = request.getfixturevalue("filled" if is_filled else "sqlite_template")
        yield sqlite_copy(template[0] if is_filled else template, tmp_path)
    else:
        template = request.getfixturevalue("postgres_filled" if is_filled else "postgres_template")
        server = request.getfixturevalue("postgres_server")
        yield from postgres_database(server, template[0] if is_filled else template)


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
    ahead = _ahead.setdefault(template, deque())
    while len(ahead) <= (0 if template == "template0" else _AHEAD):
        ahead.append(_BESIDE.submit(_create_database, server, template))
    name = ahead.popleft().result()
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        # Of what was a template itself, the copies that nobody took go with it.
        unused = [each.result() for each in _ahead.pop(name, ())]
        _dropped.extend(_BESIDE.submit(_drop_database, server, each) for each in (name, *unused))


def _create_database(server: sa.Engine, template: str) -> str:
    name = f"tiesan_test_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        # Chinese sorts by code point, on every machine alike.
        connection.execute(
            sa.text(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
        )
    return name


def _drop_database(server: sa.Engine, name: str) -> None:
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


# --- the application -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world; it is copied, never used."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("filled"), fill)


@pytest.fixture(scope="session")
def postgres_filled(
    postgres_server: sa.Engine, postgres_template: str
) -> Iterator[tuple[str, World]]:
    """The name of a PostgreSQL database with the small world; it is copied, never used."""
    yield from filled_postgres(postgres_server, postgres_template, fill)


@pytest.fixture
def filled_database(backend: str, request: pytest.FixtureRequest) -> World:
    """What stands in ``database_url``, which is a copy of what was filled once."""
    name = "filled" if backend == "sqlite" else "postgres_filled"
    return cast("World", request.getfixturevalue(name)[1])


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
def world(filled_database: World, database_url: str) -> World:  # noqa: ARG001 - where it is
    """The small world, committed to a database of each kind."""
    # A test may note in it what it adds.
    return deepcopy(filled_database)


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


def filled_sqlite(template: Path, folder: Path, fill: Fill) -> tuple[Path, World]:
    """Copy a SQLite file into a folder and fill the copy; gives it, and what is in it."""
    url = sqlite_copy(template, folder)
    return Path(cast("str", sa.make_url(url).database)), filled_world(url, fill)


def filled_postgres(server: sa.Engine, template: str, fill: Fill) -> Iterator[tuple[str, World]]:
    """The name of a new PostgreSQL database, a copy that was filled, and what is in it."""
    for url in postgres_database(server, template):
        yield cast("str", sa.make_url(url).database), filled_world(url, fill)


def filled_world(url: str, fill: Fill = fill) -> World:
    """Fill a database with a world, by default the small one."""
    engine = make_engine(read_database_url(url))
    with Session(engine) as session:
        world = fill(session, installed_catalog())
    engine.dispose()
    return world


def application(url: str, folder: Path) -> Iterator[Flask]:
    """The application on a database, as long as the test runs."""
    app = create_app(url=read_database_url(url), instance=folder / "instance")
    # However slow the machine is, an evaluation is waited for, so that its result is known.
    app.config["PATIENCE_SECONDS"] = app.config["SAVE_SECONDS"] = 300
    sa.event.listen(db.session, "before_flush", _refuse_late_lock)
    yield app
    sa.event.remove(db.session, "before_flush", _refuse_late_lock)
    app.extensions["background"].close()
    app.extensions["runner"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()


def _refuse_late_lock(session: Session, *_further: object) -> None:
    """Let no request write in a transaction that was begun to read.

    SQLite refuses that when somebody else has written meanwhile, which no test would see.
    """
    changed = any(session.is_modified(each) for each in session.dirty)
    if has_request_context() and (session.new or session.deleted or changed):
        assert is_writing(session), "call `begin_storing` before anything is stored"
