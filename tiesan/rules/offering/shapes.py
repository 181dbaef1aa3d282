"""The fields that an unfinished rule may name: of a fact with its lengths, of who owes, of a flag.

What the parsers refuse is passed over here: a length without a name, a kind that there is not.
"""

from collections.abc import Iterable, Mapping, Sequence

from tiesan.facts.kinds import FactKind, FactKinds, Field, FieldType
from tiesan.rules.offering.comparing import MEASURE_WORDS
from tiesan.rules.offering.paths import path_named
from tiesan.rules.shapes import (
    DEADLINE_FIELDS,
    DUTY_FIELDS,
    OCCURRED_FIELD,
    PERIOD_FIELD,
    SHARE_COUNT_FIELD,
    WINDOW_FIELD,
)

_OWNERS = {
    "duty": DUTY_FIELDS,
    "counts": tuple(each for each in DUTY_FIELDS if each.name != "done"),
    "tally": (*DUTY_FIELDS[:2], PERIOD_FIELD),
}


def of_selection(kind: FactKind, lengths: Mapping[str, str]) -> FactKind:
    """A kind with the lengths that a rule measures of it, by name with their labels."""
    fields = [
        Field(name, FieldType.LENGTH, label, derived=True)
        for name, label in lengths.items()
        if name not in kind.by_name
    ]
    return kind.with_fields(fields)


def of_owners(kind: FactKind, form: str) -> FactKind:
    """Who owes: the fields that conditions of a form see, ``counts`` for those of what counts."""
    return kind.with_fields(each for each in _OWNERS[form] if each.name not in kind.by_name)


def of_result(form: str, kind: FactKind, kinds: FactKinds, by: Sequence[str] = ()) -> FactKind:
    """What subject, key and message of a rule of a form may name; ``by`` are groups of a tally."""
    if form == "deadline":
        return _naming_itself(kind, DEADLINE_FIELDS)
    if form == "duty":
        return _naming_itself(kind, DUTY_FIELDS)
    if form == "tally":
        return FactKind("tally", kind.title, tuple(_of_groups(kind, kinds, by)))
    return kind


def _naming_itself(kind: FactKind, derived: Iterable[Field]) -> FactKind:
    """A kind with derived fields; the code of who owes names them, as a subject has to."""
    shape = kind.with_fields(each for each in derived if each.name not in kind.by_name)
    if kind.name not in ("cadre", "organization"):
        return shape
    code = kind.by_name["code"]
    itself = Field("code", FieldType.REFERENCE, code.label, required=True, to=kind.name)
    fields = tuple(itself if each.name == "code" else each for each in shape.fields)
    return FactKind(kind.name, kind.title, fields, kind.identity)


def _of_groups(kind: FactKind, kinds: FactKinds, by: Iterable[str]) -> Iterable[Field]:
    for text in by:
        path = path_named(text, kind, kinds)
        if path is None:
            continue
        last = path.last
        yield Field(text, path.type, last.label, choices=last.choices, to=last.to, derived=True)
        if text.endswith(".folded"):
            yield Field(text.removesuffix(".folded"), path.type, last.label, derived=True)
    yield PERIOD_FIELD
    for measure, words in MEASURE_WORDS.items():
        yield Field(measure.value, FieldType.TEXT, words, derived=True)
    yield SHARE_COUNT_FIELD
    yield WINDOW_FIELD
    yield OCCURRED_FIELD
