"""What all tests share: databases of both kinds, the command, a browser, and a list of omissions.

A test that needs what this machine has not (PostgreSQL, Chromium) is left out, and the end of the
run says which ones and why. With TIESAN_REQUIRE_ALL=1 being left out is a failure.
"""

import os
import shutil
import uuid
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.command import Tiesan

REQUIRE_ALL = os.environ.get("TIESAN_REQUIRE_ALL") == "1"
POSTGRES = os.environ.get("TIESAN_TEST_POSTGRES_URL", "")
CHROMIUM = os.environ.get("TIESAN_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
# Without these, Chromium asks for the network, and refuses to run as root.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

settings.register_profile("here", deadline=None)
settings.register_profile("all", deadline=None, derandomize=True)
settings.load_profile("all" if REQUIRE_ALL else "here")

# --- left out ------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose server or browser is not there."""
    if item.get_closest_marker("postgres") and not POSTGRES:
        pytest.skip("PostgreSQL: TIESAN_TEST_POSTGRES_URL names no server")
    if item.get_closest_marker("browser") and not CHROMIUM:
        pytest.skip("Chromium: not on the path, and TIESAN_TEST_CHROMIUM does not name it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn being left out into a failure where nothing may be."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, but TIESAN_REQUIRE_ALL is set: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which tests were left out, by reason."""
    by_reason: dict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        by_reason[reason.removeprefix("Skipped: ")][report.nodeid.partition("[")[0]] += 1
    if by_reason:
        terminalreporter.section("left out")
    for reason, tests in sorted(by_reason.items()):
        terminalreporter.write_line(f"{tests.total()} left out, {reason}")
        for test, times in sorted(tests.items()):
            terminalreporter.write_line(f"    {test}" + (f" ({times} times)" if times > 1 else ""))


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
        yield from _postgres_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database with all tables and no record, dropped after the test."""
    if backend == "sqlite":
        yield _sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        template = request.getfixturevalue("postgres_template")
        yield from _postgres_database(request.getfixturevalue("postgres_server"), template)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database with all tables, for tests that need only one kind."""
    return _sqlite_copy(sqlite_template, tmp_path)


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
    for url in _postgres_database(postgres_server):
        Tiesan(tmp_path_factory.mktemp("template"))("init-db", database=url)
        yield cast("str", sa.make_url(url).database)


def _sqlite_copy(template: Path, folder: Path) -> str:
    file = folder / "tiesan.sqlite3"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def _postgres_database(server: sa.Engine, template: str = "template0") -> Iterator[str]:
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


# --- the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once per run; ask it for a context of your own.

    A test that uses it is marked `browser`.
    """
    # A machine that runs other tests beside it answers late, and is right all the same.
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
