"""Setting retention, and looking at what is set; the caller commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.privacy.retention.kinds import retention_kinds
from tiesan.privacy.retention.models import MOST_MONTHS, Retention
from tiesan.privacy.retention.values import Amount, Kind, months_before
from tiesan.records.services import needed_reason

SUBJECT = "retention"
SET, REMOVE = "set retention", "remove by retention"


@dataclass(frozen=True, slots=True)
class Standing:
    """A kind as it is set: after how many months (None: never), and what the last run did."""

    kind: Kind
    months: int | None
    row: Retention | None

    @property
    def ran_at(self) -> datetime | None:
        """When it was looked at last for what is to be removed."""
        return None if self.row is None else self.row.ran_at

    @property
    def removed(self) -> Amount:
        """What the last run removed."""
        if self.row is None:
            return Amount()
        return Amount(self.row.rows, self.row.files, self.row.bytes)


def standings(session: Session) -> list[Standing]:
    """Return every kind as it is set."""
    rows = {row.kind: row for row in session.scalars(select(Retention))}
    return [_standing(kind, rows.get(name)) for name, kind in retention_kinds().items()]


def _standing(kind: Kind, row: Retention | None) -> Standing:
    # A row that a run has written says nothing of the months before somebody has set them.
    if row is None or row.set_at is None:
        return Standing(kind, kind.default, row)
    return Standing(kind, row.months, row)


def previewed(
    session: Session, months: Mapping[str, int | None], place: Path, day: date
) -> dict[str, Amount]:
    """Return how much would go of each kind if it were set so; nothing of what is never removed.

    Raises UserError for months that cannot be set.
    """
    kinds = retention_kinds()
    found: dict[str, Amount] = {}
    for name, number in months.items():
        checked = checked_months(kinds[name], number)
        if checked is None:
            found[name] = Amount()
        else:
            found[name] = kinds[name].count(session, place, months_before(day, checked))
    return found


def checked_months(kind: Kind, months: int | None) -> int | None:
    """Return months that can be set; raises UserError for too few or too many."""
    if months is not None and not kind.least <= months <= MOST_MONTHS:
        said = {"kind": kind.title, "least": kind.least, "most": MOST_MONTHS}
        raise UserError(_("%(kind)s: from %(least)d to %(most)d months, or blank.") % said)
    return months


def set_retention(
    actor: Actor,
    session: Session,
    months: Mapping[str, int | None],
    reason: str,
    *,
    at: datetime,
) -> list[str]:
    """Set after how many months kinds are removed; returns the names of those that change.

    Each that changes has an entry in the trail. Raises UserError for months that cannot be set and
    for no reason.
    """
    why = needed_reason(reason)
    changed = []
    for each in standings(session):
        name = each.kind.name
        if name not in months or months[name] == each.months:
            continue
        number = checked_months(each.kind, months[name])
        row = each.row or Retention(kind=name)
        row.months, row.set_at, row.set_by_id = number, at, actor.account_id
        session.add(row)
        details = {"changed": {"months": [each.months, number]}, "reason": why}
        record_entry(session, actor, SET, Subject(SUBJECT, code=name), at=at, details=details)
        changed.append(name)
    session.flush()
    return changed
