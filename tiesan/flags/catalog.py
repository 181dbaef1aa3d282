"""What an installation consists of: its plugins, fact kinds and rule files, read once.

Nothing here depends on the database; what an administrator set (parameters, exceptions, plugins
switched off) is read for each evaluation.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from tiesan.discovery import Plugins, load_plugins
from tiesan.facts.kinds import FactKinds
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kinds, record_kind
from tiesan.rules import (
    FLAG,
    Parameter,
    Rule,
    RuleFile,
    RuleFileError,
    RuleSet,
    Sources,
    kinds_needed,
    load_rule_files,
    parse_value,
)

# Of a value that is no list.
LONGEST_SINGLE_VALUE = 200


@dataclass(frozen=True)
class Catalog:
    """The plugins, fact kinds and rules of an installation."""

    plugins: Plugins
    kinds: FactKinds
    files: tuple[RuleFile, ...]

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """All shipped rules by id."""
        return {rule.id: rule for each in self.files for rule in each.rules}

    @cached_property
    def digest(self) -> str:
        """A hash of the rule set: every rule as its file has it, and where each plugin comes from.

        Values of parameters are not in it: they have a history of their own.
        """
        rules = sorted((rule.id, rule.digest) for rule in self.rules.values())
        plugins = [(each.plugin.name, each.origin) for each in self.plugins.found]
        return hashlib.sha256(repr((rules, plugins)).encode()).hexdigest()[:16]

    @cached_property
    def sources(self) -> Sources:
        """What a world of this installation is made with."""
        return Sources(self.kinds, self.plugins.derivations, self.plugins.excuses)

    @cached_property
    def records(self) -> Mapping[str, type[Record]]:
        """The record classes by the name of their fact kind."""
        return {record_kind(model).name: model for model in self.plugins.records}

    @cached_property
    def confidential_rules(self) -> frozenset[str]:
        """The rules whose flags rest on confidential records."""
        return frozenset(
            rule.id
            for rule in self.rules.values()
            if kinds_needed(rule, self.kinds) & self.plugins.confidential
        )

    def rule_set(self, off: frozenset[str] = frozenset()) -> RuleSet:
        """The rules of the plugins that are not switched off.

        A rule that names the flags of a rule whose plugin is off finds none of them.
        """
        rules = self.rules.values()
        return RuleSet((rule for rule in rules if rule.plugin not in off), outside=rules)

    @property
    def parameter_check(self) -> Callable[[str, str, str], str | None]:
        """The check of a dated parameter value: None when it is accepted, else what is wrong."""
        return lambda rule, name, value: parameter_problem(self.rules, rule, name, value)


def parameter_problem(rules: Mapping[str, Rule], rule: str, name: str, value: str) -> str | None:
    """What is wrong with a value for a rule's parameter; None when the rule accepts it."""
    if rule not in rules:
        return _("unknown rule '%s'") % rule
    parameters = rules[rule].parameters
    if name not in parameters:
        allowed = ", ".join(parameters) or _("none")
        text = _("the rule %(rule)s has no parameter '%(name)s'; it has: %(allowed)s")
        return text % {"rule": rule, "name": name, "allowed": allowed}
    try:
        parameter_text(parameters[name], value)
    except ValueError as error:
        return str(error)
    return None


def parameter_text(parameter: Parameter, value: str) -> str:
    """A value as it is stored: a list in the one way of writing it, any other as it was written.

    Raises ValueError with a message when the parameter does not accept it.
    """
    read = parse_value(value, parameter)
    if parameter.is_list:
        return parameter.written(read)
    if len(value) > LONGEST_SINGLE_VALUE:
        text = _("longer than %(most)d characters; found: %(number)d")
        raise ValueError(text % {"most": LONGEST_SINGLE_VALUE, "number": len(value)})
    return value


def build_catalog(plugins: Plugins) -> Catalog:
    """The catalogue of these plugins; raises RuleFileError when one of the rule files is wrong."""
    kinds = fact_kinds(plugins.records, plugins.derivations, [FLAG])
    with_rules = [(each.name, each.rules) for each in plugins if each.rules is not None]
    files = load_rule_files([path for _name, path in with_rules], kinds)
    for file, (name, _path) in zip(files, with_rules, strict=True):
        if file.plugin != name:
            text = _("%(file)s: the rules are those of the plugin “%(other)s”, not of “%(name)s”")
            raise RuleFileError([text % {"file": file.name, "other": file.plugin, "name": name}])
    return Catalog(plugins, kinds, tuple(files))


@cache
def installed_catalog() -> Catalog:
    """The catalogue of the installed plugins, read once per process."""
    return build_catalog(load_plugins())
