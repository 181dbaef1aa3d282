"""Which rules a change of a record may affect, and whether that can be judged by subject."""

from collections.abc import Collection, Iterable

from tiesan.flags.catalog import Catalog
from tiesan.rules import (
    Duty,
    Excused,
    Level,
    Rule,
    RuleSet,
    Tally,
)


def affected_rules(catalog: Catalog, rules: RuleSet, kind: str) -> list[Rule]:
    """The enabled rules whose answer may change with a record of a kind.

    A rule over flags is affected by every rule whose flags it reads.
    """
    excusing = any(each.kind == kind for each in catalog.sources.excuses)
    derived = {each.kind for each in catalog.sources.derivations}
    affected: set[str] = set()
    for rule in rules:
        needed = catalog.needed(rule)
        by_leave = excusing and (bool(needed & derived) or _excused_by_leave(rule))
        if rule.enabled and (kind in needed or by_leave or _reads_flags_of(rule, affected)):
            affected.add(rule.id)
    # What one version of a rule finds is held against the flags of all of them.
    return [rule for rule in rules if rule.enabled and rule.id in affected]


def with_readers(rules: RuleSet, names: Iterable[str]) -> set[str]:
    """These rules and all that read their flags, or the flags of those that do."""
    found = set(names)
    for rule in rules:
        if _reads_flags_of(rule, found):
            found.add(rule.id)
    return found


def _reads_flags_of(rule: Rule, names: Collection[str]) -> bool:
    if rule.level is Level.NAMED_FLAGS:
        return not set(rule.reads_rules).isdisjoint(names)
    return rule.level is Level.ANY_FLAGS and bool(names)


def _excused_by_leave(rule: Rule) -> bool:
    form = rule.form
    if not isinstance(form, Duty | Tally) or form.owed_by is None:
        return False
    return form.owed_by.kind == "cadre" and form.excused is not Excused.NEVER


def judged_by_subject(catalog: Catalog, rules: Iterable[Rule], kind: str) -> bool:
    """Whether evaluating whom a changed record concerns is as exact as evaluating everything."""
    return all(catalog.judged_by_subject(rule, kind) for rule in rules)


def judged_alone(catalog: Catalog, rules: Iterable[Rule], _kind: str) -> bool:
    """Whether evaluating some people is as exact, where nobody else's flags rest on the record."""
    return all(catalog.judged_by_subject(rule) for rule in rules)
