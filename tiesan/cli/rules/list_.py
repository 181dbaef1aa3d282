"""`tiesan rules list`: the installed rules, and which of them are switched off."""

import click

from tiesan.cli.output import as_json, table
from tiesan.cli.stored import stored_session
from tiesan.clock import today
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, installed_catalog, read_catalog
from tiesan.flags.installed import plugins_off
from tiesan.i18n import _, _l, current_language
from tiesan.rules import LIST, SEVERITY_LABELS, Parameter, Rule


@click.command(help=_l("List the installed rules."))
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table")
def command(shape: str) -> None:
    """Print every installed rule, and whether it is switched off."""
    catalog, off = _stored()
    rules = sorted(catalog.rules.values(), key=lambda rule: rule.id)
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


def _stored() -> tuple[Catalog, frozenset[str]]:
    """The rules as they are published, and the plugins that are switched off.

    Where no database says so, those of the files and none, with a word of it.
    """
    shipped = installed_catalog()
    try:
        with stored_session() as session:
            return read_catalog(session, today()), plugins_off(session)
    except UserError as error:
        text = _("Which plugins are switched off is not known. %s")
        click.echo(text % error, err=True)
        return shipped, frozenset()


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
                **_type(parameter),
                "label": parameter.label.in_language(language),
                "value": _value(parameter),
            }
            for name, parameter in rule.parameters.items()
        },
    }


def _type(parameter: Parameter) -> dict[str, str]:
    """The type as a rule declares it: of a list also what it is of."""
    if parameter.is_list:
        return {"type": LIST, "of": str(parameter.type)}
    return {"type": str(parameter.type)}


def _value(parameter: Parameter) -> str | list[str]:
    items = parameter.items(parameter.values[-1][1])
    return items if parameter.is_list else items[0]
