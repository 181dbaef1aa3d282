"""Names and texts in two languages."""

import re
import unicodedata

from tiesan.i18n import _
from tiesan.rules.bilingual import Text
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.nodes import Node
from tiesan.rules.reading.structure import keys, scalar

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RULE_ID = re.compile(rf"{_NAME.pattern}\.{_NAME.pattern}")


def parse_text(node: Node, what: str) -> Text:
    """``{zh: …, en: …}``; raises Refused."""
    entries = keys(node, what, ("zh", "en"))
    texts = (scalar(entries[each], f"{what}.{each}").text.strip() for each in ("zh", "en"))
    return Text(*(unicodedata.normalize("NFC", text) for text in texts))


def parse_name(text: str, position: Position) -> str:
    """A name in snake_case; raises Refused."""
    if not _NAME.fullmatch(text):
        raise Refused(position, _("'%s' is no name; allowed: snake_case") % text)
    return text


def parse_rule_id(node: Node, plugin: str) -> str:
    """``<plugin>.<snake_case>`` with the file's plugin; raises Refused."""
    found = scalar(node, "id")
    if not _RULE_ID.fullmatch(found.text):
        text = _("'%s' is no rule id; allowed: <plugin>.<snake_case>")
        raise Refused(found.position, text % found.text)
    if found.text.split(".")[0] != plugin:
        text = _("the rule '%(id)s' does not belong to the plugin '%(plugin)s' of this file")
        raise Refused(found.position, text % {"id": found.text, "plugin": plugin})
    return found.text
