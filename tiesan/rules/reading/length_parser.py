"""``lengths`` beside the conditions of a fact: each becomes a field of that fact in its rule."""

from collections.abc import Iterable
from typing import cast

from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import LazyText, _, current_language
from tiesan.rules.bilingual import Text
from tiesan.rules.lengths import FROM_NOON, MOST_LENGTHS, UNTIL_NOON, Length
from tiesan.rules.positions import Refused
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar, sequence
from tiesan.rules.reading.text_parser import parse_name, parse_text
from tiesan.rules.tree import Path, Unit

_UNITS = (Unit.DAYS, Unit.WORKING_DAYS)
_TWO = 2


def with_lengths(
    node: Node | None, shape: FactKind, vocabulary: Vocabulary, derived: Iterable[str] = ()
) -> FactKind:
    """The fields of a fact with its lengths behind them; None measures nothing.

    ``derived`` are names of what a form derives besides the fields of ``shape``. Raises Refused.
    """
    if node is None:
        return shape
    found, taken = mapping(node, "lengths"), {*shape.by_name, *derived}
    if len(found.entries) > MOST_LENGTHS:
        raise Refused(node.position, _("more than %d lengths") % MOST_LENGTHS)
    lengths = []
    for name, entry in found.entries.items():
        parse_name(name, found.keys[name])
        if name in taken:
            text = _("the length '%s' bears the name of a field or of what the form derives")
            raise Refused(found.keys[name], text % name)
        lengths.append(_length(name, entry, shape, vocabulary))
    return shape.with_fields(lengths)


def _length(name: str, node: Node, shape: FactKind, vocabulary: Vocabulary) -> Length:
    what = _("the length '%s'") % name
    entries = keys(node, what, ("span", "unit"), ("halves", "label"))
    start, end = _two(entries["span"], "span", shape, vocabulary)
    for path, at in (start, end):
        if path.type is not FieldType.DATE:
            text = _("%(what)s: '%(path)s' is of type %(type)s, not a date")
            values = {"what": what, "path": path.text, "type": path.type}
            raise Refused(at.position, text % values)
    span = (start[0], end[0])
    return Length(
        name,
        FieldType.LENGTH,
        _label(entries.get("label"), span),
        derived=True,
        span=span,
        unit=Unit(one_of(entries["unit"], "unit", _UNITS)),
        halves=_halves(entries.get("halves"), shape, vocabulary),
        labelled="label" in entries,
    )


def _two(
    node: Node, what: str, shape: FactKind, vocabulary: Vocabulary
) -> tuple[tuple[Path, Scalar], tuple[Path, Scalar]]:
    """The two paths of a list, each with its place."""
    items = sequence(node, what)
    if len(items) != _TWO:
        raise Refused(node.position, _("'%s' must name two fields: the first and the last") % what)
    texts = [scalar(each, what) for each in items]
    paths = [parse_path(each.text, shape, vocabulary.kinds, each.position) for each in texts]
    return (paths[0], texts[0]), (paths[1], texts[1])


def _halves(node: Node | None, shape: FactKind, vocabulary: Vocabulary) -> tuple[Path, Path] | None:
    if node is None:
        return None
    found = _two(node, "halves", shape, vocabulary)
    for (path, at), half in zip(found, (FROM_NOON, UNTIL_NOON), strict=True):
        if half not in path.last.choices:
            text = _("halves: '%(path)s' has no choice '%(half)s'")
            raise Refused(at.position, text % {"path": path.text, "half": half})
    return found[0][0], found[1][0]


def _label(node: Node | None, span: tuple[Path, Path]) -> str:
    if node is None:
        return cast("str", LazyText(_unlabelled, span, enable_cache=False))
    return cast("str", LazyText(_in_words, parse_text(node, "label"), enable_cache=False))


def _in_words(text: Text) -> str:
    return text.in_language(current_language())


def _unlabelled(span: tuple[Path, Path]) -> str:
    named = {"first": span[0].last.label, "last": span[1].last.label}
    return _("Days from “%(first)s” to “%(last)s”") % named
