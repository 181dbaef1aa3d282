"""Rule files as the commands are given them: read, and held against what is installed."""

import os
import sys
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from pathlib import Path

import click

from tiesan.cli.stored import stored_session
from tiesan.clock import today
from tiesan.discovery import Plugins, load_draft, load_plugins
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, build_catalog, installed_catalog, read_catalog
from tiesan.i18n import _, _l
from tiesan.paths import shipped
from tiesan.rules import RuleFileError, RuleSet
from tiesan.rules.scenarios import TestedFile, check_given_flags, load_tested_file

FILES = click.argument("files", nargs=-1, type=click.Path(path_type=Path))
PLUGIN = click.option(
    "--plugin",
    metavar="MODULE:NAME",
    help=_l("The files belong to this plugin, which is not installed yet."),
)
SUFFIXES = (".yaml", ".yml", ".json")


def catalog_with(plugin: str | None) -> Catalog:
    """The installed catalogue, with the facts of a plugin that is not installed yet.

    It is found in the current folder or on the path of Python. Raises UserError when it cannot be
    loaded or breaks the contract.
    """
    if plugin is None:
        return installed_catalog()
    # A command does not look there by itself, and what is being written is not installed.
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a path of Python is a text.
    draft, installed = load_draft(plugin), load_plugins()
    if draft.plugin.name in installed.by_name:
        return installed_catalog()
    # Its own rules are what is being looked at.
    without_rules = replace(draft, plugin=replace(draft.plugin, rules=None))
    return build_catalog(Plugins([*installed.found, without_rules]))


def published(catalog: Catalog) -> Catalog:
    """The rules as they are published; those of the files where there is no database."""
    try:
        with stored_session() as session:
            return read_catalog(session, today(), catalog)
    except UserError:
        return catalog


def load(catalog: Catalog, paths: Iterable[Path]) -> list[TestedFile]:
    """Load files that may name the installed rules; none: the installed files themselves.

    Raises RuleFileError with all problems. A file of a plugin that does not exist is one, and so is
    one in the folder of the shipped rules that no plugin reads.
    """
    lines: list[str] = []
    files: list[TestedFile] = []
    given = list(paths)
    own = [each.rules for each in catalog.plugins if each.rules is not None]
    lines.extend(_unread(given or _shipped_files(), own))
    for path in given or own:
        try:
            file = load_tested_file(path, catalog.kinds)
            _check_plugin(file, catalog.plugins.by_name)
            files.append(file)
        except RuleFileError as error:
            lines.extend(error.lines)
    lines.extend(_problems_together(catalog, files if given else [], files))
    if lines:
        raise RuleFileError(lines)
    return files


def _problems_together(
    catalog: Catalog, tried: Iterable[TestedFile], files: Iterable[TestedFile]
) -> Iterable[str]:
    """What is wrong with files beside the rules that are installed."""
    rules = [rule for each in tried for rule in each.rules]
    known = {*catalog.rules, *(rule.id for rule in rules)}
    checks: tuple[Callable[[], object], ...] = (
        lambda: RuleSet(rules, outside=catalog.rules.values()),
        lambda: check_given_flags(files, known),
    )
    for each_check in checks:
        try:
            each_check()
        except RuleFileError as error:
            yield from error.lines


def _check_plugin(file: TestedFile, known: Container[str]) -> None:
    if file.plugin not in known:
        text = _(
            "there is no plugin '%s'; of one that is not installed yet say --plugin MODULE:NAME"
        )
        raise RuleFileError([f"{file.place}: {text % file.plugin}"])


def _shipped_files() -> list[Path]:
    return sorted(path for path in shipped("rules").iterdir() if path.suffix in SUFFIXES)


def _unread(paths: Iterable[Path], own: Iterable[Path]) -> Iterable[str]:
    """The files in the folder of the shipped rules that no plugin names."""
    read, folder = {path.resolve() for path in own}, shipped("rules").resolve()
    for path in paths:
        if path.resolve().parent == folder and path.is_file() and path.resolve() not in read:
            text = _(
                "%s: no plugin reads this file; rules of one's own belong into the file of their"
                " institution, or into a plugin package of one's own"
            )
            yield text % path
