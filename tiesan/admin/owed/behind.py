"""Who is behind: duties in reach that are not met, for supervisors and the audit committee."""

from dataclasses import dataclass
from datetime import date

from tiesan.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody in reach who has not done yet what is due: who, what, until when.

    ``subject_id`` is the id of the cadre or organization of ``subject_kind``; ``cadre_ids`` are
    those who can be reminded: the cadre, or who chairs the organization (none: it has no chair).
    ``days_left`` as in OwedLine, negative when the due date is past and not judged yet. ``rule``,
    ``subject_code`` and ``key`` tell one thing that is owed from all others.
    """

    rule: str
    subject_kind: str
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


def duties_in_reach(viewer: Viewer, day: date) -> list[Behind]:
    """Return what those in the viewer's reach owe and have not done, by due date.

    Of supervisors and the audit committee; empty for anybody else. Never what the viewer owes
    themself, or an organization that they chair. What is due until the next working day after
    ``day``; at most the first ``MOST_BEHIND``.
    """
    return []


MOST_BEHIND = 200
