"""Districts with their people, and an application that serves the installed rules."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.courses.world import World, fill
from tiesan.access.installation import serve_installation
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.flags.catalog import installed_catalog


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The districts, committed, while an application is there that serves the rules."""
    yield from _served(database_url)


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[World]:
    """The same on SQLite, for what is the same on every database."""
    yield from _served(sqlite_url)


def _served(url: str) -> Iterator[World]:
    engine, app = make_engine(read_database_url(url)), Flask("rulebook")
    serve_installation(app, installed_catalog())
    with app.app_context(), Session(engine) as session:
        yield fill(session)
    engine.dispose()
