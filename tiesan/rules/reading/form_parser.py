"""The four forms, parsed and checked, each with the shape of the fact that it derives.

Source: rules-language.md, "The four forms".
"""

from collections.abc import Callable, Mapping

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _
from tiesan.rules.choices import Edge, Excused, Missing
from tiesan.rules.positions import Refused
from tiesan.rules.reading.condition_parser import (
    SELECTION_KEYS,
    Sides,
    kind_named,
    parse_selection,
    parse_where,
)
from tiesan.rules.reading.length_parser import with_lengths
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.parameter_parser import parse_number
from tiesan.rules.reading.parsed import OWING, Parsed, parse_date_path, parse_whose
from tiesan.rules.reading.path_parser import Vocabulary
from tiesan.rules.reading.structure import keys, one_of, single_key
from tiesan.rules.reading.tally_parser import parse_tally
from tiesan.rules.shapes import (
    DEADLINE_FIELDS,
    DUTY_FIELDS,
    deadline_shape,
    duty_shape,
    extended_shape,
    without_done,
)
from tiesan.rules.tree import Counts, Dated, Deadline, Due, Duty, Literal, Path, Span, Unit, When

FORMS = ("when", "deadline", "duty", "tally")
_UNITS = (Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS)


def parse_form(entries: Mapping[str, Node], rule_id: str, at: Node, names: Vocabulary) -> Parsed:
    """The form of a rule's entries; raises Refused."""
    name = single_key(entries, FORMS, at)
    if name == "tally":
        return parse_tally(entries[name], f"{name}:{rule_id}", names, entries.get("occurred_on"))
    parse: Callable[[Node, str, Vocabulary], Parsed] = _PARSERS[name]
    return parse(entries[name], f"{name}:{rule_id}", names)


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
        start=parse_date_path(entries["from"], kind, names),
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
        return parse_date_path(node, kind, names)
    return _dated(node, "done", kind, names)


def _dated(node: Node, what: str, anchor: FactKind, names: Vocabulary) -> Dated:
    entries = keys(node, what, ("fact", "date"), ("where", "lengths"))
    kind = kind_named(entries["fact"], names)
    measured = with_lengths(entries.get("lengths"), kind, names)
    where = parse_where(entries.get("where"), Sides(measured, anchor), names)
    return Dated(kind.name, where, parse_date_path(entries["date"], kind, names))


def _duty(node: Node, name: str, names: Vocabulary) -> Parsed:
    optional = ("due", "stands_until", "excused", "required")
    entries = keys(node, "duty", ("owed_by", "every", "counts"), optional)
    owner = dict(keys(entries["owed_by"], "owed_by", ("fact",), SELECTION_KEYS))
    kind = names.kinds[one_of(owner["fact"], "fact", OWING)]
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
    by = parse_whose(entries["by"], kind, owner, names)
    measured = with_lengths(entries.get("lengths"), kind, names)
    where = parse_where(entries.get("where"), Sides(measured, without_done(asked)), names)
    date = parse_date_path(entries["date"], kind, names) if "date" in entries else None
    return Counts(kind.name, where, by, date)


_PARSERS: Mapping[str, Callable[[Node, str, Vocabulary], Parsed]] = {
    "when": _when,
    "deadline": _deadline,
    "duty": _duty,
}
