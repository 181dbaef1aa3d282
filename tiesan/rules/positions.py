"""Where in a rule file something stands, and what is wrong there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tiesan.errors import UserError

Parsed = TypeVar("Parsed")
Instead = TypeVar("Instead")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """The place as ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"


class Refused(Exception):  # noqa: N818 - it is caught where parsing can go on, and never leaves it.
    """One problem at one place of a rule file."""

    def __init__(self, position: Position, text: str) -> None:
        """Take the place and what is wrong there, in the user's language."""
        super().__init__(text)
        self.position = position
        self.text = text


class RuleFileError(UserError):
    """A rule file that was refused: every problem as ``file:line:column: text``."""


@dataclass(slots=True)
class Problems:
    """The problems found so far in one file; parsing goes on past each of them."""

    found: list[tuple[Position, str]] = field(default_factory=list)

    def add(self, refused: Refused) -> None:
        """Remember a problem."""
        self.found.append((refused.position, refused.text))

    def tried(self, parse: Callable[[], Parsed], instead: Instead) -> Parsed | Instead:
        """What ``parse`` gives, or ``instead`` when it is refused, which is remembered."""
        try:
            return parse()
        except Refused as refused:
            self.add(refused)
            return instead

    def raise_if_any(self) -> None:
        """Raise RuleFileError with all problems in order of their place."""
        if self.found:
            lines = [f"{position}: {text}" for position, text in sorted(self.found)]
            raise RuleFileError(dict.fromkeys(lines))
