"""What a rule file is read into: nodes that keep every scalar's text and place.

No scalar is given a type here: that is for whoever knows the declared one.
"""

from dataclasses import dataclass
from typing import TypeAlias

from tiesan.rules.positions import Position

_BLANKS = frozenset({"", "~", "null", "Null", "NULL"})


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
    """Keys and their nodes, in order; ``keys`` keeps the place of each key.

    ``in_braces`` says that it was written between braces, not in lines.
    """

    entries: dict[str, "Node"]
    keys: dict[str, Position]
    position: Position
    in_braces: bool = False


Node: TypeAlias = Scalar | Sequence | Mapping
