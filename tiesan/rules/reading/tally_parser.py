"""Form 4, parsed and checked: facts add up, by period, in a window, or settled with the period.

Source: rules-language.md, "The four forms", and rules-language-2.md, "Tallies: measures".
"""

from collections.abc import Iterator, Mapping

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKind
from tiesan.i18n import _
from tiesan.rules.choices import Excused
from tiesan.rules.measured import Measured, Side
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.condition_parser import SELECTION_KEYS, kind_named, parse_selection
from tiesan.rules.reading.length_parser import with_lengths
from tiesan.rules.reading.measure_parser import SIDES, parse_bounds, written
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.parameter_parser import parse_number
from tiesan.rules.reading.parsed import OWING, Parsed, parse_date_path
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import keys, one_of, scalar, sequence
from tiesan.rules.shapes import (
    FRACTIONS,
    OCCURRED_FIELD,
    PERIOD_FIELD,
    TALLY_NAMES,
    WINDOW_FIELD,
    as_written,
    asked_of_owners,
    measure_fields,
    tally_shape,
)
from tiesan.rules.tree import Bound, Literal, ParameterRef, Path, Selection, Tally, Template

_OPTIONAL = ("every", "within", "owed_by", "excused", *SIDES, "occurred_on")
# What a window counts; everything else may be undone by what comes into it.
_IN_WINDOWS = (Measured.COUNT, Measured.COUNT_DISTINCT, Measured.SUM)


def parse_tally(node: Node, name: str, names: Vocabulary, beside: Node | None) -> Parsed:
    """The tally of a rule; ``beside`` is the date that stands beside it. Raises Refused."""
    entries = keys(node, "tally", ("of", "by", "date"), _OPTIONAL)
    of = dict(keys(entries["of"], "of", ("fact",), SELECTION_KEYS))
    kind = kind_named(of["fact"], names)
    measured = with_lengths(of.get("lengths"), kind, names, TALLY_NAMES)
    form = Tally(
        of=parse_selection(entries["of"], of, measured, kind, names),
        by=_groups(entries["by"], kind, names),
        date=parse_date_path(entries["date"], kind, names),
        bounds=parse_bounds(entries, measured, names, node),
        every=Every(one_of(entries["every"], "every", Every)) if "every" in entries else None,
        within=_within(entries, names),
        owed_by=_owed_by(entries.get("owed_by"), names),
        excused=_excused(entries),
        latest=_latest(_dated(entries, beside), kind, names),
    )
    _check_owed(form, entries)
    _check_settled(form, entries, beside, node)
    _check_window(form, entries, beside)
    _check_derived(form, entries["by"])
    key = "period" if form.every is not None else None
    if form.within is not None and len(form.by) == 1:
        key = OCCURRED_FIELD.name
    shape = tally_shape(kind, form, name)
    return Parsed(form, shape, shape, _single_subject(form.by), key, OCCURRED_FIELD.name)


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


def _within(entries: Mapping[str, Node], names: Vocabulary) -> Literal | ParameterRef | None:
    if "within" not in entries:
        return None
    days = keys(entries["within"], "within", ("days",))["days"]
    return parse_number(days, "days", names, 1)


# --- who owes -------------------------------------------------------------------------------------


def _owed_by(node: Node | None, names: Vocabulary) -> Selection | None:
    if node is None:
        return None
    entries = dict(keys(node, "owed_by", ("fact",), SELECTION_KEYS))
    kind = names.kinds[one_of(entries["fact"], "fact", OWING)]
    asked = with_lengths(entries.get("lengths"), asked_of_owners(kind, node.position), names)
    return parse_selection(node, entries, asked, kind, names)


def _excused(entries: Mapping[str, Node]) -> Excused:
    if "excused" not in entries:
        return Excused.LEAVE
    if "owed_by" not in entries:
        raise Refused(entries["excused"].position, _("'excused' needs 'owed_by'"))
    return Excused(one_of(entries["excused"], "excused", Excused))


def _check_owed(form: Tally, entries: Mapping[str, Node]) -> None:
    """Refuse what nobody can owe, and what only a group of nobody can be."""
    if form.owed_by is None:
        for bound in form.bounds:
            if _is_of_none(bound):
                text = _("nothing is in a group of none: '%s' needs 'owed_by'")
                raise Refused(entries[bound.side].position, text % written(bound))
        return
    if form.every is None:
        raise Refused(entries["owed_by"].position, _("'owed_by' needs 'every'"))
    kind = form.owed_by.kind
    if len(form.by) != 1 or form.by[0].last.to != kind or form.by[0].part is not None:
        text = _("'owed_by' needs a single path in 'by' that names a %(kind)s; found: %(found)s")
        found = ", ".join(path.text for path in form.by)
        raise Refused(entries["by"].position, text % {"kind": kind, "found": found})


def _is_of_none(bound: Bound) -> bool:
    """Whether a bound asks for a group without any fact."""
    if bound.measure.kind is not Measured.COUNT or not isinstance(bound.value, Literal):
        return False
    return (bound.side, bound.value.value) in ((Side.AT_MOST, 0), (Side.LESS_THAN, 1))


# --- when it is judged ----------------------------------------------------------------------------


def _check_settled(form: Tally, entries: Mapping[str, Node], beside: Node | None, at: Node) -> None:
    """Refuse a bound that is never settled, and a date for what has that of its period."""
    if not form.settled or form.within is not None:
        return
    settled = next((bound for bound in form.bounds if not bound.growing), None)
    name = "owed_by" if settled is None else f"{settled.side} {settled.measure.kind}"
    if form.every is None:
        text = _("'%s' is settled only with its period: 'every' is missing")
        raise Refused(at.position, text % name)
    given = entries.get("occurred_on", beside)
    if given is not None:
        text = _("'%s' occurs on the period's last day: 'occurred_on' is not allowed")
        raise Refused(given.position, text % name)


def _check_window(form: Tally, entries: Mapping[str, Node], beside: Node | None) -> None:
    if form.within is None:
        return
    within = entries["within"].position
    if form.every is not None:
        raise Refused(within, _("'within' and 'every' exclude each other"))
    for bound in form.bounds:
        if bound.measure.kind not in _IN_WINDOWS or not bound.side.upwards:
            text = _("within takes only %(sides)s of %(measures)s; found: %(found)s")
            values = {
                "sides": _(" and ").join((Side.AT_LEAST, Side.MORE_THAN)),
                "measures": ", ".join(_IN_WINDOWS),
                "found": f"{bound.side} {bound.measure.kind}",
            }
            raise Refused(entries[bound.side].position, text % values)
    given = entries.get("occurred_on", beside)
    if given is not None:
        text = _("a window occurs on the day that fills it: 'occurred_on' is not allowed")
        raise Refused(given.position, text)


def _dated(entries: Mapping[str, Node], beside: Node | None) -> Node | None:
    """A tally's date may stand beside its subject and key as well as in its own block."""
    within = entries.get("occurred_on")
    if beside is not None and within is not None:
        raise Refused(beside.position, _("'occurred_on' is given in the tally as well"))
    return within if beside is None else beside


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
    return parse_date_path(entries["latest"], kind, names)


# --- names ----------------------------------------------------------------------------------------


def _check_derived(form: Tally, node: Node) -> None:
    """Refuse to group by a field that bears the name of what the tally derives."""
    derived = set(_derived(form))
    for path, each in zip(form.by, sequence(node, "by"), strict=True):
        for name in (path.text, *(whole.text for whole in as_written([path]))):
            if name in derived:
                text = _("%(kind)s has a field '%(field)s' of its own, which this form derives")
                raise Refused(each.position, text % {"kind": form.of.kind, "field": name})


def _derived(form: Tally) -> Iterator[str]:
    yield from (each.name for each in measure_fields(form))
    if form.every is not None:
        yield PERIOD_FIELD.name
    if form.within is not None:
        yield WINDOW_FIELD.name
    # Within a group by the tally's own date that date is one and the same: the day it is reached.
    if form.latest is not None or form.settled or form.date.text != OCCURRED_FIELD.name:
        yield OCCURRED_FIELD.name


def _single_subject(by: tuple[Path, ...]) -> str | None:
    subjects = [path.text for path in by if path.last.to in OWING]
    return subjects[0] if len(subjects) == 1 else None


def check_key(form: Tally, subject: Path, key: Template | None, at: Position) -> None:
    """Refuse a key that does not tell two windows of one subject apart, or holds a fraction.

    ``key`` is None where none is given. Raises Refused.
    """
    named = {part.text for part in key.parts if isinstance(part, Path)} if key else set()
    for fraction in sorted(named & set(map(str, FRACTIONS))):
        raise Refused(at, _("a key cannot hold '%s'") % fraction)
    if form.within is None or len(form.by) == 1:
        return
    for path in form.by:
        known = {path.text, *(whole.text for whole in as_written([path]))}
        if path.text != subject.text and known.isdisjoint(named):
            raise Refused(at, _("within needs a key that names %s") % path.text)
