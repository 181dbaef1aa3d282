"""YAML read safely into nodes, by the events of libyaml.

Source: rules-language.md, "Files": YAML 1.2; duplicate keys, anchors, aliases and tags are refused,
as are files over 1 MB.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yaml.cyaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from tiesan.i18n import _
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.nodes import Mapping, Node, Scalar, Sequence
from tiesan.rules.reading.stand_ins import StandIns
from tiesan.rules.reading.yaml_problems import (
    ALIAS,
    ANCHOR,
    ANOTHER_DOCUMENT,
    DEPTH,
    TAG,
    in_words,
    in_words_of_scanning,
)

MAX_BYTES = 1_000_000
# By how much an event goes deeper into a node.
_DEEPER = {SequenceStartEvent: 1, MappingStartEvent: 1, SequenceEndEvent: -1, MappingEndEvent: -1}
_MAX_DEPTH = 40
# Neither a database nor a file can hold these, though an escape can write them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What YAML lets nobody write into a file.
_UNREADABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_file(
    path: Path, name: str | None = None, *, passing: frozenset[str] = frozenset()
) -> Node:
    """The root node of a file; raises Refused when it cannot be read as such.

    The values of keys in ``passing`` are passed over: each is read as a list of as many blanks as
    it has items.
    """
    shown = name or str(path)
    start = Position(shown, 1, 1)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused(start, _("the file is larger than 1 MB"))
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(start, _("there is no such file")) from error
    except IsADirectoryError as error:
        raise Refused(start, _("this is a folder; allowed: a file")) from error
    except OSError as error:
        raise Refused(start, _("the file cannot be read: %s") % error.strerror) from error
    return read_bytes(content, shown, passing=passing)


def read_bytes(content: bytes, name: str, *, passing: frozenset[str] = frozenset()) -> Node:
    """The root node of a file's bytes; raises Refused. ``passing`` as in `read_file`."""
    start = Position(name, 1, 1)
    if len(content) > MAX_BYTES:
        raise Refused(start, _("the file is larger than 1 MB"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(start, _("the file is not UTF-8 text")) from error
    return read_text(text, name, passing=passing)


def read_text(text: str, name: str, *, passing: frozenset[str] = frozenset()) -> Node:
    """The root node of a text; raises Refused. ``passing`` as in `read_file`."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused(Position(name, 1, 1), _("the file is larger than 1 MB"))
    if wrong := _UNREADABLE.search(text):
        raise Refused(_place_in(text, wrong.start(), name), _unstorable())
    try:
        read = StandIns(text)
    except ValueError as error:
        raise Refused(Position(name, 1, 1), _unstorable()) from error
    try:
        return _Builder(read, name, passing).document()
    except MarkedYAMLError as error:
        raise _refusal(error, text, name) from error


def _refusal(error: MarkedYAMLError, text: str, name: str) -> Refused:
    """What libyaml finds wrong, with its place; what is refused anyway is named where it begins."""
    mark, refused = error.problem_mark or error.context_mark, in_words_of_scanning(error.context)
    if refused is not None:
        mark = error.context_mark or mark
    if mark is None:
        return Refused(Position(name, 1, 1), str(error.problem))
    # Of a wrong escape libyaml names the backslash; what stands behind it is what is wrong.
    behind = int(error.problem == "found unknown escape character")
    place = Position(name, mark.line + 1, mark.column + 1 + behind)
    if mark.index >= len(text):
        place = _place_in(text, len(text), name)
    return Refused(place, refused or in_words(error.problem, text, mark.index + behind))


def _unstorable() -> str:
    return _("the text holds a character that cannot be stored")


def _place_in(text: str, index: int, name: str) -> Position:
    before = text[:index].split("\n")
    return Position(name, len(before), len(before[-1]) + 1)


class _Builder:
    """Builds nodes from the stream of parse events of one document."""

    def __init__(self, text: StandIns, name: str, passing: frozenset[str]) -> None:
        self._next = CParser(text.text).get_event
        self._text, self._name, self._passing = text, name, passing

    def document(self) -> Node:
        root: Node | None = None
        while not isinstance(event := self._next(), StreamEndEvent):
            if isinstance(event, NodeEvent):
                if root is not None:
                    raise Refused(self._place(event), str(ANOTHER_DOCUMENT))
                root = self._node(event, 0)
        if root is None:
            raise Refused(Position(self._name, 1, 1), _("the file is empty"))
        return root

    def _place(self, event: Event) -> Position:
        mark = event.start_mark
        return Position(self._name, mark.line + 1, mark.column + 1)

    def _node(self, event: Event, depth: int) -> Node:
        position = self._place(event)
        self._check_plain(event, position, depth)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, position)
        if isinstance(event, SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), position)
        in_braces = isinstance(event, MappingStartEvent) and bool(event.flow_style)
        return replace(self._mapping(position, depth), in_braces=in_braces)

    @staticmethod
    def _check_plain(event: Event, position: Position, depth: int) -> None:
        if isinstance(event, AliasEvent):
            raise Refused(position, str(ALIAS))
        if event.anchor is not None:
            raise Refused(position, str(ANCHOR))
        if event.tag is not None:
            raise Refused(position, str(TAG))
        if depth > _MAX_DEPTH:
            raise Refused(position, str(DEPTH))

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _mapping(self, position: Position, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise Refused(self._place(event), _("a key must be a plain text"))
            if key.text in entries:
                raise Refused(key.position, _("the key '%s' stands here twice") % key.text)
            keys[key.text] = key.position
            read = self._passed_over if key.text in self._passing else self._node
            value = read(self._next(), depth + 1)
            entries[key.text] = self._behind(event, value)
        return Mapping(entries, keys, position)

    def _behind(self, key: Event, value: Node) -> Node:
        """The value of a key; where it is left out, its place is behind the colon."""
        if not isinstance(value, Scalar) or value.text or value.quoted:
            return value
        text, end = self._text.text, key.end_mark.index
        colon = text.find(":", end)
        if colon < 0 or text[end:colon].strip(" "):
            return value
        mark = key.end_mark
        place = Position(self._name, mark.line + 1, mark.column + 2 + colon - end)
        return replace(value, position=place)

    def _passed_over(self, event: Event, _depth: int) -> Node:
        """A list of blanks in the place of a node whose events are skipped."""
        position, opened, items = self._place(event), _DEEPER.get(type(event), 0), 0
        while opened:
            deeper = _DEEPER.get(type(event := self._next()), 0)
            items += opened == 1 and deeper >= 0
            opened += deeper
        return Sequence((Scalar("", quoted=False, position=position),) * items, position)

    def _scalar(self, event: ScalarEvent, position: Position) -> Scalar:
        quoted = event.style not in (None, "")
        text = _storable(self._text.back(event.value), position)
        start, end = event.start_mark, event.end_mark
        # A text of this length within its marks has no escapes in it, and no folded lines.
        verbatim = start.line == end.line and end.index - start.index == len(text) + 2 * quoted
        return Scalar(text, quoted, position, verbatim)


def _storable(text: str, position: Position) -> str:
    """The text with pairs of surrogates, as JSON escapes have them, joined to one character."""
    if _UNSTORABLE.search(text) is None:
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if _UNSTORABLE.search(joined) is not None:
        raise Refused(position, _unstorable())
    return joined
