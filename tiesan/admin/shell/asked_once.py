"""What several parts of one page ask of the database, asked once.

Only while a page is read: a request that writes may ask before and after.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g, has_request_context, request

P = ParamSpec("P")
T = TypeVar("T")


def asked_once(read: Callable[P, T]) -> Callable[P, T]:
    """Have a function of hashable arguments answer once per request that only reads.

    What it returns is shared by all who ask, who must not change it.
    """

    @wraps(read)
    def answer(*arguments: P.args, **options: P.kwargs) -> T:
        if not has_request_context() or request.method != "GET":
            return read(*arguments, **options)
        known: dict[Hashable, Any] = g.setdefault("asked_once", {})
        asked = answer, arguments, tuple(options.items())
        if asked not in known:
            known[asked] = read(*arguments, **options)
        found: T = known[asked]
        return found

    return answer
