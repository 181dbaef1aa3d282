"""Lengths: the days between two dates of one record, under a name that a rule gives them.

Source: rules-language.md, "Lengths". A length counts in half days, so that it is exact.
"""

from dataclasses import dataclass

from tiesan.facts.kinds import Field
from tiesan.rules.tree import Path, Unit

# How many lengths one fact of a rule may have.
MOST_LENGTHS = 4
# The halves of a day that take half a day off: leaving at noon, and coming back at noon.
FROM_NOON, UNTIL_NOON = "pm", "am"


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Field):
    """A field of type length that no fact holds: it is measured where it is asked for.

    ``span`` are its two dates, both counted; ``unit`` is days or working days. ``halves``, where
    the rule has them, say of the first and the last day which half of it is meant. ``labelled``
    says that the rule gave it a label of its own.
    """

    span: tuple[Path, Path]
    unit: Unit
    halves: tuple[Path, Path] | None = None
    labelled: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is read to measure it."""
        return (*self.span, *(self.halves or ()))


def read_for(path: Path) -> tuple[Path, ...]:
    """The paths of fields that are read for a path: itself, or what a length is measured by."""
    return path.field.paths if isinstance(path.field, Length) else (path,)
