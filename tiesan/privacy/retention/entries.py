"""Contents of entries of the audit trail: who and what they name goes, their place in it stays.

How that is done so that the trail can still be proved is the trail's own affair.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.audit import AuditEntry, removable, remove_contents
from tiesan.people.models import Organization, OrganizationKind
from tiesan.privacy.retention.values import Amount, Removal
from tiesan.records.kinds import table_of

_ENTRY, _PLACE = table_of(AuditEntry), table_of(Organization)
RULE = "retention"


def _districts(session: Session) -> Iterator[int | None]:
    """The ids of the districts, and None for what belongs to none."""
    districts = select(_PLACE.c.id).where(_PLACE.c.kind == OrganizationKind.DISTRICT.value)
    yield None
    yield from session.scalars(districts.order_by(_PLACE.c.id)).all()


def count_entries(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the entries from before a moment that have contents still."""
    number, oldest = 0, []
    for district in _districts(session):
        counts = select(func.count(), func.min(_ENTRY.c.at)).where(removable(before, district))
        found, first = session.execute(counts).one()
        number += found
        oldest += [first] if found else []
    return Amount(rows=number, oldest=min(oldest, default=None))


def remove_entries(session: Session, removal: Removal) -> Amount:
    """Remove the contents of entries from before a moment, district by district."""
    amount = count_entries(session, removal.place, removal.before)
    for district in _districts(session):
        remove_contents(session, removal.actor, removal.before, district, rule=RULE, at=removal.at)
    return amount
