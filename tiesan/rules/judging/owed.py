"""What is owed and not done yet: what would be flagged when its due date is judged.

Source: the page on the working day, "What I owe". It is judged by the code that judges flags, on
days that are still to come, with what is known today: every duty whose period has begun and every
deadline that runs. What is flagged already is not among it.
"""

from dataclasses import dataclass
from datetime import date

from tiesan.calendar.periods import Period
from tiesan.rules.tree import Rule


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that somebody owes: of which rule, who owes it, until when, and how far it is.

    ``subject`` is the code of the cadre or organization of ``subject_kind``, ``key`` that of the
    flag which it would become. ``period`` is that of a duty. ``record`` is the code of the record
    by which a deadline runs, None where it has none, and ``filled`` are the values that the rule
    asks of what fulfils it, by field.
    """

    rule: Rule
    subject_kind: str
    subject: str
    key: str
    due_on: date
    period: Period | None
    record: str | None
    filled: dict[str, object]
    required: int = 1
    done: int = 0
