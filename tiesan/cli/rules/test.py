"""`tiesan rules test`: the scenario tests of rule files."""

from contextlib import closing
from pathlib import Path

import click

from tiesan.cli.rules.loading import FILES, PLUGIN, catalog_with, load
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.i18n import _l, ngettext
from tiesan.rules.scenarios import run_scenarios


@click.command(help=_l("Run the scenario tests of rule files (default: those installed)."))
@FILES
@PLUGIN
def command(files: tuple[Path, ...], plugin: str | None) -> None:
    """Run scenario tests; exit status 1 when one fails."""
    catalog = catalog_with(plugin)
    loaded = load(catalog, files)
    levels = {rule.id: rule.level for rule in catalog.rules.values()}
    levels |= {rule.id: rule.level for each in loaded for rule in each.rules}
    failed: list[str] = []
    with closing(Engine()) as engine:
        for each in loaded:
            number, failures = run_scenarios(each.scenarios, catalog.sources, engine.decide, levels)
            text = ngettext(
                "%(num)d test, %(failed)d failed",
                "%(num)d tests, %(failed)d failed",
                number,
                failed=len(failures),
            )
            click.echo(f"{each.name}: {text}")
            for failure in failures:
                at, name = failure.scenario.position, failure.scenario.name
                rule = failure.scenario.rule.id
                failed.extend(f"{at}: {rule}: {name}: {line}" for line in failure.differences)
    if failed:
        raise UserError(failed)
