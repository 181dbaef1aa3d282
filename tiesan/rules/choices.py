"""What the forms of rules choose among: which miss is flagged, what excuses, which day counts."""

from enum import StrEnum


class Missing(StrEnum):
    """Which of the two ways to miss a deadline is flagged."""

    BOTH = "both"
    MISSING = "missing"
    LATE = "late"


class Excused(StrEnum):
    """What excuses from a duty: approved leave, with or without official outings."""

    LEAVE = "leave"
    LEAVE_OR_OUTING = "leave_or_outing"
    NEVER = "never"


class Edge(StrEnum):
    """From which day of its period a duty's due date is counted, or until when one must stand."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    DUE_ON = "due_on"
