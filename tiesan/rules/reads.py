"""What a form reads: its kinds of facts, the rules whose flags it names, and its level.

Source: rules-language.md, "Rules over flags".
"""

from collections.abc import Iterator

from tiesan.rules.choices import Level
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.positions import Position
from tiesan.rules.tree import (
    AllOf,
    Comparison,
    Deadline,
    Duty,
    Form,
    Literal,
    Op,
    Path,
    Selection,
    When,
)


def level_of(form: Form) -> tuple[Level, tuple[str, ...]]:
    """The level of a form and the rules whose flags it names (rules-language.md)."""
    selections = [where for kind, where in selections_of(form) if kind == FLAG.name]
    if not selections:
        return Level.RECORDS, ()
    named = [_named_rules(where) for where in selections]
    if any(rules is None for rules in named):
        return Level.ANY_FLAGS, ()
    rules = {rule for each in named if each is not None for rule in each}
    return Level.NAMED_FLAGS, tuple(sorted(rules))


def selections_of(form: Form) -> Iterator[tuple[str, AllOf]]:
    """Every kind that a form reads, with its conditions."""
    if isinstance(form, When):
        yield from _of_selection(form.anchor)
    elif isinstance(form, Deadline):
        yield from _of_selection(form.anchor)
        for dated in (form.done, form.again):
            if dated is not None and not isinstance(dated, Path):
                yield dated.kind, dated.where
    elif isinstance(form, Duty):
        yield from _of_selection(form.owed_by)
        yield form.counts.kind, form.counts.where
    else:
        yield from _of_selection(form.of)
        if form.owed_by is not None:
            yield from _of_selection(form.owed_by)


def _of_selection(selection: Selection) -> Iterator[tuple[str, AllOf]]:
    yield selection.kind, selection.where
    yield from ((each.kind, each.where) for each in selection.related)


def place_of_rule(form: Form, rule_id: str) -> Position | None:
    """The place of the condition by which a form names the rule whose flags it reads."""
    for kind, where in selections_of(form):
        for part in where.parts if kind == FLAG.name else ():
            if isinstance(part, Comparison) and rule_id in (_named_rules(AllOf((part,))) or ()):
                return part.position
    return None


def kinds_read(form: Form) -> tuple[str, ...]:
    """The names of the fact kinds that a form reads, without those behind references."""
    return tuple(dict.fromkeys(kind for kind, _where in selections_of(form)))


def severities_read(form: Form) -> frozenset[str] | None:
    """The severities of the flags that a form may read; None where it may read those of all."""
    selections = [where for kind, where in selections_of(form) if kind == FLAG.name]
    named = [_named(where, "severity") for where in selections]
    if any(each is None for each in named):
        return None
    return frozenset(severity for each in named if each is not None for severity in each)


def _named_rules(where: AllOf) -> list[str] | None:
    return _named(where, "rule")


def _named(where: AllOf, field: str) -> list[str] | None:
    """The literal values to which conditions hold a field of flags; None where they do not."""
    for part in where.parts:
        if not (isinstance(part, Comparison) and isinstance(part.left, Path)):
            continue
        if part.left.text == field and part.op in (Op.EQ, Op.IN):
            given = part.right if isinstance(part.right, tuple) else (part.right,)
            values = [str(each.value) for each in given if isinstance(each, Literal)]
            if len(values) == len(given):
                return values
    return None
