"""`tiesan rules`: list, check, test, explain and backtest rules; list the facts they may read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    table,
    warn_not_evaluated,
    with_not_evaluated,
    write,
)
from tiesan.cli.stored import stored_session
from tiesan.clock import now
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.facts.kinds import Field
from tiesan.flags.catalog import Catalog, installed_catalog
from tiesan.flags.evaluation import Backtest, Task, backtest
from tiesan.flags.installed import plugins_off
from tiesan.i18n import _, _l, current_language, ngettext
from tiesan.rules import (
    SEVERITY_LABELS,
    Parameter,
    Rule,
    RuleFile,
    RuleFileError,
    RuleSet,
    explain,
    load_rule_file,
    raw_text,
)
from tiesan.rules.scenarios import check_given_flags, run_scenarios

FILES = click.argument("files", nargs=-1, type=click.Path(path_type=Path))


@click.group(help=_l("List, check, test, explain and backtest rules."))
def command() -> None:
    """Group the commands on rules."""


@command.command("list", help=_l("List the installed rules."))
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table")
def list_rules(shape: str) -> None:
    """Print every installed rule, and whether it is switched off."""
    rules = sorted(installed_catalog().rules.values(), key=lambda rule: rule.id)
    off = _plugins_off()
    if shape == "json":
        click.echo(as_json([_entry(rule, off) for rule in rules]))
        return
    header = [_("Rule"), _("Severity"), _("State"), _("Title")]
    language = current_language()
    rows = [
        [
            rule.id,
            str(SEVERITY_LABELS[rule.severity]),
            _state(rule, off),
            rule.title.in_language(language),
        ]
        for rule in rules
    ]
    click.echo(table([header, *rows]))


def _plugins_off() -> frozenset[str]:
    """The plugins that are switched off; none, with a word of it, where no database says so."""
    try:
        with stored_session() as session:
            return plugins_off(session)
    except UserError as error:
        text = _("Which plugins are switched off is not known. %s")
        click.echo(text % error, err=True)
        return frozenset()


def _state(rule: Rule, off: frozenset[str]) -> str:
    if rule.plugin in off:
        return _("plugin disabled")
    return _("enabled") if rule.enabled else _("disabled")


def _entry(rule: Rule, off: frozenset[str]) -> dict[str, object]:
    language = current_language()
    return {
        "id": rule.id,
        "plugin": rule.plugin,
        "title": rule.title.in_language(language),
        "clause": rule.clause.in_language(language),
        "severity": str(rule.severity),
        "enabled": rule.enabled,
        "plugin_enabled": rule.plugin not in off,
        "subject_kind": rule.subject_kind,
        "parameters": {
            name: {
                "type": str(parameter.type),
                "label": parameter.label.in_language(language),
                "value": raw_text(parameter.values[-1][1], parameter.type),
            }
            for name, parameter in rule.parameters.items()
        },
    }


@command.command(help=_l("Check rule files (default: those installed)."))
@FILES
def check(files: tuple[Path, ...]) -> None:
    """Check files; every problem is listed as file:line:column."""
    loaded = load(installed_catalog(), files)
    for each in loaded:
        number = len(each.rules)
        text = ngettext("%(num)d rule, no problem", "%(num)d rules, no problem", number)
        click.echo(f"{each.name}: {text}")


def load(catalog: Catalog, paths: Iterable[Path]) -> list[RuleFile]:
    """Load files that may name the installed rules; none: the installed files themselves.

    Raises RuleFileError with all problems.
    """
    lines: list[str] = []
    files: list[RuleFile] = []
    for path in paths:
        try:
            files.append(load_rule_file(path, catalog.kinds))
        except RuleFileError as error:
            lines.extend(error.lines)
    rules = [rule for each in files for rule in each.rules]
    if not files and not lines:
        files = list(catalog.files)
    known = {*catalog.rules, *(rule.id for rule in rules)}
    checks: tuple[Callable[[], object], ...] = (
        lambda: RuleSet(rules, outside=catalog.rules.values()),
        lambda: check_given_flags(files, known),
    )
    for each_check in checks:
        try:
            each_check()
        except RuleFileError as error:
            lines.extend(error.lines)
    if lines:
        raise RuleFileError(lines)
    return files


@command.command(help=_l("Run the scenario tests of rule files (default: those installed)."))
@FILES
def test(files: tuple[Path, ...]) -> None:
    """Run scenario tests; exit status 1 when one fails."""
    catalog = installed_catalog()
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


@command.command("explain", help=_l("State a rule in plain words, with its clause."))
@click.argument("rule_id", metavar="RULE")
def explain_rule(rule_id: str) -> None:
    """Print what a rule looks at and when it flags."""
    catalog, language = installed_catalog(), current_language()
    rule = catalog.rules.get(rule_id)
    if rule is None:
        raise UserError(_("unknown rule '%s'") % rule_id)
    click.echo(f"{rule.id} · {rule.title.in_language(language)}")
    click.echo(_("Clause: %s") % rule.clause.in_language(language))
    click.echo(_("Severity: %s") % SEVERITY_LABELS[rule.severity])
    for line in explain(rule, catalog.kinds, rules=catalog.rules):
        click.echo("  " * line.depth + ("- " if line.depth else "") + line.text)
    for parameter in _parameter_lines(rule.parameters, language):
        click.echo(parameter)


def _parameter_lines(parameters: Mapping[str, Parameter], language: str) -> Iterable[str]:
    for name, parameter in parameters.items():
        latest = parameter.values[-1][1]
        value = raw_text(latest, parameter.type)
        if isinstance(latest, str) and latest in parameter.choices:
            # As it is set on the command line, and as people call it.
            value += _(" (%s)") % parameter.choices[latest].in_language(language)
        label = parameter.label.in_language(language)
        yield _("Parameter %(name)s: %(label)s = %(value)s") % {
            "name": name,
            "label": label,
            "value": value,
        }


@command.command(help=_l("List the facts and fields that rules may read."))
def facts() -> None:
    """Print every fact kind with its fields."""
    for kind in installed_catalog().kinds.values():
        click.echo(f"{kind.name} · {kind.title}")
        for field in kind.fields:
            click.echo(f"  {field.name}: {_described(field)} · {field.label}")


def _described(field: Field) -> str:
    described = str(field.type)
    if field.to is not None:
        described += f" {field.to}"
    if field.choices:
        described += f" ({', '.join(field.choices)})"
    return described + (f" [{_('derived')}]" if field.derived else "")


@command.command("backtest", help=_l("Compare what the rules in a file would have flagged."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", type=DATE, required=True, help=_l("First day of flags (YYYY-MM-DD)."))
@click.option("--as-of", type=DATE, required=True, help=_l("Last day of flags (YYYY-MM-DD)."))
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table")
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help=_l("Write here."))
def run_backtest(
    file: Path, since: datetime, as_of: datetime, shape: str, output: str | None
) -> None:
    """Print the flags added, gone and the same; nothing is stored."""
    catalog, day = installed_catalog(), judged_day(as_of)
    if since > as_of:
        # Nothing could be found, which would look like a rule that changes nothing.
        named = {"since": since.date().isoformat(), "as_of": day.isoformat()}
        raise UserError(_("--since %(since)s lies after --as-of %(as_of)s") % named)
    rules = [rule for each in load(catalog, [file]) for rule in each.rules]
    check_output(output)
    with stored_session() as session, closing(Engine()) as engine:
        task = Task(COMMAND_LINE, catalog, engine.decide, day, day, now())
        result = backtest(session, task, rules, since.date())
    text = _backtest_text(result, shape, since, as_of)
    if shape == "table" and output is not None:
        text = with_not_evaluated(text, result.not_evaluated)
    write(text, output)
    warn_not_evaluated(result.not_evaluated)
    if result.not_evaluated:
        raise click.exceptions.Exit(NOT_EVALUATED)


def _backtest_text(result: Backtest, shape: str, since: datetime, as_of: datetime) -> str:
    groups = {"added": result.added, "gone": result.gone, "same": result.same}
    if shape == "json":
        days = {"since": since.date().isoformat(), "as_of": as_of.date().isoformat()}
        flags = {name: [flag_entry(hit) for hit in hits] for name, hits in groups.items()}
        unknown = [not_evaluated_entry(entry) for entry in result.not_evaluated]
        return as_json({**days, **flags, "not_evaluated": unknown})
    titles: Sequence[str] = (_("Added"), _("Gone"), _("Same"))
    parts = []
    for title, hits in zip(titles, groups.values(), strict=True):
        parts.append(f"{title}: {len(hits)}")
        if hits and hits is not result.same:
            parts.append(flags_as_table(hits))
    return "\n".join(parts)
