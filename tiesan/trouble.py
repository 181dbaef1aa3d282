"""What ails a database that does not do what is asked of it, in one word."""

import sqlite3
from collections.abc import Iterator, Mapping
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Trouble(StrEnum):
    """Why a database cannot be used, none of which is a mistake of the program.

    ``lost`` is a connection that broke, or a server that does not answer; ``unusable`` a file or a
    disk that fails.
    """

    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read only"
    LOST = "lost"
    UNUSABLE = "unusable"


# By SQLite's primary result codes: https://www.sqlite.org/rescode.html
_SQLITE: Mapping[int, Trouble] = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.UNUSABLE,
    sqlite3.SQLITE_IOERR: Trouble.UNUSABLE,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNUSABLE,
    sqlite3.SQLITE_CORRUPT: Trouble.UNUSABLE,
    sqlite3.SQLITE_NOTADB: Trouble.UNUSABLE,
}
_PRIMARY = 0xFF

# By the beginnings of PostgreSQL's SQLSTATEs, the longest first (its manual, appendix A).
_POSTGRESQL: Mapping[str, Trouble] = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "25P03": Trouble.LOST,
    "40001": Trouble.BUSY,
    "40P01": Trouble.BUSY,
    "55P03": Trouble.BUSY,
    "57014": Trouble.BUSY,
    "57P": Trouble.LOST,
    "08": Trouble.LOST,
    "53": Trouble.BUSY,
    "58": Trouble.UNUSABLE,
    "XX": Trouble.UNUSABLE,
}


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what ails the database behind an error, or behind what led to it; None for nothing."""
    found = (_named(each) for each in _chain(error))
    return next((trouble for trouble in found if trouble is not None), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    seen: set[int] = set()
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _named(error: BaseException) -> Trouble | None:
    if isinstance(error, PoolTimeoutError):
        return Trouble.BUSY
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        # A statement that is wrong has a code as well, which is none of these.
        return _SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    named = (trouble for begin, trouble in _POSTGRESQL.items() if state.startswith(begin))
    found = next(named, None)
    silent = not state and isinstance(error, OperationalError)
    return Trouble.LOST if found is None and (error.connection_invalidated or silent) else found
