"""Worlds that are written once for all tests in a browser, and the application that serves them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.crowd import fill_crowd
from tests.browser.serving import served_copy
from tests.web.world import fill
from tiesan.testing.fixtures import filled_sqlite
from tiesan.testing.world import World


@pytest.fixture(scope="session")
def flagged(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world and flags in it; it is copied, never used."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("flagged"), fill)


@pytest.fixture(scope="session")
def crowd(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the same and many more cadres; it is copied, never used."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("crowd"), fill_crowd)


@pytest.fixture
def site(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of the application on that world, which a test may change."""
    with served_copy(flagged, tmp_path) as (_app, address):
        yield address


@pytest.fixture(scope="session")
def still_site(
    flagged: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an application on that world for all tests that only look."""
    with served_copy(flagged, tmp_path_factory.mktemp("still")) as (_app, address):
        yield address
