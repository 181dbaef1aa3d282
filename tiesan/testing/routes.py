"""Routes compiled once for all applications that tests make.

For each of its three hundred routes an application has two functions written, compiled and carried
out that build addresses of it: more than half of the time that making an application takes. They
are made of what the route says alone, so that those of the first application serve all of them.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from werkzeug.routing import Rule

_Build: TypeAlias = Callable[..., tuple[str, str]]


def share_routes() -> None:
    """Let all applications of this process share what builds their addresses."""
    made: dict[tuple[Any, ...], _Build] = {}
    make = Rule._compile_builder  # noqa: SLF001 - there is no other way in

    def share(rule: Rule, append_unknown: bool = True) -> _Build:  # noqa: FBT001, FBT002 - as it is
        if rule.defaults:
            # What is given by default is written into the function by the route's own converter.
            return make(rule, append_unknown)
        said = (rule.rule, tuple(rule._trace), append_unknown)  # noqa: SLF001 - as above
        if said not in made:
            made[said] = make(rule, append_unknown)
        return made[said]

    # mypy: what takes the place of a method names its first argument otherwise.
    Rule._compile_builder = share  # type: ignore[assignment, method-assign] # noqa: SLF001 - as above
