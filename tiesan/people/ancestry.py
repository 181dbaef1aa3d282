"""Which organizations stand above which: a table that follows from the tree, kept up to date here.

Whoever writes an organization, one by one or by a file, calls ``refresh_ancestry`` in the same
transaction.
"""

from sqlalchemy import CTE, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from tiesan.people.models import Organization, OrganizationAbove


def refresh_ancestry(session: Session) -> None:
    """Make the table say what the tree of organizations says now; pending rows are written first.

    Only rows that differ are written, so that two who move different organizations do not meet.
    """
    session.flush()
    organization_id, above_id = OrganizationAbove.organization_id, OrganizationAbove.above_id
    tree = _tree()
    gone = tuple_(organization_id, above_id).not_in(select(tree.c.organization_id, tree.c.above_id))
    session.execute(delete(OrganizationAbove).where(gone), execution_options=_PAST_THE_SESSION)
    tree = _tree()
    known = select(organization_id, above_id)
    new = select(tree.c.organization_id, tree.c.above_id).where(
        tuple_(tree.c.organization_id, tree.c.above_id).not_in(known)
    )
    statement = insert(OrganizationAbove).from_select(["organization_id", "above_id"], new)
    session.execute(statement)


# No such row is ever held as an object.
_PAST_THE_SESSION = {"synchronize_session": False}


def _tree() -> CTE:
    """Each organization with itself and everything above it; circles come to an end as well."""
    table = Organization.__table__
    itself = select(
        table.c.id.label("organization_id"),
        table.c.id.label("above_id"),
    ).cte("tree", recursive=True)
    above = select(itself.c.organization_id, table.c.parent_id).join(
        table, table.c.id == itself.c.above_id
    )
    return itself.union(above.where(table.c.parent_id.is_not(None)))
