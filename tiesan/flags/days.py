"""The two days of an evaluation: what is known, and what was not done until when.

Source: institutions.md, "The day that is still running".
"""

from dataclasses import dataclass
from datetime import date

# Before the first whole evaluation of a district, nothing that was not done is judged.
_NEVER = date.min


@dataclass(frozen=True, slots=True)
class Days:
    """What is known (the end of ``as_of``), and until when it is judged what was not done."""

    as_of: date
    judged_until: date

    @property
    def whole(self) -> date | None:
        """The last day that an evaluation of everybody has judged whole; None if there is none."""
        day = min(self.as_of, self.judged_until)
        return None if day == _NEVER else day


def live_days(day: date, stored: date | None) -> Days:
    """The two days of who looks at a district on a running day; ``stored`` as for ``Task.days``."""
    last = _NEVER if stored is None else stored
    return Days(max(day, last), last)
