"""A text read into nodes that know from where to where they stand, for who changes it in place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from yaml.cyaml import CParser
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from tiesan.rules.positions import Refused
from tiesan.rules.reading.reader import read_text
from tiesan.rules.reading.stand_ins import StandIns

# Where a value stands: names of keys and numbers of items, from the root on.
Address: TypeAlias = tuple[str | int, ...]
# What stands in a text, without places.
Plain: TypeAlias = str | list["Plain"] | dict[str, "Plain"]


@dataclass(slots=True)
class Marked:
    """A node from ``start`` to ``end``; its value is a text, a list or entries.

    ``keys`` has for each entry where its key begins and ends. ``braced`` says that it is written in
    braces or brackets, ``bare`` that a text is written without quotes.
    """

    start: int
    end: int
    text: str | None = None
    items: list["Marked"] = field(default_factory=list)
    entries: dict[str, "Marked"] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    is_list: bool = False
    braced: bool = False
    bare: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is a single value."""
        return self.text is not None

    @property
    def blank(self) -> bool:
        """Whether nothing is written here."""
        return self.text == "" and self.bare

    def at(self, address: Address) -> "Marked | None":
        """The node at an address below this one; None where there is none."""
        node: Marked | None = self
        for step in address:
            if node is None:
                return None
            if isinstance(step, int):
                node = node.items[step] if node.is_list and 0 <= step < len(node.items) else None
            else:
                node = node.entries.get(step)
        return node

    def plain(self) -> Plain:
        """What it says, without places."""
        if self.text is not None:
            return self.text
        if self.is_list:
            return [each.plain() for each in self.items]
        return {name: each.plain() for name, each in self.entries.items()}

    def within(self, address: Address = ()) -> Iterator[tuple[Address, "Marked"]]:
        """This node and all below it, each with its address, from the outside in."""
        yield address, self
        for number, each in enumerate(self.items):
            yield from each.within((*address, number))
        for name, each in self.entries.items():
            yield from each.within((*address, name))


class UnreadableError(ValueError):
    """A text that cannot be read at all, so that nothing in it has a place."""


def marked(text: str) -> Marked:
    """Read a text; raises UnreadableError where it cannot be read as one of rules."""
    try:
        # What the reader refuses (anchors, tags, depth, a key twice) is refused here as well.
        read_text(text, "")
    except Refused as refused:
        raise UnreadableError(refused.text) from refused
    read = StandIns(text)
    return _Builder(read).document()


class _Builder:
    def __init__(self, text: StandIns) -> None:
        self._next = CParser(text.text).get_event
        self._text = text

    def document(self) -> Marked:
        while not isinstance(event := self._next(), StreamEndEvent):
            if isinstance(event, NodeEvent):
                return self._node(event)
        raise ValueError("a text that was read has a root")

    def _node(self, event: Event) -> Marked:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        braced = bool(event.flow_style) if isinstance(event, _OPENING) else False
        node = Marked(start, end, braced=braced, is_list=isinstance(event, SequenceStartEvent))
        closing = self._items(node) if node.is_list else self._entries(node)
        inner = (*node.items, *node.entries.values())
        # Of a block the last line of what it holds is the end; libyaml has comments behind it too.
        node.end = closing.end_mark.index if braced else max(each.end for each in inner)
        return node

    def _scalar(self, event: ScalarEvent) -> Marked:
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("|", ">"):
            end = start + len(self._text.text[start:end].rstrip())
        bare = event.style in (None, "")
        return Marked(start, end, text=self._text.back(event.value), bare=bare)

    def _items(self, node: Marked) -> Event:
        while not isinstance(event := self._next(), SequenceEndEvent):
            node.items.append(self._node(event))
        return event

    def _entries(self, node: Marked) -> Event:
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._scalar(event)
            value = self._node(self._next())
            if value.blank:
                # What is left out stands behind its colon.
                value.start = value.end = self._text.text.index(":", key.end) + 1
            node.entries[str(key.text)] = value
            node.keys[str(key.text)] = (key.start, key.end)
        return event


_OPENING = (SequenceStartEvent, MappingStartEvent)
