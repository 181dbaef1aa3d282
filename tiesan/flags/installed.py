"""The rules as an administrator set them: plugins switched off, parameters with their history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.flags.stored import StoredFlag
from tiesan.i18n import _
from tiesan.records.kinds import table_of
from tiesan.records.settings import PluginState, RuleParameterValue
from tiesan.rules import (
    NotEvaluated,
    Parameter,
    ParameterValue,
    Rule,
    RuleSet,
    parse_value,
    refuse_share,
)

# Dated values as text, by rule and parameter.
DatedValues: TypeAlias = Mapping[str, Mapping[str, Mapping[date, str]]]

_STATE = table_of(PluginState)
# Over the plain table: whoever asks nothing else need not wait for all classes to be mapped.
_OFF = select(_STATE.c.name).where(_STATE.c.enabled.is_(False))
_NOTHING: DatedValues = MappingProxyType({})


@dataclass(frozen=True)
class InstalledRules:
    """The rules to evaluate, their final parameters, and those that cannot be evaluated.

    ``parameters`` are by the names of the rules and their own.
    """

    rules: RuleSet
    parameters: Mapping[str, Mapping[str, Parameter]]
    refused: tuple[NotEvaluated, ...] = field(default=())


def plugins_off(session: Session | Connection) -> frozenset[str]:
    """The names of the plugins that an administrator switched off."""
    return frozenset(session.scalars(_OFF))


def without_plugin(catalog: Catalog, flags: Iterable[StoredFlag]) -> list[NotEvaluated]:
    """The rules of active flags whose plugin is not installed: nothing can be said of them.

    A plugin that was removed with its data has none (`tiesan plugins remove`).
    """
    rules = sorted({flag.rule for flag in flags if flag.active} - catalog.rules.keys())
    names = ((rule, rule.partition(".")[0]) for rule in rules)
    text = _(
        "its plugin %(name)s is not installed, but its data is there;"
        " install it, or run `tiesan plugins remove %(name)s`"
    )
    return [
        NotEvaluated(rule, _("all facts"), text % {"name": name})
        for rule, name in names
        if name not in catalog.plugins.by_name
    ]


def with_parameters(
    session: Session,
    rules: RuleSet,
    missing: Sequence[NotEvaluated] = (),
    tried: DatedValues = _NOTHING,
) -> InstalledRules:
    """These rules with the parameter values in the database, and those that are ``tried`` on top.

    A stored value that its rule does not accept any more, in one of its versions, makes that rule
    *not evaluated*, as those are that are ``missing``.
    """
    changes = _changes(session, tried)
    parameters: dict[str, Mapping[str, Parameter]] = {}
    refused = list(missing)
    unsound: set[str] = set()
    for rule in rules:
        try:
            parameters[rule.name] = changed_parameters(rule, changes.get(rule.id, {}))
        except ValueError as error:
            refused.append(NotEvaluated(rule.id, _("all facts"), str(error)))
            unsound.add(rule.id)
    sound = (rule for rule in rules if rule.id not in unsound)
    found = RuleSet(sound, outside=(*rules.outside, *rules))
    return InstalledRules(found, parameters, tuple(refused))


def changed_parameters(
    rule: Rule, changes: Mapping[str, Mapping[date, str]]
) -> Mapping[str, Parameter]:
    """A rule's parameters with dated values given as text; ValueError for a value it refuses."""
    changed = dict(rule.parameters)
    for name, dated in changes.items():
        # A value for a parameter that the rule no longer declares has nothing to change.
        if name in changed:
            changed[name] = changed[name].changed(_read(rule, changed[name], dated))
    return changed


def parameter_on(
    session: Session, catalog: Catalog, rule: str, name: str, day: date
) -> ParameterValue:
    """The value of a rule's parameter that is in force on a day; its own one if it is refused.

    Raises KeyError for a rule or a parameter that there is not.
    """
    shown = catalog.on(rule, day) or catalog.rules[rule]
    only = RuleSet([shown], outside=catalog.rules.values())
    final = with_parameters(session, only).parameters.get(shown.name, shown.parameters)
    return [value for since, value in final[name].values if since <= day][-1]


def _read(
    rule: Rule, parameter: Parameter, dated: Mapping[date, str]
) -> Mapping[date, ParameterValue]:
    values: dict[date, ParameterValue] = {}
    for day, text in dated.items():
        try:
            values[day] = parse_value(text, parameter)
            refuse_share(rule.form, parameter.name, values[day])
        except ValueError as error:
            message = _("the value of '%(name)s' from %(day)s is not accepted: %(reason)s")
            named = {"name": parameter.name, "day": day.isoformat(), "reason": error}
            raise ValueError(message % named) from error
    return values


def _changes(session: Session, tried: DatedValues) -> dict[str, dict[str, dict[date, str]]]:
    changes: dict[str, dict[str, dict[date, str]]] = {}
    for row in session.scalars(select(RuleParameterValue)):
        changes.setdefault(row.rule, {}).setdefault(row.name, {})[row.valid_from] = row.value
    for rule, by_name in tried.items():
        for name, dated in by_name.items():
            changes.setdefault(rule, {}).setdefault(name, {}).update(dated)
    return changes
