"""Indexes of discipline: of the few rows that wait for somebody, and of the many that are counted.

A page asks how many wait each time that somebody who decides opens it; without these it would look
at every leave and every expense there ever was. A list says how many rows a district has, and there
are some for each cadre and day; the index holds all that is asked of them for it.
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


def counted(name: str) -> Index:
    """Return the index by which rows are counted, of which there is one for each cadre and day."""
    return Index(name, "district_id", "cadre_id", "voided_at")


def _of_those(name: str, condition: str) -> Index:
    where = text(condition)
    return Index(name, "requested_on", "id", sqlite_where=where, postgresql_where=where)
