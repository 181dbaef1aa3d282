"""The application on the two districts, in a database of each kind, and a clock that can be set."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import tiesan.clock
from tests.reviews.world import DAY_0, World, at, fill
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.testing.fixtures import application, postgres_database, sqlite_copy


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The districts with their people; what one test does the others do not look at."""
    folder = tmp_path_factory.mktemp("reviews")
    if request.param == "sqlite":
        url = sqlite_copy(request.getfixturevalue("sqlite_template"), folder)
        yield from _world(url, folder)
        return
    server = request.getfixturevalue("postgres_server")
    for url in postgres_database(server, request.getfixturevalue("postgres_template")):
        yield from _world(url, folder)


def _world(url: str, folder: Path) -> Iterator[World]:
    engine = make_engine(read_database_url(url))
    for app in application(url, folder):
        with Session(engine) as session:
            yield fill(app, session)
    engine.dispose()


class Clock:
    """Stands at noon of a day until it is set."""

    def __init__(self) -> None:
        self.moment = at(DAY_0)

    def now(self, zone: tzinfo | None = None) -> datetime:
        """As `datetime.now` is asked."""
        return self.moment.astimezone(zone)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the edge, standing on day 0."""
    found = Clock()
    monkeypatch.setattr(tiesan.clock, "datetime", found)
    return found
