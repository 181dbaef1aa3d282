"""The installation that serves this request, with the rules as they stand in their files.

Commands read the rules when they start; a server that kept older ones would undo what they find,
and they what it finds. So each request looks whether a file has changed, and whether something was
published in the database.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from flask import Flask, current_app, g, has_request_context
from sqlalchemy import Connection

from tiesan.flags.catalog import Catalog, build_catalog, read_catalog
from tiesan.rules import RuleFileError

_SERVED = "served installation"
# Of each rule file: when it was changed, and its size; None where it is not there.
_Seen: TypeAlias = dict[Path, tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class _Served:
    """A catalogue, the files as they were when it was read, and what is wrong with newer ones."""

    catalog: Catalog
    seen: _Seen
    problems: tuple[str, ...] = ()


def serve_installation(app: Flask, catalog: Catalog) -> None:
    """Let an application serve an installation."""
    app.extensions["catalog"] = catalog
    app.extensions[_SERVED] = _Served(catalog, _look(catalog))


def installed() -> Catalog:
    """Return the catalogue of the running application, the same throughout a request."""
    catalog: Catalog = g.catalog if "catalog" in g else current_app.extensions["catalog"]
    if has_request_context():
        g.catalog = catalog
    return catalog


def take_published(connection: Connection, day: date) -> None:
    """Take what was published in the database since, on top of the rule files."""
    catalog = read_catalog(connection, day, current_app.extensions["catalog"])
    current_app.extensions["catalog"] = catalog


def rule_problems() -> tuple[str, ...]:
    """Return what is wrong with the rule files as they stand; then nothing is to be evaluated."""
    served: _Served = current_app.extensions[_SERVED]
    return served.problems


def take_new_rules() -> None:
    """Read the rule files anew if one has changed; all of them, or none where one is wrong."""
    served: _Served = current_app.extensions[_SERVED]
    seen = _look(served.catalog)
    if seen == served.seen:
        return
    try:
        catalog = build_catalog(served.catalog.plugins)
    except (RuleFileError, OSError) as error:
        lines = tuple(error.lines) if isinstance(error, RuleFileError) else (str(error),)
        current_app.logger.error("the rule files cannot be read: %s", " ".join(lines))  # noqa: TRY400
        current_app.extensions[_SERVED] = _Served(served.catalog, seen, lines)
        return
    current_app.extensions[_SERVED] = _Served(catalog, seen)
    current_app.extensions["catalog"] = catalog


def _look(catalog: Catalog) -> _Seen:
    paths = (plugin.rules for plugin in catalog.plugins if plugin.rules is not None)
    return {path: _state(path) for path in paths}


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
