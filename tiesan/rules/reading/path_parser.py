"""Paths, and templates made of them, resolved against a fact kind."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tiesan.facts.kinds import FactKind, FactKinds, FieldType
from tiesan.i18n import _
from tiesan.rules.parameters import Parameter
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.positions import Position, Problems, Refused
from tiesan.rules.reading.nodes import Scalar
from tiesan.rules.spelling import listing
from tiesan.rules.tree import ParameterRef, Path, Template

_PARTS: Mapping[FieldType, type[DatePart] | type[TextPart]] = {
    FieldType.DATE: DatePart,
    FieldType.TEXT: TextPart,
}
# So many references a path may cross.
_MOST_REFERENCES = 2
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Vocabulary:
    """What the conditions of one rule may name: the fact kinds and the rule's parameters.

    ``problems`` takes what is wrong with one condition, so that the others are read all the same;
    ``used`` the names of the parameters on which the rule's answer depends.
    """

    kinds: FactKinds
    parameters: Mapping[str, Parameter]
    problems: Problems
    used: set[str] = field(default_factory=set)


def parse_path(text: str, shape: FactKind, kinds: FactKinds, position: Position) -> Path:
    """The path of a text without leading dot; raises Refused when a step does not exist."""
    names = text.split(".")
    # A tally has fields with dots in their names, the paths that it is grouped by.
    spans = (end for end in range(len(names), 0, -1) if ".".join(names[:end]) in shape.by_name)
    end = next(spans, 1)
    first, steps = ".".join(names[:end]), names[end:]
    if first not in shape.by_name:
        message = _("unknown field '%(field)s' of %(kind)s; allowed: %(allowed)s")
        # A form's own fact is named after the form and its rule; the author knows the form.
        kind, allowed = shape.name.split(":")[0], listing(shape.by_name, first)
        raise Refused(position, message % {"field": first, "kind": kind, "allowed": allowed})
    path = Path(text, shape.name, shape.by_name[first])
    while steps and path.last.to is not None and len(path.through) < _MOST_REFERENCES:
        path = _through(path, kinds[path.last.to], steps.pop(0), position)
    if steps and path.last.type in _PARTS:
        path = replace(path, part=_part(steps.pop(0), path.last.type, position))
    if steps:
        raise Refused(position, _wrong_step(path, steps[0]))
    return path


def _wrong_step(path: Path, step: str) -> str:
    values = {"step": step, "path": path.text, "type": path.type}
    if path.last.to is not None:
        return _("the path '%(path)s' crosses more than two references at '%(step)s'") % values
    return (
        _("'%(step)s' in '%(path)s' does not follow: what stands before it is of type %(type)s")
        % values
    )


def _through(path: Path, kind: FactKind, step: str, position: Position) -> Path:
    if step not in kind.by_name or kind.by_name[step].derived:
        message = _("unknown field '%(field)s' of %(kind)s; allowed: %(allowed)s")
        allowed = listing((name for name, each in kind.by_name.items() if not each.derived), step)
        raise Refused(position, message % {"field": step, "kind": kind.name, "allowed": allowed})
    return replace(path, through=(*path.through, kind.by_name[step]))


def _part(step: str, of_type: FieldType, position: Position) -> Part:
    parts = _PARTS[of_type]
    if step not in list(parts):
        message = _("unknown part '%(part)s' of a date; allowed: %(allowed)s")
        if of_type is FieldType.TEXT:
            message = _("unknown part '%(part)s' of a text; allowed: %(allowed)s")
        raise Refused(position, message % {"part": step, "allowed": listing(parts, step)})
    return parts(step)


def parse_template(
    node: Scalar, shape: FactKind, vocabulary: Vocabulary, *, bare: bool = False
) -> Template:
    """A text with ``{path}`` and ``{parameter}`` in it; ``bare``: without braces it is one path.

    Raises Refused for an unknown placeholder (at its own place) or a lone brace.
    """
    text = unicodedata.normalize("NFC", node.text if bare else node.text.strip())
    if bare and "{" not in text:
        return Template((parse_path(text, shape, vocabulary.kinds, node.position),))
    parts: list[str | Path | ParameterRef] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(_placeholder(match[1], shape, vocabulary, node.place_of(match[0])))
        end = match.end()
    parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise Refused(node.position, _("a lone brace in '%s'") % text)
    return Template(tuple(part for part in parts if part != ""))


def _placeholder(
    name: str, shape: FactKind, vocabulary: Vocabulary, position: Position
) -> Path | ParameterRef:
    if name in vocabulary.parameters and name not in shape.by_name:
        return ParameterRef(name, vocabulary.parameters[name].type)
    try:
        return parse_path(name, shape, vocabulary.kinds, position)
    except Refused as refused:
        text = _("unknown placeholder '{%(name)s}': %(reason)s")
        if vocabulary.parameters:
            text = _("unknown placeholder '{%(name)s}': %(reason)s; parameters: %(parameters)s")
        values = {
            "name": name,
            "reason": refused.text,
            "parameters": listing(vocabulary.parameters, name),
        }
        raise Refused(position, text % values) from refused
