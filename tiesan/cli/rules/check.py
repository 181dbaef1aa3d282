"""`tiesan rules check`: every problem of rule files, and what the database has for no rule."""

from collections.abc import Mapping
from pathlib import Path

import click

from tiesan.cli.rules.clauses import clause_problems
from tiesan.cli.rules.loading import FILES, PLUGIN, catalog_with, load
from tiesan.cli.stored import stored_session
from tiesan.clock import today
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, local_problems, read_catalog
from tiesan.flags.leftovers import leftover_values
from tiesan.i18n import _, _l, ngettext
from tiesan.paths import shipped
from tiesan.rules import Rule, RuleFileError
from tiesan.rules.scenarios import TestedFile


@click.command(help=_l("Check rule files (default: those installed)."))
@FILES
@PLUGIN
def command(files: tuple[Path, ...], plugin: str | None) -> None:
    """Check files; every problem is listed as file:line:column."""
    catalog = catalog_with(plugin)
    loaded = load(catalog, files)
    shipped_rules = [rule for each in loaded if _is_shipped(each) for rule in each.rules]
    of_packages = [] if plugin is None else loaded
    local = [line for each in of_packages for line in local_problems(each)]
    if problems := [*clause_problems(shipped_rules), *local]:
        raise RuleFileError(problems)
    for each in loaded:
        number = len(each.rules)
        text = ngettext("%(num)d rule, no problem", "%(num)d rules, no problem", number)
        click.echo(f"{each.name}: {text}")
    checked = {rule.id: rule for each in loaded for rule in each.rules}
    _check_stored(catalog, checked, alone=bool(files))


def _is_shipped(file: TestedFile) -> bool:
    return Path(file.name).resolve().parent == shipped("rules").resolve()


def _check_stored(catalog: Catalog, checked: Mapping[str, Rule], *, alone: bool) -> None:
    """Say what the database has for no parameter, and how its versions stand on the files.

    Nothing is said where there is no database. Raises RuleFileError for versions that cannot be
    read any more, unless some files are looked at ``alone``.
    """
    try:
        with stored_session() as session:
            stored = read_catalog(session, today(), catalog)
            lines = [*leftover_values(session, {**stored.rules, **checked})]
    except UserError:
        # Files can be checked anywhere, and a missing database holds nothing.
        return
    for each in lines:
        click.echo(each.in_words(), err=True)
    for rule in () if alone else stored.changed_beneath:
        text = _(
            "%(rule)s: what is shipped has changed since version %(number)d was written;"
            " compare the two on the rule's page and keep one"
        )
        click.echo(text % {"rule": rule.id, "number": rule.number}, err=True)
    if stored.unread and not alone:
        raise RuleFileError([each.error for each in stored.unread])
