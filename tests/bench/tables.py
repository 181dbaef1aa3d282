"""Tables in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """A titled table; ``notes`` stand below it."""

    title: str
    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, *parts: str) -> None:
        """Add a note, given in parts."""
        self.notes.append("".join(parts))

    def markdown(self) -> str:
        """The table as Markdown; every column but the first is set to the right."""
        lines = [
            f"## {self.title}",
            "",
            _line(self.header),
            _line(["---", *["---:"] * (len(self.header) - 1)]),
            *map(_line, self.rows),
        ]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def verdict(met: bool) -> str:
    """What is said of a target."""
    return "met" if met else "missed"
