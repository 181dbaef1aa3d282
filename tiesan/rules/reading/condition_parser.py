"""Conditions, checked: every comparison has known fields and sides of one type."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _
from tiesan.rules.literals import parse_literal
from tiesan.rules.positions import Refused
from tiesan.rules.reading.half_days import in_half_days
from tiesan.rules.reading.length_parser import with_lengths
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.nodes import Sequence as SequenceNode
from tiesan.rules.reading.parameter_parser import reference_to
from tiesan.rules.reading.part_values import check_matched, check_part
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar, sequence, single_key
from tiesan.rules.spelling import listing
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
    Selection,
)

# How many groups may stand inside one another around a comparison.
MAX_DEPTH = 8
# How many related facts a record may be asked for.
MOST_RELATED = 3
# More days than so many digits count are more than there are.
_MOST_DIGITS = 7
_GROUPS: Mapping[str, type[AnyOf] | type[AllOf] | type[NoneOf]] = {
    "any": AnyOf,
    "all": AllOf,
    "not": NoneOf,
}
_ORDERED = frozenset(
    {FieldType.INTEGER, FieldType.AMOUNT, FieldType.DATE, FieldType.TIME, FieldType.LENGTH}
)
# Numbers of days, whole and in half days.
_COMPARABLE = {FieldType.INTEGER, FieldType.LENGTH}
_ORDERING = frozenset({Op.LT, Op.LTE, Op.GT, Op.GTE})
_TEXTUAL = frozenset({Op.CONTAINS, Op.STARTS_WITH, Op.MATCHES_TEXT})
# Whose value may be a list, and whose must be one.
_LISTED = frozenset({Op.IN, Op.NOT_IN, Op.MATCHES_TEXT})
_LISTS = frozenset({Op.IN, Op.NOT_IN})
_BLANKNESS = frozenset({Op.PRESENT, Op.ABSENT})


@dataclass(frozen=True)
class Sides:
    """Where the two sides of a comparison start: the fact's own kind, and the anchor's."""

    own: FactKind
    anchor: FactKind


def ops_of(kind: FieldType) -> list[Op]:
    """The comparisons that a type has."""
    without = frozenset[Op]()
    if kind not in _ORDERED:
        without |= _ORDERING
    if kind is not FieldType.TEXT:
        without |= _TEXTUAL
    if kind is not FieldType.DATE:
        without |= {Op.WITHIN_DAYS}
    return [op for op in Op if op not in without]


def parse_where(node: Node | None, sides: Sides, vocabulary: Vocabulary) -> AllOf:
    """A ``where`` list, all of which must hold; None is the empty list.

    A condition that is refused is left out and remembered in ``vocabulary.problems``. Raises
    Refused when the list is none.
    """
    if node is None:
        return AllOf(())
    return AllOf(_conditions(sequence(node, "where"), sides, vocabulary, 1))


def _conditions(
    nodes: Iterable[Node], sides: Sides, vocabulary: Vocabulary, depth: int
) -> tuple[Condition, ...]:
    parts: list[Condition] = []
    for node in nodes:
        try:
            parts.append(_condition(node, sides, vocabulary, depth))
        except Refused as refused:
            vocabulary.problems.add(refused)
    return tuple(parts)


def _condition(node: Node, sides: Sides, vocabulary: Vocabulary, depth: int) -> Condition:
    found = mapping(node, _("a condition"))
    group = next((name for name in _GROUPS if name in found.entries), None)
    if group is None:
        return _comparison(found, sides, vocabulary)
    if depth > MAX_DEPTH:
        raise Refused(node.position, _("conditions are nested deeper than %d") % MAX_DEPTH)
    items = sequence(keys(found, _("a group of conditions"), (group,))[group], group)
    if not items:
        raise Refused(found.entries[group].position, _("'%s' has no conditions in it") % group)
    return _GROUPS[group](_conditions(items, sides, vocabulary, depth + 1))


def _comparison(node: MappingNode, sides: Sides, vocabulary: Vocabulary) -> Comparison:
    entries = keys(node, _("a condition"), ("op",), ("field", "parameter", "value", "days"))
    side = single_key(entries, ("field", "parameter"), node)
    left = _left(side, scalar(entries[side], side), sides, vocabulary)
    op = Op(one_of(entries["op"], "op", Op))
    allowed = ops_of(left.type)
    if op not in allowed:
        text = _("a field of type %(type)s has no op '%(op)s'; allowed: %(allowed)s")
        values = {"type": left.type, "op": op, "allowed": listing(allowed)}
        raise Refused(entries["op"].position, text % values)
    value = entries.get("value")
    if (op in _BLANKNESS) is not (value is None):
        raise Refused(node.position, _value_wanted(op))
    days = _days(entries.get("days"), op, node, vocabulary)
    right = _right(value, op, left, sides, vocabulary)
    return in_half_days(Comparison(left, op, right, node.position, days))


def _days(
    node: Node | None, op: Op, at: Node, vocabulary: Vocabulary
) -> Literal | ParameterRef | None:
    """How far apart the two dates of ``within_days`` may lie."""
    if op is not Op.WITHIN_DAYS:
        if node is not None:
            raise Refused(node.position, _("only '%s' takes 'days'") % Op.WITHIN_DAYS)
        return None
    if node is None:
        raise Refused(at.position, _("'%s' needs 'days'") % op)
    given = scalar(node, "days")
    if given.text.startswith("$"):
        found = reference_to(given.text[1:], vocabulary, given.position)
        if found.type is FieldType.INTEGER:
            return found
    elif given.text.isascii() and given.text.isdecimal() and len(given.text) <= _MOST_DIGITS:
        return Literal(int(given.text), FieldType.INTEGER)
    text = _("'days' is '%s'; allowed: a whole number from 0 on, or a parameter of type integer")
    raise Refused(given.position, text % given.text)


def _value_wanted(op: Op) -> str:
    if op in _BLANKNESS:
        return _("the op '%s' takes no value") % op
    return _("the op '%s' needs a value") % op


def _left(side: str, name: Scalar, sides: Sides, vocabulary: Vocabulary) -> Path | ParameterRef:
    if side == "parameter":
        return reference_to(name.text, vocabulary, name.position)
    return parse_path(name.text, sides.own, vocabulary.kinds, name.position)


def _right(
    node: Node | None, op: Op, left: Path | ParameterRef, sides: Sides, vocabulary: Vocabulary
) -> Operand | tuple[Operand, ...] | None:
    if node is None:
        return None
    if op in _LISTED and _names_list(node, vocabulary):
        return _list(scalar(node, _("a value")), left, vocabulary)
    if op not in _LISTED or (op not in _LISTS and isinstance(node, Scalar | MappingNode)):
        return _operand(node, op, left, sides, vocabulary)
    items = sequence(node, _("the value of '%s'") % op)
    if not items:
        raise Refused(node.position, _("the list of '%s' is empty") % op)
    return tuple(_operand(each, op, left, sides, vocabulary) for each in items)


def _names_list(node: Node, vocabulary: Vocabulary) -> bool:
    """Whether a value is ``$name`` of a parameter that is a list."""
    if not isinstance(node, Scalar) or not node.text.startswith("$"):
        return False
    declared = vocabulary.parameters.get(node.text[1:])
    return declared is not None and declared.is_list


def _list(node: Scalar, left: Path | ParameterRef, vocabulary: Vocabulary) -> ParameterRef:
    found = reference_to(node.text[1:], vocabulary, node.position, may_be_list=True)
    _check_types(left, found, vocabulary, node)
    return found


def _operand(
    node: Node, op: Op, left: Path | ParameterRef, sides: Sides, vocabulary: Vocabulary
) -> Operand:
    if isinstance(node, MappingNode):
        text = scalar(keys(node, _("a value"), ("literal",))["literal"], "literal")
        return _literal(text, op, left, vocabulary)
    found = scalar(node, _("a value"))
    if found.text.startswith("$"):
        right: Operand = reference_to(found.text[1:], vocabulary, found.position)
    elif found.text.startswith("."):
        path = parse_path(found.text[1:], sides.anchor, vocabulary.kinds, found.position)
        right = AnchorPath(path)
    else:
        return _literal(found, op, left, vocabulary)
    _check_types(left, right, vocabulary, found)
    return right


def _literal(node: Scalar, op: Op, left: Path | ParameterRef, vocabulary: Vocabulary) -> Literal:
    try:
        value = parse_literal(node.text, left.type, _choices(left, vocabulary))
        if op is Op.MATCHES_TEXT:
            check_matched(str(value))
        elif isinstance(left, Path) and left.part is not None:
            check_part(left.part, op, value)
    except ValueError as error:
        raise Refused(node.position, str(error)) from error
    return Literal(value, left.type)


def _choices(side: Path | ParameterRef | AnchorPath, vocabulary: Vocabulary) -> tuple[str, ...]:
    if isinstance(side, ParameterRef):
        return tuple(vocabulary.parameters[side.name].choices)
    path = side.path if isinstance(side, AnchorPath) else side
    return tuple(path.last.choices)


def _check_types(
    left: Path | ParameterRef, right: Operand, vocabulary: Vocabulary, node: Scalar
) -> None:
    if left.type is right.type and left.type not in (FieldType.REFERENCE, FieldType.CHOICE):
        return
    is_list = isinstance(right, ParameterRef) and right.is_list
    if {left.type, right.type} == _COMPARABLE and not is_list:
        return
    right = cast("ParameterRef | AnchorPath", right)
    if left.type is right.type is FieldType.CHOICE:
        if set(_choices(left, vocabulary)) == set(_choices(right, vocabulary)):
            return
        raise Refused(node.position, _("the two sides have different choices"))
    left_kind, right_kind = _names(left), _names(right)
    if left_kind is not None and left_kind == right_kind:
        return
    text = _("%(left)s cannot be compared with %(right)s")
    values = {"left": _described(left), "right": _described(right)}
    raise Refused(node.position, text % values)


def _names(side: Path | ParameterRef | AnchorPath) -> str | None:
    """The kind whose rows a side names: by a reference, or by the kind's own code."""
    if isinstance(side, ParameterRef):
        return None
    path = side.path if isinstance(side, AnchorPath) else side
    if path.last.type is FieldType.REFERENCE:
        return path.last.to
    if path.last.name == "code" and path.part is None:
        return path.references[-1].to if path.references else path.kind
    return None


def _described(side: Path | ParameterRef | AnchorPath) -> str:
    if isinstance(side, ParameterRef):
        text = _("'$%(name)s' (list of %(type)s)") if side.is_list else _("'$%(name)s' (%(type)s)")
        return text % {"name": side.name, "type": side.type}
    path = side.path if isinstance(side, AnchorPath) else side
    kind = side.type if path.last.to is None else f"{side.type} {path.last.to}"
    return _("'%(name)s' (%(type)s)") % {"name": path.text, "type": kind}


def kind_named(node: Node, vocabulary: Vocabulary) -> FactKind:
    """The fact kind that a ``fact`` names; raises Refused."""
    return vocabulary.kinds[one_of(node, "fact", vocabulary.kinds)]


SELECTION_KEYS = ("where", "with", "without", "lengths")


def parse_selection(
    node: Node, entries: dict[str, Node], anchor: FactKind, own: FactKind, vocabulary: Vocabulary
) -> Selection:
    """``where``, ``with`` and ``without`` of a fact; raises Refused.

    ``own`` is the kind's name to read, ``anchor`` the shape at which its conditions start, with the
    lengths of the fact.
    """
    where = parse_where(entries.get("where"), Sides(anchor, anchor), vocabulary)
    related: list[Related] = []
    for name in ("with", "without"):
        for each in _one_or_several(entries[name]) if name in entries else ():
            inner = keys(each, name, ("fact",), ("where", "lengths"))
            kind = kind_named(inner["fact"], vocabulary)
            measured = with_lengths(inner.get("lengths"), kind, vocabulary)
            conditions = parse_where(inner.get("where"), Sides(measured, anchor), vocabulary)
            related.append(Related(kind.name, conditions, name == "without"))
    if len(related) > MOST_RELATED:
        raise Refused(node.position, _("more than %d related facts") % MOST_RELATED)
    return Selection(own.name, where, tuple(related))


def _one_or_several(node: Node) -> tuple[Node, ...]:
    """A related fact, or a list of them."""
    if isinstance(node, SequenceNode) and not node.items:
        raise Refused(node.position, _("the list of related facts is empty"))
    return node.items if isinstance(node, SequenceNode) else (node,)
