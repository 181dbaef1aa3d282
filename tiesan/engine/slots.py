"""Slots: what a fact carries on the wire, and the constants that slots are compared with.

The engine never sees a record's own fields. It sees slots: the value of a path, a boolean that the
plain evaluator settled beforehand, or the era of the parameters. A blank slot is left out.
"""

from dataclasses import dataclass, field
from datetime import date, time
from typing import TypeAlias

import orjson

from tiesan.facts.kinds import Value
from tiesan.rules import Condition, Length, Path, Values

# The engine compares longer texts by their first 65,536 bytes only; this stays far below.
TEXT_LIMIT = 8_000
# Beyond this an integer is no longer exact in every place that the engine puts it.
INTEGER_LIMIT = 2**53

Constant: TypeAlias = int | str | bool


@dataclass(frozen=True, slots=True)
class PathSlot:
    """The value of a path that starts at the fact; ``text`` tells what is read.

    It is the path as written, but for a length: two rules may give one name to different ones.
    """

    text: str
    path: Path = field(compare=False)

    @classmethod
    def of(cls, path: Path) -> "PathSlot":
        """The slot of a path."""
        text = path.text
        if isinstance(path.field, Length):
            measured = ", ".join(each.text for each in path.field.paths)
            text = f"{path.field.unit}({measured})"
        return cls(f"2 * {text}" if path.in_half_days else text, path)


@dataclass(frozen=True, slots=True)
class SettledSlot:
    """Whether a condition holds, settled by the plain evaluator with the values of one era.

    ``place`` tells the conditions of a rule apart; ``era`` is None when no parameter is involved.
    """

    rule: str
    place: int
    era: int | None
    condition: Condition = field(compare=False)
    values: Values = field(compare=False)


@dataclass(frozen=True, slots=True)
class VerdictSlot:
    """Whether the plain evaluator hits the fact: for relations that the engine cannot join."""

    rule: str


@dataclass(frozen=True, slots=True)
class EraSlot:
    """The era whose parameters hold for the fact; blank when the rule does not judge it."""

    rule: str


@dataclass(frozen=True, slots=True)
class HoldSlot:
    """Present on a fact that the engine is not to judge by the rule."""

    rule: str


Slot: TypeAlias = PathSlot | SettledSlot | VerdictSlot | EraSlot | HoldSlot


def constant(value: Value) -> Constant | None:
    """A value as the engine compares it; None when it can not be compared there exactly.

    Dates are ordinals, times minutes, amounts the fen that they are.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -INTEGER_LIMIT < value < INTEGER_LIMIT else None
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if isinstance(value, str):
        return value if is_plain(value) else None
    return None


def is_plain(text: str) -> bool:
    """Whether a text is short enough for the engine and can be written as UTF-8 at all."""
    try:
        return len(orjson.dumps(text)) <= TEXT_LIMIT
    except TypeError:  # A lone surrogate is no character and has no UTF-8 form.
        return False
