"""Statements compiled once for all databases of one kind that tests use.

Each test has an engine of its own, and with it everything that SQLAlchemy would have to compile
anew: a fifth of the time of the tests of pages. What a statement compiles to depends on the dialect
only, so that one dialect of each kind, and what it compiled, serves all of them.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

_MOST = 5_000
_Compiled = LRUCache[Any, Any]
# By kind of dialect the first one that connected, and what was compiled for it; until the end.
_shared: dict[type[sa.Dialect], tuple[sa.Dialect, _Compiled]] = {}


def share_compiled() -> None:
    """Let all engines of this process share what they compile."""
    sa.event.listen(sa.Engine, "engine_connect", _share)


def _share(connection: sa.Connection) -> None:
    if getattr(connection.dialect, "_on_connect_isolation_level", None) is not None:
        # It goes back to a level of its own, which is no matter of compiling.
        return
    own = connection.dialect
    dialect, compiled = _shared.setdefault(type(own), (own, LRUCache(_MOST)))
    connection.dialect = dialect
    connection.execution_options(compiled_cache=compiled)
