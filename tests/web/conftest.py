"""The application on the small world of ``tiesan.testing``, with flags in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.web.world import fill
from tiesan.testing.fixtures import filled_postgres, filled_sqlite
from tiesan.testing.world import World


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the rows of the tests; it is copied, never used."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("filled"), fill)


@pytest.fixture(scope="session")
def postgres_filled(
    postgres_server: sa.Engine, postgres_template: str
) -> Iterator[tuple[str, World]]:
    """A PostgreSQL database with the rows of the tests; it is copied, never used."""
    yield from filled_postgres(postgres_server, postgres_template, fill)
