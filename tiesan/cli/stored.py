"""What several commands stand on: a session on an up-to-date database, an end in order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

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


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Treat SIGTERM as the interrupt of a keyboard: what runs until then is ended in order."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
