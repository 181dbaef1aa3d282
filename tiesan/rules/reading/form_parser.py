"""The four forms, parsed and checked, each with the shape of the fact that it derives.

Source: rules-language.md, "The four forms".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _
from tiesan.rules.positions import Refused
from tiesan.rules.reading.condition_parser import (
    SELECTION_KEYS,
    Sides,
    kind_named,
    parse_selection,
    parse_where,
)
from tiesan.rules.reading.length_parser import with_lengths
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.parameter_parser import parse_number, parse_quantity
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar, sequence, single_key
from tiesan.rules.shapes import (
    COUNT_FIELD,
    DEADLINE_FIELDS,
    DUTY_FIELDS,
    OCCURRED_FIELD,
    PERIOD_FIELD,
    TALLY_NAMES,
    as_written,
    deadline_shape,
    duty_shape,
    extended_shape,
    tally_shape,
    without_done,
)
from tiesan.rules.tree import (
    Counts,
    Dated,
    Deadline,
    Due,
    Duty,
    Edge,
    Excused,
    Form,
    Literal,
    Measure,
    Missing,
    ParameterRef,
    Path,
    Span,
    Tally,
    Unit,
    When,
)

FORMS = ("when", "deadline", "duty", "tally")
_UNITS = (Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS)
_OWING = ("cadre", "organization")


@dataclass(frozen=True)
class Parsed:
    """A form, the shape of its fact, and the defaults that follow from it (paths by text).

    ``named`` is the shape with the lengths that key and message may name besides.
    """

    form: Form
    shape: FactKind
    named: FactKind
    subject: str | None = None
    key: str | None = None
    occurred_on: str | None = None


def parse_form(entries: Mapping[str, Node], rule_id: str, at: Node, names: Vocabulary) -> Parsed:
    """The form of a rule's entries; raises Refused."""
    name = single_key(entries, FORMS, at)
    parse: Callable[[Node, str, Vocabulary], Parsed] = _PARSERS[name]
    parsed = parse(entries[name], f"{name}:{rule_id}", names)
    if isinstance(parsed.form, Tally) and "occurred_on" in entries:
        # A tally's date may stand beside its subject and key as well as in its own block.
        return _dated_beside(parsed, parsed.form, entries, names)
    return parsed


def _dated_beside(
    parsed: Parsed, form: Tally, entries: Mapping[str, Node], names: Vocabulary
) -> Parsed:
    beside = entries["occurred_on"]
    if "occurred_on" in mapping(entries["tally"], "tally").entries:
        raise Refused(beside.position, _("'occurred_on' is given in the tally as well"))
    dated = replace(form, latest=_latest(beside, names.kinds[form.of.kind], names))
    _check_derived(dated, mapping(entries["tally"], "tally").entries["by"])
    return replace(parsed, form=dated)


def _date_path(node: Node, shape: FactKind, names: Vocabulary) -> Path:
    text = scalar(node, _("a date"))
    path = parse_path(text.text, shape, names.kinds, text.position)
    if path.type is not FieldType.DATE:
        values = {"path": path.text, "type": path.type}
        raise Refused(text.position, _("'%(path)s' is of type %(type)s, not a date") % values)
    return path


def _when(node: Node, _name: str, names: Vocabulary) -> Parsed:
    entries = dict(keys(node, "when", ("fact",), (*SELECTION_KEYS, "judged")))
    kind = kind_named(entries["fact"], names)
    judged = entries.get("judged")
    next_day = (
        judged is not None and one_of(judged, "judged", ("at_once", "next_day")) == "next_day"
    )
    measured = with_lengths(entries.get("lengths"), kind, names)
    form = When(parse_selection(node, entries, measured, kind, names), next_day)
    return Parsed(form, kind, measured)


def _deadline(node: Node, name: str, names: Vocabulary) -> Parsed:
    units = [str(unit) for unit in _UNITS]
    optional = (*SELECTION_KEYS, *units, "until", "done", "again", "flags")
    entries = dict(keys(node, "deadline", ("fact", "from"), optional))
    kind = kind_named(entries["fact"], names)
    if ("done" in entries) is ("again" in entries):
        raise Refused(node.position, _("exactly one of 'done' and 'again' must be given"))
    flags, derived = entries.get("flags"), [each.name for each in DEADLINE_FIELDS]
    measured = with_lengths(entries.get("lengths"), kind, names, derived)
    form = Deadline(
        anchor=parse_selection(node, entries, measured, kind, names),
        start=_date_path(entries["from"], kind, names),
        span=_span(node, entries, names),
        done=_done(entries["done"], measured, names) if "done" in entries else None,
        again=_dated(entries["again"], "again", measured, names) if "again" in entries else None,
        flags=Missing(one_of(flags, "flags", Missing)) if flags else Missing.BOTH,
    )
    shape = deadline_shape(kind, name, node.position)
    return Parsed(form, shape, shape, occurred_on="deadline")


def _span(node: Node, entries: Mapping[str, Node], names: Vocabulary) -> Span:
    given = single_key(entries, (*map(str, _UNITS), "until"), node)
    if given == "until":
        one_of(entries["until"], "until", (Unit.END_OF_YEAR,))
        return Span(Unit.END_OF_YEAR, None)
    least = 0 if given == Unit.DAYS else 1
    return Span(Unit(given), parse_number(entries[given], given, names, least))


def _done(node: Node, kind: FactKind, names: Vocabulary) -> Path | Dated:
    if isinstance(node, Scalar):
        return _date_path(node, kind, names)
    return _dated(node, "done", kind, names)


def _dated(node: Node, what: str, anchor: FactKind, names: Vocabulary) -> Dated:
    entries = keys(node, what, ("fact", "date"), ("where", "lengths"))
    kind = kind_named(entries["fact"], names)
    measured = with_lengths(entries.get("lengths"), kind, names)
    where = parse_where(entries.get("where"), Sides(measured, anchor), names)
    return Dated(kind.name, where, _date_path(entries["date"], kind, names))


def _duty(node: Node, name: str, names: Vocabulary) -> Parsed:
    optional = ("due", "stands_until", "excused", "required")
    entries = keys(node, "duty", ("owed_by", "every", "counts"), optional)
    owner = dict(keys(entries["owed_by"], "owed_by", ("fact",), SELECTION_KEYS))
    kind = names.kinds[one_of(owner["fact"], "fact", _OWING)]
    shape = duty_shape(kind, name, node.position)
    # Conditions see the owner's own fields, the code as the text that it is.
    asked = extended_shape(kind, DUTY_FIELDS, kind.name, node.position)
    asked = with_lengths(owner.get("lengths"), asked, names)
    stands, excused, required = (entries.get(each) for each in optional[1:])
    form = Duty(
        owed_by=parse_selection(entries["owed_by"], owner, asked, kind, names),
        every=Every(one_of(entries["every"], "every", Every)),
        due=_due(entries.get("due"), names),
        stands_until=_stands_until(stands),
        excused=Excused(one_of(excused, "excused", Excused)) if excused else Excused.LEAVE,
        counts=_counts(entries["counts"], kind, asked, names),
        required=parse_number(required, "required", names, 1) if required else _ONE,
    )
    return Parsed(form, shape, shape, "code", "label", "due_on")


_ONE = Literal(1, FieldType.INTEGER)


def _stands_until(node: Node | None) -> Edge:
    allowed = (Edge.LAST_DAY, Edge.DUE_ON)
    return Edge.LAST_DAY if node is None else Edge(one_of(node, "stands_until", allowed))


def _due(node: Node | None, names: Vocabulary) -> Due:
    if node is None:
        return Due(Edge.LAST_DAY, None)
    units = [str(unit) for unit in _UNITS]
    entries = keys(node, "due", ("from",), units)
    start = Edge(one_of(entries["from"], "from", (Edge.FIRST_DAY, Edge.LAST_DAY)))
    if not any(unit in entries for unit in units):
        return Due(start, None)
    given = single_key(entries, units, node)
    least = 0 if given == Unit.DAYS else 1
    return Due(start, Span(Unit(given), parse_number(entries[given], given, names, least)))


def _counts(node: Node, owner: FactKind, asked: FactKind, names: Vocabulary) -> Counts:
    entries = keys(node, "counts", ("fact", "by"), ("where", "date", "lengths"))
    kind = kind_named(entries["fact"], names)
    text = scalar(entries["by"], "by")
    by = parse_path(text.text, kind, names.kinds, text.position)
    if by.last.to != owner.name:
        message = _("'%(path)s' names no %(kind)s")
        raise Refused(text.position, message % {"path": by.text, "kind": owner.name})
    measured = with_lengths(entries.get("lengths"), kind, names)
    where = parse_where(entries.get("where"), Sides(measured, without_done(asked)), names)
    date = _date_path(entries["date"], kind, names) if "date" in entries else None
    return Counts(kind.name, where, by, date)


def _tally(node: Node, name: str, names: Vocabulary) -> Parsed:
    optional = ("every", "occurred_on")
    entries = keys(node, "tally", ("of", "by", "date", "at_least"), optional)
    of = dict(keys(entries["of"], "of", ("fact",), SELECTION_KEYS))
    kind = kind_named(of["fact"], names)
    by = _groups(entries["by"], kind, names)
    every = Every(one_of(entries["every"], "every", Every)) if "every" in entries else None
    measured = with_lengths(of.get("lengths"), kind, names, TALLY_NAMES)
    measure = _measure(entries["at_least"], measured, names)
    form = Tally(
        of=parse_selection(entries["of"], of, measured, kind, names),
        by=by,
        date=_date_path(entries["date"], kind, names),
        every=every,
        at_least=measure,
        latest=_latest(entries.get("occurred_on"), kind, names),
    )
    _check_derived(form, entries["by"])
    shape = tally_shape(kind, by, measure.sum_field, name, periodic=every is not None)
    key = "period" if every is not None else None
    return Parsed(form, shape, shape, _single_subject(by), key, "occurred_on")


def _groups(node: Node, kind: FactKind, names: Vocabulary) -> tuple[Path, ...]:
    by: list[Path] = []
    for each in sequence(node, "by"):
        text = scalar(each, "by")
        path = parse_path(text.text, kind, names.kinds, text.position)
        if path in by:
            raise Refused(text.position, _("'%s' stands in 'by' twice") % path.text)
        by.append(path)
    if not by:
        raise Refused(node.position, _("'by' must name at least one path"))
    return tuple(by)


def _check_derived(form: Tally, node: Node) -> None:
    """Refuse to group by a field that bears the name of what the tally derives.

    A tally by its own date is none of these: within a group that date is one and the same.
    """
    derived = {COUNT_FIELD.name, OCCURRED_FIELD.name}
    if form.every is not None:
        derived.add(PERIOD_FIELD.name)
    if form.at_least.sum_field is not None:
        derived.add("sum")
    if form.latest is None:
        derived.discard(form.date.text)
    for path, each in zip(form.by, sequence(node, "by"), strict=True):
        for name in (path.text, *(written.text for written in as_written([path]))):
            if name in derived:
                text = _("%(kind)s has a field '%(field)s' of its own, which this form derives")
                raise Refused(each.position, text % {"kind": form.of.kind, "field": name})


def _single_subject(by: tuple[Path, ...]) -> str | None:
    subjects = [path.text for path in by if path.last.to in _OWING]
    return subjects[0] if len(subjects) == 1 else None


def _latest(node: Node | None, kind: FactKind, names: Vocabulary) -> Path | None:
    if node is None:
        return None
    if isinstance(node, Scalar):
        if (found := scalar(node, "occurred_on")).text != "reached":
            text = _("%(what)s is '%(found)s'; allowed: %(allowed)s")
            named = {"what": "occurred_on", "found": found.text}
            raise Refused(node.position, text % {**named, "allowed": "reached, {latest: path}"})
        return None
    entries = keys(node, "occurred_on", ("latest",))
    return _date_path(entries["latest"], kind, names)


def _measure(node: Node, kind: FactKind, names: Vocabulary) -> Measure:
    entries = keys(node, "at_least", (), ("count", "sum"))
    if not entries:
        raise Refused(node.position, _("'at_least' needs 'count' or 'sum'"))
    count: Literal | ParameterRef = _ONE
    if "count" in entries:
        count = parse_number(entries["count"], "count", names, 1)
    if "sum" not in entries:
        return Measure(count)
    name, value = _single_entry(entries["sum"])
    path = parse_path(name, kind, names.kinds, entries["sum"].position)
    if path.type not in (FieldType.AMOUNT, FieldType.INTEGER):
        values = {"path": path.text, "type": path.type}
        text = _("'%(path)s' is of type %(type)s: only amounts and integers add up")
        raise Refused(entries["sum"].position, text % values)
    return Measure(count, path, parse_quantity(value, path.type, names))


def _single_entry(node: Node) -> tuple[str, Node]:
    if not isinstance(node, MappingNode) or len(node.entries) != 1:
        raise Refused(node.position, _("'sum' must be one field and its least total"))
    return next(iter(node.entries.items()))


_PARSERS: Mapping[str, Callable[[Node, str, Vocabulary], Parsed]] = {
    "when": _when,
    "deadline": _deadline,
    "duty": _duty,
    "tally": _tally,
}
