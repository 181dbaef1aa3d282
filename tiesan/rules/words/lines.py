"""What a rule in plain words is made of: lines, each with the part of the rule that it states."""

from dataclasses import dataclass, field
from typing import TypeAlias

from tiesan.rules.tree import Condition, Counts, Dated, Measure, Related, Selection

# What the conditions of a line are about, where that is not what the rule starts from.
About: TypeAlias = Related | Dated | Counts | Measure | Selection


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a rule that holds or does not.

    ``part`` is None for what the form itself derives, as that a deadline has passed.
    """

    part: Condition | Related | None
    about: About | None = None


@dataclass(frozen=True)
class Line:
    """One line of an explanation; ``depth`` says how far it belongs under the line above.

    ``said`` is what it states of a fact, None for a line that only describes.
    """

    text: str
    depth: int = 0
    said: Said | None = field(default=None, compare=False)
