"""How grave a rule is and of which level; what its form chooses among."""

from enum import IntEnum, StrEnum


class Severity(StrEnum):
    """How grave a flag is, rising."""

    NOTICE = "notice"
    MINOR = "minor"
    SERIOUS = "serious"
    MAJOR = "major"


class Level(IntEnum):
    """When a rule is evaluated: it may read the flags of lower levels only."""

    RECORDS = 0
    NAMED_FLAGS = 1
    ANY_FLAGS = 2


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
