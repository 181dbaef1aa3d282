"""The shapes of derived facts: what a form adds to the fields of the fact it starts from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from tiesan.facts.kinds import FactKind, Field, FieldType
from tiesan.i18n import LazyText, _, _l
from tiesan.rules.measured import SCALES, Measured
from tiesan.rules.parts import TextPart
from tiesan.rules.positions import Position, Refused
from tiesan.rules.tree import Measure, Path, Tally

DEADLINE_FIELDS = (
    Field("clock_start", FieldType.DATE, _l("Counted from"), derived=True),
    Field("deadline", FieldType.DATE, _l("Deadline"), derived=True),
    Field("done_on", FieldType.DATE, _l("Done on"), derived=True),
    Field("overdue", FieldType.BOOLEAN, _l("Deadline has passed"), derived=True),
    Field("late", FieldType.BOOLEAN, _l("Done after the deadline"), derived=True),
)
DUTY_FIELDS = (
    Field("first_day", FieldType.DATE, _l("First day of the period"), derived=True),
    Field("last_day", FieldType.DATE, _l("Last day of the period"), derived=True),
    Field("due_on", FieldType.DATE, _l("Due date"), derived=True),
    Field("label", FieldType.TEXT, _l("Period"), derived=True),
    Field("required", FieldType.INTEGER, _l("Required"), derived=True),
    Field("done", FieldType.INTEGER, _l("Done"), derived=True),
)
PERIOD_FIELD = Field("period", FieldType.TEXT, _l("Period"), derived=True)
COUNT_FIELD = Field("count", FieldType.INTEGER, _l("Count"), derived=True)
SHARE_COUNT_FIELD = Field(
    "share_count", FieldType.INTEGER, _l("Of these meet the conditions"), derived=True
)
# Whether averages and shares lie where they must: what is a fraction is compared beforehand.
HOLDS_FIELD = Field("holds", FieldType.BOOLEAN, _l("Average and share as bounded"), derived=True)
WINDOW_FIELD = Field("window_start", FieldType.DATE, _l("First day of the window"), derived=True)
OCCURRED_FIELD = Field("occurred_on", FieldType.DATE, _l("Occurred on"), derived=True)
# Whatever a tally may derive: no length of its facts may be called so.
TALLY_NAMES = frozenset(
    {*Measured, "share_count", "avg_total", "avg_count"}
    | {each.name for each in (PERIOD_FIELD, HOLDS_FIELD, WINDOW_FIELD, OCCURRED_FIELD)}
)

FRACTIONS = frozenset({Measured.AVG, Measured.SHARE})
MEASURE_LABELS: Mapping[Measured, str] = {
    Measured.COUNT_DISTINCT: _l("%s: different values"),
    Measured.SUM: _l("%s: total"),
    Measured.AVG: _l("%s: average"),
    Measured.MIN: _l("%s: least"),
    Measured.MAX: _l("%s: greatest"),
}


def extended_shape(kind: FactKind, extra: Iterable[Field], name: str, at: Position) -> FactKind:
    """The fields of a kind with derived ones behind them, under a name of its own.

    Raises Refused when a field of the kind bears the name of a derived value.
    """
    added = tuple(extra)
    for each in added:
        if each.name in kind.by_name:
            text = _("%(kind)s has a field '%(field)s' of its own, which this form derives")
            raise Refused(at, text % {"kind": kind.name, "field": each.name})
    return FactKind(name, kind.title, (*kind.fields, *added), kind.identity)


def deadline_shape(kind: FactKind, name: str, at: Position) -> FactKind:
    """The shape of a deadline: the record that started the clock, and the clock."""
    shape = extended_shape(kind, DEADLINE_FIELDS, name, at)
    return _naming_itself(shape, kind) if kind.name in ("cadre", "organization") else shape


def duty_shape(kind: FactKind, name: str, at: Position) -> FactKind:
    """The shape of a duty: who owes it, and the period."""
    return _naming_itself(extended_shape(kind, DUTY_FIELDS, name, at), kind)


def without_done(shape: FactKind) -> FactKind:
    """The shape of a duty while it is being counted what was done."""
    fields = tuple(each for each in shape.fields if each.name != "done")
    return FactKind(shape.name, shape.title, fields, shape.identity)


def _naming_itself(shape: FactKind, kind: FactKind) -> FactKind:
    """A shape of cadres or organizations whose ``code`` refers to them, as a subject has to."""
    code = kind.by_name["code"]
    itself = Field(code.name, FieldType.REFERENCE, code.label, required=True, to=kind.name)
    fields = tuple(itself if each.name == "code" else each for each in shape.fields)
    return FactKind(shape.name, kind.title, fields, kind.identity)


def asked_of_owners(kind: FactKind, at: Position) -> FactKind:
    """The fields that the conditions on who owes a tally see: the owner's own, and the period."""
    period = (DUTY_FIELDS[0], DUTY_FIELDS[1], PERIOD_FIELD)
    return extended_shape(kind, period, kind.name, at)


def tally_shape(kind: FactKind, form: Tally, name: str) -> FactKind:
    """The shape of a tally: what it is grouped by, the period, the measures and the date.

    Of what is grouped by folded, the text as written stands behind the period.
    """
    fields = [_renamed(path) for path in form.by]
    if form.every is not None:
        fields.append(PERIOD_FIELD)
    identity = tuple(each.name for each in fields)
    fields.extend(_renamed(path) for path in as_written(form.by))
    fields.extend(measure_fields(form))
    if form.within is not None:
        fields.append(WINDOW_FIELD)
        identity = (*identity, OCCURRED_FIELD.name)
    fields.append(OCCURRED_FIELD)
    return FactKind(name, kind.title, tuple(fields), identity)


def measure_fields(form: Tally) -> tuple[Field, ...]:
    """What a tally says of the measures of a group: their values, and whether fractions hold."""
    fields = [COUNT_FIELD]
    for measure in form.measures:
        fields.extend(_fields_of(measure))
    if any(measure.kind in FRACTIONS for measure in form.measures):
        fields.append(HOLDS_FIELD)
    return tuple(fields)


def _fields_of(measure: Measure) -> Iterator[Field]:
    kind, path = measure.kind, measure.path
    if path is None:
        yield Field(kind.value, FieldType.TEXT, _l("Share (percent)"), derived=True)
        yield SHARE_COUNT_FIELD
        return
    if kind is Measured.COUNT_DISTINCT:
        yield _measured(kind, FieldType.INTEGER, path)
    elif kind is Measured.AVG:
        scale = SCALES[path.type]
        yield _measured(kind, scale.average, path)
        yield Field("avg_total", scale.total, _l("Total behind the average"), derived=True)
        yield Field("avg_count", FieldType.INTEGER, _l("Values behind the average"), derived=True)
    else:
        yield _measured(kind, path.type, path)


def _measured(kind: Measured, of_type: FieldType, path: Path) -> Field:
    label = LazyText(lambda: str(MEASURE_LABELS[kind]) % path.last.label, enable_cache=False)
    return Field(kind.value, of_type, cast("str", label), derived=True)


def as_written(by: Iterable[Path]) -> tuple[Path, ...]:
    """The paths of the texts that are grouped by folded and not as they are written, too.

    Such a text is that of the member with the smallest identity.
    """
    by = tuple(by)
    known = {path.text for path in by}
    whole = (
        replace(path, text=path.text.removesuffix(f".{TextPart.FOLDED}"), part=None)
        for path in by
        if path.part is TextPart.FOLDED
    )
    return tuple(path for path in whole if path.text not in known)


def _renamed(path: Path) -> Field:
    last = path.last
    if path.part is TextPart.FOLDED:
        label = cast("str", LazyText(_folded_label, last.label, enable_cache=False))
        return Field(path.text, path.type, label, derived=True)
    if path.part is not None:
        return Field(path.text, path.type, last.label, derived=True)
    return Field(path.text, last.type, last.label, choices=last.choices, to=last.to, derived=True)


def _folded_label(label: str) -> str:
    return _("%s (regardless of case, width and blanks)") % label
