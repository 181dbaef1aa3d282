"""`tiesan rules backtest`: what rules would have flagged beside what the installed ones flag."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.evaluate import DATE, NOT_EVALUATED, judged_day
from tiesan.cli.output import (
    as_json,
    check_output,
    flag_entry,
    flags_as_table,
    not_evaluated_entry,
    warn_not_evaluated,
    with_not_evaluated,
    write,
)
from tiesan.cli.rules.loading import load, published
from tiesan.cli.stored import stored_session
from tiesan.clock import now
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Backtest, Task, backtest
from tiesan.i18n import _, _l
from tiesan.rules import Rule


@click.command(help=_l("Compare what the rules in a file would have flagged."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", type=DATE, required=True, help=_l("First day of flags (YYYY-MM-DD)."))
@click.option("--as-of", type=DATE, required=True, help=_l("Last day of flags (YYYY-MM-DD)."))
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table")
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help=_l("Write here."))
def command(file: Path, since: datetime, as_of: datetime, shape: str, output: str | None) -> None:
    """Print the flags added, gone and the same; nothing is stored."""
    day = judged_day(as_of)
    if since > as_of:
        # Nothing could be found, which would look like a rule that changes nothing.
        named = {"since": since.date().isoformat(), "as_of": day.isoformat()}
        raise UserError(_("--since %(since)s lies after --as-of %(as_of)s") % named)
    catalog = published(installed_catalog())
    rules = [rule for each in load(catalog, [file]) for rule in each.rules]
    check_output(output)
    with stored_session() as session, closing(Engine()) as engine:
        task = Task(COMMAND_LINE, catalog, engine.decide, day, day, now())
        result = backtest(session, task, rules, since.date())
    silent = _without_hits(result, rules)
    text = _text(result, silent, shape, since, as_of)
    if shape == "table" and output is not None:
        text = with_not_evaluated(text, result.not_evaluated)
    write(text, output)
    warn_not_evaluated(result.not_evaluated)
    if result.not_evaluated:
        raise click.exceptions.Exit(NOT_EVALUATED)


def _without_hits(result: Backtest, rules: Iterable[Rule]) -> list[str]:
    """The rules that flag nothing, neither as tried nor as installed; not so those not evaluated.

    A rule with a slip in its conditions looks like one that everybody keeps.
    """
    found = {hit.rule for hits in (result.added, result.gone, result.same) for hit in hits}
    unknown = {each.rule for each in result.not_evaluated}
    return sorted({rule.id for rule in rules} - found - unknown)


def _text(
    result: Backtest, silent: Sequence[str], shape: str, since: datetime, as_of: datetime
) -> str:
    groups = {"added": result.added, "gone": result.gone, "same": result.same}
    if shape == "json":
        days = {"since": since.date().isoformat(), "as_of": as_of.date().isoformat()}
        flags = {name: [flag_entry(hit) for hit in hits] for name, hits in groups.items()}
        unknown = [not_evaluated_entry(entry) for entry in result.not_evaluated]
        return as_json({**days, **flags, "without_flags": silent, "not_evaluated": unknown})
    titles: Sequence[str] = (_("Added"), _("Gone"), _("Same"))
    parts = []
    for title, hits in zip(titles, groups.values(), strict=True):
        parts.append(f"{title}: {len(hits)}")
        if hits and hits is not result.same:
            parts.append(flags_as_table(hits))
    parts.extend(
        _("%s: no flag in this time, neither as tried nor as installed") % rule for rule in silent
    )
    return "\n".join(parts)
