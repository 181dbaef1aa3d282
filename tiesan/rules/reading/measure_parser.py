"""The bounds of a tally: what is measured of a group, and on which side of which value it lies.

Source: rules-language-2.md, "Tallies: measures".
"""

from collections.abc import Iterator, Mapping

from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _, _l
from tiesan.rules.measured import SCALES, Measured, Side
from tiesan.rules.parameters import ParameterValue
from tiesan.rules.positions import Refused
from tiesan.rules.reading.condition_parser import Sides, parse_where
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.nodes import Node
from tiesan.rules.reading.parameter_parser import parse_number, parse_quantity
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import keys
from tiesan.rules.shares import percent_problem
from tiesan.rules.spelling import listing
from tiesan.rules.tree import Bound, Literal, Measure, ParameterRef

SIDES = tuple(map(str, Side))
# What a type lacks that cannot be measured so.
_LACKING: Mapping[Measured, str] = {
    Measured.SUM: _l("does not add up"),
    Measured.AVG: _l("has no average"),
    Measured.MIN: _l("has no least value"),
    Measured.MAX: _l("has no greatest value"),
}


def parse_bounds(
    entries: Mapping[str, Node], kind: FactKind, names: Vocabulary, at: Node
) -> tuple[Bound, ...]:
    """The bounds of a tally's entries, at least one; raises Refused."""
    found: list[Bound] = []
    over: dict[Measured, Measure] = {}
    for side in Side:
        for bound, node in _bounds(entries.get(side), side, kind, names):
            measure = bound.measure
            if over.setdefault(measure.kind, measure) != measure:
                raise Refused(node.position, _two_of(measure.kind))
            found.append(bound)
    if not found:
        text = _("'tally' needs at least one of: %s")
        raise Refused(at.position, text % listing(SIDES))
    return tuple(found)


def _two_of(kind: Measured) -> str:
    if kind is Measured.SHARE:
        return _("'share' stands over two lists of conditions")
    return _("'%s' stands over two paths") % kind


def _bounds(
    node: Node | None, side: Side, kind: FactKind, names: Vocabulary
) -> Iterator[tuple[Bound, Node]]:
    if node is None:
        return
    entries = keys(node, side, (), map(str, Measured))
    if not entries:
        text = _("'%(side)s' needs at least one of: %(allowed)s")
        raise Refused(node.position, text % {"side": side, "allowed": listing(Measured)})
    for name, entry in entries.items():
        measured = Measured(name)
        if measured is Measured.COUNT:
            bound = Bound(Measure(measured), side, _count(entry, name, side, names))
        elif measured is Measured.SHARE:
            bound = _share(entry, side, kind, names)
        else:
            bound = _over_path(entry, measured, side, kind, names)
        yield bound, entry


def _count(node: Node, what: str, side: Side, names: Vocabulary) -> Literal | ParameterRef:
    """A number of facts or values; a side on which every group or none lies is in vain."""
    return parse_number(node, what, names, 1 if side in (Side.AT_LEAST, Side.LESS_THAN) else 0)


def _share(node: Node, side: Side, kind: FactKind, names: Vocabulary) -> Bound:
    entries = keys(node, "share", ("where", "percent"))
    where = parse_where(entries["where"], Sides(kind, kind), names)
    percent = parse_number(entries["percent"], "percent", names, 0)
    for value in _known_values(percent, names):
        if (problem := percent_problem(value)) is not None:
            raise Refused(entries["percent"].position, problem)
    return Bound(Measure(Measured.SHARE, where=where), side, percent)


def _known_values(number: Literal | ParameterRef, names: Vocabulary) -> list[ParameterValue]:
    if isinstance(number, Literal):
        return [number.value]
    return [value for _day, value in names.parameters[number.name].values]


def _over_path(
    node: Node, measured: Measured, side: Side, kind: FactKind, names: Vocabulary
) -> Bound:
    if not isinstance(node, MappingNode) or len(node.entries) != 1:
        text = _("'%s' must be one path and its bound")
        raise Refused(node.position, text % measured)
    name, value = next(iter(node.entries.items()))
    path = parse_path(name, kind, names.kinds, node.position)
    measure = Measure(measured, path)
    if measured is Measured.COUNT_DISTINCT:
        return Bound(measure, side, _count(value, measured, side, names))
    fitting = [of for of, scale in SCALES.items() if scale.adds or measured is not Measured.SUM]
    if path.type not in fitting:
        text = _("'%(measure)s' of '%(path)s': type %(type)s %(lacks)s; allowed: %(allowed)s")
        values = {"measure": measured, "path": path.text, "type": path.type}
        values |= {"lacks": str(_LACKING[measured]), "allowed": listing(fitting)}
        raise Refused(node.position, text % values)
    return Bound(measure, side, parse_quantity(value, path.type, names))


def written(bound: Bound) -> str:
    """A bound as it stands in the file: its side and its measure, and a number that is given."""
    text = f"{bound.side} {bound.measure.kind}"
    if isinstance(bound.value, Literal) and bound.value.type is FieldType.INTEGER:
        return f"{text} {bound.value.value}"
    return text
