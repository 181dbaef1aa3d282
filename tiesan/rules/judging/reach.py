"""What a rule reads: the fact kinds behind it, and whether it can be judged subject by subject.

Saving one record evaluates only whom it concerns. That is exact for a rule whose facts all concern
its subject; for any other rule the whole district has to be read.
"""

from collections.abc import Iterator, Mapping

from tiesan.facts.kinds import FactKinds
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.judging.conditions import split_joins
from tiesan.rules.lengths import read_for
from tiesan.rules.reads import kinds_read
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Condition,
    Dated,
    Deadline,
    Duty,
    NoneOf,
    Path,
    Related,
    Rule,
    Selection,
    Tally,
    When,
)

# Where a rule looks for them they are read whole, whomever an evaluation is about.
_PEOPLE = frozenset({"organization", "cadre", "posting"})
Concerns = Mapping[str, tuple[str, ...]]


def kinds_needed(rule: Rule, kinds: FactKinds) -> frozenset[str]:
    """Every kind whose facts may change the rule's answer, references and principals included.

    What derived fields and duties read besides (approved leave, the calendar) is not in it.
    """
    named = set(kinds_read(rule.form))
    named |= {str(each.to) for path in paths_of_rule(rule) for each in path.references}
    for name in list(named):
        for principal in kinds[name].principal:
            if "." in principal:
                named.add(str(kinds[name].by_name[principal.split(".")[0]].to))
    return frozenset(named)


def looks_for_people(rule: Rule) -> bool:
    """Whether the rule looks for people or organizations beside its subject and those it names.

    Who owes something is its subject; whoever is behind a reference is named.
    """
    form = rule.form
    if isinstance(form, Duty):
        others = [form.counts.kind, *(each.kind for each in form.owed_by.related)]
        return not _PEOPLE.isdisjoint(others)
    if isinstance(form, Tally) and form.owed_by is not None:
        related = (*form.of.related, *form.owed_by.related)
        return not _PEOPLE.isdisjoint((form.of.kind, *(each.kind for each in related)))
    return not _PEOPLE.isdisjoint(kinds_read(form))


def reaches_subject(rule: Rule, kinds: FactKinds, concerns: Concerns, changed: str) -> bool:
    """Whether a change of a record of a kind concerns the subject of every flag that it may change.

    That of a record which the rule's facts merely refer to (the meeting that a federation was
    absent from) concerns the subject only if the subject is named through that reference. Holds
    for rules that are local; ``concerns`` as there.
    """
    anchor = anchor_kind(rule)
    for start, reference, to in _references(rule, kinds):
        if to == changed and not (
            start == anchor
            and rule.subject.text.startswith(f"{reference}.")
            and _concerned(to, rule.subject.text.removeprefix(f"{reference}."), concerns)
        ):
            return False
    return True


def anchor_kind(rule: Rule) -> str:
    """The kind of the records that the rule starts from, or adds up."""
    form = rule.form
    if isinstance(form, Duty):
        return form.owed_by.kind
    return form.of.kind if isinstance(form, Tally) else form.anchor.kind


def _references(rule: Rule, kinds: FactKinds) -> Iterator[tuple[str, str, str]]:
    """Every reference that the rule follows: from which kind, by which field, to which kind."""
    for path in paths_of_rule(rule):
        start = anchor_kind(rule) if path.kind == rule.shape.name else path.kind
        for reference in path.references:
            yield start, reference.name, str(reference.to)
            start = str(reference.to)
    for name in kinds_read(rule.form):
        for principal in kinds[name].principal:
            if "." in principal:
                first = principal.split(".")[0]
                yield name, first, str(kinds[name].by_name[first].to)


def paths_of_rule(rule: Rule) -> Iterator[Path]:
    """Every path that a rule reads: of its conditions, its form, subject, key, date and message.

    In the place of a length stand the paths that it is measured by.
    """
    for path in _paths_of_rule(rule):
        yield from read_for(path)


def _paths_of_rule(rule: Rule) -> Iterator[Path]:
    for condition in _conditions(rule):
        yield from _paths_of(condition)
    yield rule.subject
    yield rule.occurred_on
    for template in (rule.key, rule.message.zh, rule.message.en):
        yield from (part for part in template.parts if isinstance(part, Path))
    form = rule.form
    if isinstance(form, Deadline):
        yield form.start
        yield from (each for each in (form.done,) if isinstance(each, Path))
        yield from (each.date for each in (form.done, form.again) if isinstance(each, Dated))
    elif isinstance(form, Duty):
        yield form.counts.by
        yield from (each for each in (form.counts.date,) if each is not None)
    elif isinstance(form, Tally):
        yield from form.by
        optional = (form.date, form.latest, *(each.path for each in form.measures))
        yield from (each for each in optional if each is not None)


def _conditions(rule: Rule) -> Iterator[AllOf]:
    form = rule.form
    if isinstance(form, (When, Deadline)):
        yield from _of_selection(form.anchor)
    elif isinstance(form, Duty):
        yield from _of_selection(form.owed_by)
        yield form.counts.where
    else:
        yield from _of_selection(form.of)
        yield from (each.where for each in form.measures if each.where is not None)
        if form.owed_by is not None:
            yield from _of_selection(form.owed_by)
    if isinstance(form, Deadline):
        yield from (each.where for each in (form.done, form.again) if isinstance(each, Dated))


def _of_selection(selection: Selection) -> Iterator[AllOf]:
    yield selection.where
    yield from (each.where for each in selection.related)


def _paths_of(condition: Condition) -> Iterator[Path]:
    if isinstance(condition, (AllOf, AnyOf, NoneOf)):
        for part in condition.parts:
            yield from _paths_of(part)
        return
    right = condition.right if isinstance(condition.right, tuple) else (condition.right,)
    for side in (condition.left, *right):
        path = side.path if isinstance(side, AnchorPath) else side
        if isinstance(path, Path):
            yield path


def is_local(rule: Rule, concerns: Concerns) -> bool:
    """Whether all facts behind a flag of the rule concern the flag's subject.

    ``concerns`` are the paths of each kind to whom its rows concern.
    """
    form = rule.form
    if isinstance(form, Duty):
        return (
            rule.subject.text == "code"
            and _concerned(form.counts.kind, form.counts.by.text, concerns)
            and all(each.kind in _PEOPLE for each in form.owed_by.related)
        )
    if isinstance(form, Tally):
        groups = {path.text for path in form.by}
        subject = rule.subject.text
        related = all(_joined(each, subject, concerns) for each in form.of.related)
        if form.owed_by is not None:
            related &= all(each.kind in _PEOPLE for each in form.owed_by.related)
        return subject in groups and _concerned(form.of.kind, subject, concerns) and related
    subject = rule.subject.text
    selection = form.anchor
    parts = list(selection.related)
    if isinstance(form, Deadline):
        dated = (each for each in (form.done, form.again) if isinstance(each, Dated))
        parts.extend(Related(each.kind, each.where, negated=False) for each in dated)
    return _concerned(selection.kind, subject, concerns) and all(
        _joined(part, subject, concerns) for part in parts
    )


def _concerned(kind: str, path: str, concerns: Concerns) -> bool:
    if kind == FLAG.name:
        return path in _PEOPLE
    return kind in _PEOPLE or path in concerns.get(kind, ())


def _joined(related: Related, subject: str, concerns: Concerns) -> bool:
    """Whether related facts concern the anchor's subject, by one of their equalities with it."""
    joins, _rest = split_joins(related.where)
    for own, anchor in joins:
        names_anchor = anchor.text == "code" and own.stored
        if names_anchor and _concerned(related.kind, f"{own.text}.{subject}", concerns):
            return True
        if anchor.text == subject and _concerned(related.kind, own.text, concerns):
            return True
    return related.kind in _PEOPLE
