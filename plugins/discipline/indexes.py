"""Indexes of the few rows of discipline that wait for somebody, the oldest first.

A page asks how many there are each time that somebody who decides opens it; without these it would
look at every leave and every expense there ever was.
"""

from sqlalchemy import Index, text

# Of leaves that wait for a decision, by their dates.
_UNDECIDED = (
    "requested_on IS NOT NULL AND approved_on IS NULL AND rejected_on IS NULL "
    "AND closed_on IS NULL AND withdrawn_on IS NULL"
)
# Of expenses with which anything can still be done.
_UNFINISHED = "reimbursed_on IS NULL AND withdrawn_on IS NULL"


def undecided_first(name: str) -> Index:
    """Return the index of leaves that wait for a decision."""
    return _of_those(name, _UNDECIDED)


def unfinished_first(name: str) -> Index:
    """Return the index of expenses that are neither reimbursed nor withdrawn."""
    return _of_those(name, _UNFINISHED)


def _of_those(name: str, condition: str) -> Index:
    where = text(condition)
    return Index(name, "requested_on", "id", sqlite_where=where, postgresql_where=where)
