"""`tiesan rules check`: every problem of rule files, and what the database has for no rule."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from tiesan.cli.rules.clauses import clause_problems
from tiesan.cli.rules.loading import FILES, PLUGIN, catalog_with, load
from tiesan.cli.stored import stored_session
from tiesan.errors import UserError
from tiesan.flags.leftovers import leftover_values
from tiesan.i18n import _l, ngettext
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
    if problems := list(clause_problems(shipped_rules)):
        raise RuleFileError(problems)
    for each in loaded:
        number = len(each.rules)
        text = ngettext("%(num)d rule, no problem", "%(num)d rules, no problem", number)
        click.echo(f"{each.name}: {text}")
    checked = {rule.id: rule for each in loaded for rule in each.rules}
    for line in _leftovers({**catalog.rules, **checked}):
        click.echo(line, err=True)


def _is_shipped(file: TestedFile) -> bool:
    return Path(file.name).resolve().parent == shipped("rules").resolve()


def _leftovers(rules: Mapping[str, Rule]) -> Iterable[str]:
    """What the database has for no parameter; nothing where there is no database."""
    try:
        with stored_session() as session:
            return [each.in_words() for each in leftover_values(session, rules)]
    except UserError:
        # Files can be checked anywhere, and a missing database holds nothing.
        return ()
