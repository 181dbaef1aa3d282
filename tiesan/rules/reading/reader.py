"""YAML read safely into nodes that keep every scalar's text and place.

Source: rules-language.md, "Files": YAML 1.2; duplicate keys, anchors, aliases and tags are refused,
as are files over 1 MB. No scalar is given a type here: that is for whoever knows the declared one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from tiesan.i18n import _
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.yaml_problems import in_words

MAX_BYTES = 1_000_000
_MAX_DEPTH = 40
_BLANKS = frozenset({"", "~", "null", "Null", "NULL"})
# Neither a database nor a file can hold these, though an escape can write them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar's text as written; ``quoted`` when it stood in quotes or in a block.

    ``verbatim`` says that the text stands in one line of the file, character by character.
    """

    text: str
    quoted: bool
    position: Position
    verbatim: bool = False

    @property
    def blank(self) -> bool:
        """Whether it is YAML's null (written without quotes)."""
        return not self.quoted and self.text in _BLANKS

    def place_of(self, part: str) -> Position:
        """Where a part of the text first stands; the place of the whole if that cannot be told."""
        if not self.verbatim or part not in self.text:
            return self.position
        column = self.position.column + self.text.index(part) + self.quoted
        return Position(self.position.file, self.position.line, column)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple["Node", ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and their nodes, in order; ``keys`` keeps the place of each key."""

    entries: dict[str, "Node"]
    keys: dict[str, Position]
    position: Position


Node: TypeAlias = Scalar | Sequence | Mapping


def read_file(path: Path, name: str | None = None) -> Node:
    """The root node of a file; raises Refused when it cannot be read as such."""
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
    return read_bytes(content, shown)


def read_bytes(content: bytes, name: str) -> Node:
    """The root node of a file's bytes; raises Refused."""
    start = Position(name, 1, 1)
    if len(content) > MAX_BYTES:
        raise Refused(start, _("the file is larger than 1 MB"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(start, _("the file is not UTF-8 text")) from error
    return read_text(text, name)


def read_text(text: str, name: str) -> Node:
    """The root node of a text; raises Refused."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused(Position(name, 1, 1), _("the file is larger than 1 MB"))
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"
    try:
        return _Builder(yaml.parse(text), name).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Position(name, mark.line + 1, mark.column + 1) if mark else Position(name, 1, 1)
        raise Refused(place, _("this is no valid YAML: %s") % in_words(error.problem)) from error
    except ReaderError as error:
        before = text[: error.position].split("\n")
        place = Position(name, len(before), len(before[-1]) + 1)
        raise Refused(place, _("the text holds a character that cannot be stored")) from error
    except YAMLError as error:
        first = str(error).splitlines()[0]
        raise Refused(Position(name, 1, 1), _("this is no valid YAML: %s") % first) from error
    except (ValueError, OverflowError) as error:
        # The parser passes on what Python says of an escape such as \\U00110000.
        raise Refused(Position(name, 1, 1), _("an escape beyond the end of Unicode")) from error
    except AssertionError as error:
        # So the parser answers a directive %YAML of a version that it does not know.
        raise Refused(
            Position(name, 1, 1), _("the file is of another version than YAML 1.2")
        ) from error


class _Builder:
    """Builds nodes from the stream of parse events of one document."""

    def __init__(self, events: Iterator[Event], name: str) -> None:
        self._events = events
        self._name = name

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, NodeEvent):
                if root is not None:
                    raise Refused(self._place(event), _("only one document per file"))
                root = self._node(event, 0)
            elif isinstance(event, StreamEndEvent):
                break
        if root is None:
            raise Refused(Position(self._name, 1, 1), _("the file is empty"))
        return root

    def _place(self, event: Event) -> Position:
        mark = event.start_mark
        return Position(self._name, mark.line + 1, mark.column + 1)

    def _node(self, event: Event, depth: int) -> Node:
        position = self._place(event)
        if not isinstance(event, NodeEvent):
            raise Refused(position, _("this is no valid YAML: %s") % event)
        self._check_plain(event, position, depth)
        if isinstance(event, ScalarEvent):
            return _scalar(event, position)
        if isinstance(event, SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), position)
        return self._mapping(position, depth)

    @staticmethod
    def _check_plain(event: NodeEvent, position: Position, depth: int) -> None:
        if isinstance(event, AliasEvent):
            raise Refused(position, _("aliases (*name) are not allowed"))
        if event.anchor is not None:
            raise Refused(position, _("anchors (&name) are not allowed"))
        if getattr(event, "tag", None) is not None:
            raise Refused(position, _("tags (!name) are not allowed"))
        if depth > _MAX_DEPTH:
            raise Refused(position, _("nested too deeply"))

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                return
            yield self._node(event, depth + 1)

    def _mapping(self, position: Position, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise Refused(self._place(event), _("a key must be a plain text"))
            if key.text in entries:
                raise Refused(key.position, _("the key '%s' stands here twice") % key.text)
            keys[key.text] = key.position
            entries[key.text] = self._node(next(self._events), depth + 1)
        return Mapping(entries, keys, position)


def _scalar(event: ScalarEvent, position: Position) -> Scalar:
    quoted = event.style not in (None, "")
    text = _storable(event.value, position)
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
        raise Refused(position, _("the text holds a character that cannot be stored"))
    return joined
