"""A small district that is backed up, and an empty place beside it for what is restored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CADRES, EXPENSES, ORGANIZATIONS
from tests.operating.places import Place
from tiesan.records.attachments.store import FileStore
from tiesan.testing.fixtures import postgres_database


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    """An installation with a small district, its flags, and a file that somebody sent."""
    return _filled(database_url, tmp_path)


@pytest.fixture
def lite(sqlite_url: str, tmp_path: Path) -> Place:
    """One in SQLite without any record, for what is the same on every database."""
    place = Place(sqlite_url, tmp_path)
    FileStore(place.folder).keep(b"what somebody sent")
    return place


def _filled(url: str, root: Path) -> Place:
    place = Place(url, root)
    records = root / "records"
    records.mkdir()
    for name, content in (
        ("organizations", ORGANIZATIONS),
        ("cadres", CADRES),
        ("expenses", EXPENSES),
    ):
        (records / f"{name}.csv").write_text(content, encoding="utf-8")
    place.run("import", records)
    place.run("evaluate", "--as-of", "2026-07-31", "--quiet")
    FileStore(place.folder).keep(b"what somebody sent")
    return place


@pytest.fixture
def other(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """An empty place of the same kind of database."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    if backend == "sqlite":
        yield Place(f"sqlite:///{root}/restored.sqlite", root)
    else:
        for url in postgres_database(request.getfixturevalue("postgres_server")):
            yield Place(url, root)


@pytest.fixture
def lite_other(tmp_path: Path) -> Place:
    """An empty place in SQLite, whose database lies in its instance folder."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    return Place(f"sqlite:///{root}/instance/tiesan.sqlite", root)
