"""Which values of the evidence are the ones that a rule objects to."""

from collections.abc import Iterator, Mapping

from tiesan.rules.lengths import read_for
from tiesan.rules.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Deadline,
    Duty,
    NoneOf,
    Op,
    Path,
    Rule,
    Selection,
    Tally,
    When,
)

# What the forms derive and hold against what is due.
_OF_FORMS: Mapping[type, tuple[str, tuple[str, ...]]] = {
    Deadline: ("deadline", ("done_on",)),
    Duty: ("duty", ("done",)),
}


def offending_fields(rule: Rule) -> Mapping[str, frozenset[str]]:
    """Return by kind of fact the fields that a rule holds against something.

    Of a single record those that its conditions compare, without those that are derived (whether a
    day is a working day) where there are others; of a form what it counts or measures.
    """
    form = rule.form
    if isinstance(form, Tally):
        return {"tally": frozenset(each.measure.kind.value for each in form.bounds)}
    if not isinstance(form, When):
        kind, names = _OF_FORMS[type(form)]
        return {kind: frozenset(names)}
    found = list(_compared(form.anchor))
    written = [path for path in found if not path.field.derived]
    by_kind: dict[str, set[str]] = {}
    for path in written or found:
        by_kind.setdefault(path.kind, set()).add(path.field.name)
    return {kind: frozenset(names) for kind, names in by_kind.items()}


def _compared(selection: Selection) -> Iterator[Path]:
    """What conditions compare; that a value is there offends nobody."""
    yield from _paths(selection.where)
    for related in selection.related:
        if not related.negated:
            yield from _paths(related.where)


def _paths(condition: Condition) -> Iterator[Path]:
    match condition:
        case Comparison(left=Path() as path, op=op) if op is not Op.PRESENT:
            yield from (each for each in read_for(path) if not each.through)
        case AllOf(parts=parts) | AnyOf(parts=parts) | NoneOf(parts=parts):
            for part in parts:
                yield from _paths(part)
