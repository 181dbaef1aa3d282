"""One line of what is owed, in words, with the one button that does it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Doing:
    """The button of a line: its word, and where it leads; ``posts`` is a verb done by one tap.

    ``hidden`` are the names and values that a posted form carries.
    """

    word: str
    url: str
    posts: bool = False
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OwedLine:
    """What somebody owes, as a row of the list.

    ``subject`` is the name of who owes it; ``of`` the organization, where it is not owed by the
    reader themself; ``chairless`` says that it has no chair, so that whoever supervises it sees to
    it. ``days_left`` are working days, 0 on the due date (and on a day off before which nothing is
    worked any more), negative when the due date is past and was not judged yet. ``doing`` is None
    where somebody else does it, as ``remark`` says.
    """

    title: str
    subject: str
    of: str
    chairless: bool
    due_on: date
    due: str
    days_left: int
    left: str
    done: int
    required: int
    doing: Doing | None
    remark: str
    rule: str
