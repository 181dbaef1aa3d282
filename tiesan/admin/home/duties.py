"""Duties in reach that are not met: what is behind of whom; they are not looked for yet."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tiesan.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody in reach who has not done yet what is due: who, what, until when.

    ``cadre_ids`` are those who can be reminded; ``rule``, the subject and ``key`` tell one thing
    that is owed from all others. ``days_left`` are working days, negative once it is past.
    """

    rule: str
    subject_kind: Literal["cadre", "organization"]
    subject_id: int
    subject_code: str
    key: str
    subject: str
    organization: str
    title: str
    due_on: date
    due: str
    days_left: int
    left: str
    done: int
    required: int
    cadre_ids: tuple[int, ...]


def duties_in_reach(_viewer: Viewer, _day: date) -> list[Behind]:
    """Return what those in the viewer's reach owe and have not done, by due date."""
    return []
