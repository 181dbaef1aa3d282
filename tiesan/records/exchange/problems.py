"""What is wrong with files, gathered so that every problem is listed and not only the first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from tiesan.errors import UserError
from tiesan.i18n import _, ngettext
from tiesan.records.text import visible

_SHOWN = 60
_LISTED = 20


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


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was taken, but is hardly meant: for whoever imported to look at.

    ``place``, ``file``, ``line`` and ``column`` as for a problem; ``text`` says what is odd, which
    is the same for all alike, and ``found`` what was found.
    """

    place: tuple[int, int, int]
    file: str
    line: int
    column: str
    text: str
    found: str = ""

    def __str__(self) -> str:
        """The line that is shown."""
        text = _("please check: %(remark)s", remark=self.text)
        if self.found:
            text = _("%(wrong)s; found: %(found)s", wrong=text, found=self.found)
        return f"{self.file}:{self.line}: {self.column}: {text}"


def remark_lines(remarks: Iterable[Remark]) -> list[str]:
    """The remarks as lines, in order; from the twenty-first alike of a file on they are counted."""
    lines = []
    alike = Counter[tuple[str, str, str]]()
    for each in sorted(remarks, key=lambda remark: remark.place):
        kind = (each.file, each.column, each.text)
        alike[kind] += 1
        if alike[kind] <= _LISTED:
            lines.append(str(each))
    for (file, column, text), number in alike.items():
        if number > _LISTED:
            more = ngettext("%(num)d more alike", "%(num)d more alike", number - _LISTED)
            lines.append(f"{file}: {column}: {_('please check: %(remark)s', remark=text)} – {more}")
    return lines


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
    """What was found, cut to a length that fits a line; what nobody sees is written as escapes."""
    if isinstance(found, time):
        # As it is written in files.
        found = found.isoformat(timespec="minutes")
    text = visible(str(found))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
