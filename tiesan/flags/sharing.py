"""Parameters that mean the same in several rules, so that one decision sets them all.

Nothing in a rule's text says so. What is the same for whoever reads the rule book counts as the
same: within one institution, by name, type, choices and label. The name alone is not enough: the
working days for a log and those for reporting back from leave have one name, and are two decisions.
"""

from collections.abc import Iterable

from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _
from tiesan.rules import Parameter, Rule


def sharing_rules(catalog: Catalog, rule: Rule, name: str) -> list[Rule]:
    """The other rules of the institution that have the parameter of a rule; none where it lacks."""
    mine = rule.parameters.get(name)
    return [
        other
        for other in catalog.rules.values()
        if other.id != rule.id
        and other.plugin == rule.plugin
        and mine is not None
        and _same(mine, other.parameters.get(name))
    ]


def _same(one: Parameter, other: Parameter | None) -> bool:
    return other is not None and _meaning(one) == _meaning(other)


def _meaning(parameter: Parameter) -> tuple[object, ...]:
    return parameter.type, parameter.is_list, dict(parameter.choices), parameter.label


def refuse_value(
    catalog: Catalog, rule_id: str, also: Iterable[str], name: str, value: str
) -> None:
    """Raise UserError where a rule, or one of the others, does not take a parameter's value.

    The others have to share the parameter.
    """
    problem = catalog.parameter_check(rule_id, name, value)
    if problem is not None:
        raise UserError(problem)
    shared = {each.id for each in sharing_rules(catalog, catalog.rules[rule_id], name)}
    strangers = sorted(set(also) - shared)
    if strangers:
        text = _("The rule %(other)s does not share the parameter '%(name)s' with %(rule)s.")
        named = {"name": name, "rule": rule_id}
        raise UserError([text % {**named, "other": other} for other in strangers])
    problems = (catalog.parameter_check(each, name, value) for each in also)
    if found := [each for each in problems if each is not None]:
        raise UserError(found)
