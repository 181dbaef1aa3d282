"""What is wrong with files, gathered so that every problem is listed and not only the first."""

from dataclasses import dataclass

from tiesan.errors import UserError

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; as text it is ``file:line: column: what is wrong, and what was found``.

    ``line`` is the line of the file on which the row begins, the header being line 1. ``place``
    says where in the whole list the problem belongs.
    """

    place: tuple[int, int, int]
    file: str
    line: int
    column: str
    text: str

    def __str__(self) -> str:
        """The line that is shown."""
        return f"{self.file}:{self.line}: {self.column}: {self.text}"


class Unusable(Exception):  # noqa: N818 - it says what the file is
    """A file, or the rest of it, cannot be read; carries the line and the text to show."""

    def __init__(self, line: int, text: str) -> None:
        """Take the line on which reading ended, and why."""
        super().__init__(text)
        self.line = line
        self.text = text


class ImportRefused(UserError):  # noqa: N818 - it says what became of the import
    """An import with problems, of which nothing was stored."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take the problems; they are shown in the order of files, lines and columns."""
        self.problems = sorted(problems, key=lambda problem: problem.place)
        super().__init__(str(problem) for problem in self.problems)


def shown(found: object) -> str:
    """What was found, cut to a length that fits a line."""
    text = str(found).replace("\r", "\\r").replace("\n", "\\n")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
