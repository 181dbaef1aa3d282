"""What every form is parsed into, and what their parsers share."""

from dataclasses import dataclass

from tiesan.facts.kinds import FactKind, FieldType
from tiesan.i18n import _
from tiesan.rules.positions import Refused
from tiesan.rules.reading.nodes import Node
from tiesan.rules.reading.path_parser import Vocabulary, parse_path
from tiesan.rules.reading.structure import scalar
from tiesan.rules.tree import Form, Path

# Who may owe something, and whom a flag may be about.
OWING = ("cadre", "organization")


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


def parse_date_path(node: Node, shape: FactKind, names: Vocabulary) -> Path:
    """The path of a date; raises Refused."""
    text = scalar(node, _("a date"))
    path = parse_path(text.text, shape, names.kinds, text.position)
    if path.type is not FieldType.DATE:
        values = {"path": path.text, "type": path.type}
        raise Refused(text.position, _("'%(path)s' is of type %(type)s, not a date") % values)
    return path


def parse_whose(node: Node, kind: FactKind, owner: FactKind, names: Vocabulary) -> Path:
    """The path by which a fact of a kind names one of those who owe; raises Refused."""
    text = scalar(node, "by")
    by = parse_path(text.text, kind, names.kinds, text.position)
    if by.last.to != owner.name:
        message = _("'%(path)s' names no %(kind)s")
        raise Refused(text.position, message % {"path": by.text, "kind": owner.name})
    return by
