"""A session on the installation's database, for commands that need it to be up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.schema import require_current


@contextmanager
def stored_session() -> Iterator[Session]:
    """Open a session; raises UserError when the database is missing or not migrated.

    What is not committed is rolled back.
    """
    engine = make_engine(database_url())
    try:
        require_current(engine, load_plugins())
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()
