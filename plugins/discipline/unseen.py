"""Which records of discipline no rule sees, and which leave excuses nothing.

Source: institutions.md, "Readings that the table is too short for".
"""

from collections.abc import Callable
from datetime import date

from tiesan.facts.kinds import Fact, FactKind


def withdrawn_in_time(kind: FactKind) -> Callable[[Fact], bool]:
    """A leave withdrawn on or before its first day is as if it had never been asked for."""
    withdrawn_at, first_at = kind.index["withdrawn_on"], kind.index["first_day"]

    def unseen(fact: Fact) -> bool:
        withdrawn, first = fact[withdrawn_at], fact[first_at]
        return isinstance(withdrawn, date) and isinstance(first, date) and withdrawn <= first

    return unseen


def not_spent(kind: FactKind) -> Callable[[Fact], bool]:
    """An expense that was asked for and not spent yet."""
    spent_at = kind.index["spent_on"]
    return lambda fact: fact[spent_at] is None
