"""Reading nodes with a demand on their structure; what is wrong names what is allowed."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingType

from tiesan.i18n import _
from tiesan.rules.positions import Refused
from tiesan.rules.reading.nodes import Mapping, Node, Scalar, Sequence
from tiesan.rules.spelling import listing

# How keys are written.
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def mapping(node: Node, what: str) -> Mapping:
    """The node as a mapping; raises Refused when it is none."""
    if not isinstance(node, Mapping):
        raise Refused(node.position, _("%s must be a mapping of keys to values") % what)
    return node


def keys(
    node: Node, what: str, required: Iterable[str], optional: Iterable[str] = ()
) -> MappingType[str, Node]:
    """The entries of a mapping that has all the required keys and no others than these.

    Raises Refused with the first unknown or missing key and the keys that are allowed.
    """
    found, required = mapping(node, what), tuple(required)
    allowed = (*required, *optional)
    for key, position in found.keys.items():
        if key not in allowed:
            text = _("unknown key '%(key)s' in %(what)s; allowed: %(allowed)s")
            values = {"key": key, "what": what, "allowed": listing(allowed, key)}
            raise Refused(position, text % values + _cut_off(found, key))
    for key in required:
        if key not in found.entries:
            text = _("%(what)s lacks the key '%(key)s'")
            raise Refused(found.position, text % {"what": what, "key": key})
    return found.entries


def _cut_off(found: Mapping, key: str) -> str:
    """That a key may be the rest of a text which a comma cut off; nothing where it looks like one.

    Between braces a comma ends a text that is not in quotes, and what follows it is a key.
    """
    value = found.entries[key]
    stray = (isinstance(value, Scalar) and value.blank) or _KEY.fullmatch(key) is None
    beside = (each for name, each in found.entries.items() if name != key)
    text = any(isinstance(each, Scalar) and not each.quoted and not each.blank for each in beside)
    if not (found.in_braces and stray and text):
        return ""
    return "; " + _("a text with a comma, colon or brace stands in quotes")


def sequence(node: Node, what: str) -> tuple[Node, ...]:
    """The items of a list; raises Refused when it is none."""
    if not isinstance(node, Sequence):
        raise Refused(node.position, _("%s must be a list") % what)
    return node.items


def scalar(node: Node, what: str) -> Scalar:
    """The node as a scalar that is not blank; raises Refused."""
    if not isinstance(node, Scalar):
        raise Refused(node.position, _("%s must be a single value") % what)
    if node.blank or not node.text.strip():
        raise Refused(node.position, _("%s must not be blank") % what)
    return node


def one_of(node: Node, what: str, allowed: Iterable[str]) -> str:
    """The text of a scalar that is one of the allowed ones; raises Refused."""
    found, names = scalar(node, what), tuple(allowed)
    if found.text not in names:
        text = _("%(what)s is '%(found)s'; allowed: %(allowed)s")
        values = {"what": what, "found": found.text, "allowed": listing(names, found.text)}
        raise Refused(found.position, text % values)
    return found.text


def single_key(entries: MappingType[str, Node], names: Iterable[str], node: Node) -> str:
    """The one key of several that is given; raises Refused when none or more than one is."""
    names = tuple(names)
    given = [name for name in names if name in entries]
    if len(given) != 1:
        text = _("exactly one of these must be given: %(allowed)s; found: %(found)s")
        values = {"allowed": listing(names), "found": listing(given) or _("none")}
        raise Refused(node.position, text % values)
    return given[0]
