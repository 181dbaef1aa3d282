"""Whether what a session was to store is stored, when the connection broke over it.

Who sends a commit and loses the connection before the answer does not know what became of it. On
PostgreSQL a transaction has a number by which the server can be asked; a SQLite file has no
connection that breaks.
"""

import time
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from tiesan.database import is_writing

_STORED, _UNDER_WAY = "stored", "number of the transaction under way"
# For so long a server is asked that is still at work on a commit.
_TIMES, _PAUSE_SECONDS = 20, 0.1


class Fate(StrEnum):
    """What became of what a session was to store."""

    STORED = "stored"
    NOT_STORED = "not stored"
    UNKNOWN = "unknown"


def note_commits(sessions: scoped_session[Any]) -> None:
    """Have sessions note which of their transactions are stored."""
    if not event.contains(sessions, "before_commit", _note_begun):
        event.listen(sessions, "before_commit", _note_begun)
        event.listen(sessions, "after_commit", _note_done)


def fate_of(session: Session) -> Fate:
    """Return what became of what a session has changed; STORED where any of it was committed."""
    number: int | None = session.info.get(_UNDER_WAY)
    if session.info.get(_STORED):
        return Fate.STORED
    return _asked(session.get_bind().engine, number) if number else Fate.NOT_STORED


def _note_begun(session: Session) -> None:
    if not session.in_nested_transaction():
        # What is still to be sent belongs to it, and gives it its number.
        session.flush()
        session.info[_UNDER_WAY] = _number(session)


def _note_done(session: Session) -> None:
    if session.info.pop(_UNDER_WAY, None) is not None:
        session.info[_STORED] = True


def _number(session: Session) -> int | None:
    """The number of a transaction that has changed something, 0 where there are no numbers."""
    if session.get_bind().dialect.name == "sqlite":
        return 0 if is_writing(session) else None
    return session.scalar(select(func.txid_current_if_assigned()))


def _asked(engine: Engine, number: int) -> Fate:
    """What the server says on a new connection, once it has ended the transaction."""
    asking = select(func.txid_status(number))
    try:
        for _time in range(_TIMES):
            with engine.connect() as connection:
                status = connection.scalar(asking)
            if status != "in progress":
                return Fate.STORED if status == "committed" else Fate.NOT_STORED
            time.sleep(_PAUSE_SECONDS)
    except DBAPIError:
        return Fate.UNKNOWN
    return Fate.UNKNOWN
