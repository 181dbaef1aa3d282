"""`tiesan rules explain`: rules in plain words, each with its clause."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from tiesan.cli.rules.loading import PLUGIN, SUFFIXES, catalog_with, load, published
from tiesan.errors import UserError
from tiesan.facts.kinds import FactKinds
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _, _l, current_language
from tiesan.rules import SEVERITY_LABELS, Parameter, Rule, explain


@click.command(
    help=_l("State a rule, or all rules of a file, in plain words, with the clause."),
    short_help=_l("State rules in plain words."),
)
@click.argument("rule", metavar="RULE|FILE")
@PLUGIN
def command(rule: str, plugin: str | None) -> None:
    """Print what a rule looks at and when it flags."""
    catalog = published(catalog_with(plugin))
    for number, each in enumerate(rules := _rules(rule, catalog)):
        if number:
            click.echo()
        known = {**catalog.rules, **{one.id: one for one in rules}}
        for line in _lines(each, catalog.kinds, known):
            click.echo(line)


def _rules(name: str, catalog: Catalog) -> list[Rule]:
    """The installed rule of that id, else the rules of the file of that name."""
    if name in catalog.rules:
        return [catalog.rules[name]]
    if Path(name).suffix in SUFFIXES or Path(name).exists():
        return [rule for file in load(catalog, [Path(name)]) for rule in file.rules]
    raise UserError(_("unknown rule '%s'") % name)


def _lines(rule: Rule, kinds: FactKinds, rules: Mapping[str, Rule]) -> Iterable[str]:
    language = current_language()
    yield f"{rule.id} · {rule.title.in_language(language)}"
    yield _("Clause: %s") % rule.clause.in_language(language)
    yield _("Severity: %s") % SEVERITY_LABELS[rule.severity]
    for line in explain(rule, kinds, rules=rules):
        yield "  " * line.depth + ("- " if line.depth else "") + line.text
    yield from _parameter_lines(rule.parameters, language)


def _parameter_lines(parameters: Mapping[str, Parameter], language: str) -> Iterable[str]:
    for name, parameter in parameters.items():
        latest = parameter.values[-1][1]
        value = parameter.written(latest)
        if parameter.choices:
            # As it is set on the command line, and as people call it.
            value += _(" (%s)") % _(", ").join(parameter.in_words(latest, language))
        label = parameter.label.in_language(language)
        yield _("Parameter %(name)s: %(label)s = %(value)s") % {
            "name": name,
            "label": label,
            "value": value,
        }
