"""Postings of both entries: those in one organization that overlap become one.

Nobody is in two organizations at once, so that others which overlap stand against a merge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.merging.journal import Journal
from tiesan.people.models import Organization, Posting
from tiesan.people.postings import Service, Span, service_of
from tiesan.records.kinds import table_of

_POSTING, _PLACE = table_of(Posting), table_of(Organization)


@dataclass
class _Group:
    """Postings in one organization that overlap, with the days of all of them."""

    rows: list[Row[Any]]
    first: date = field(init=False)
    last: date = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.last = self.rows[0].from_on, _last_day(self.rows[0])

    def take(self, row: Row[Any]) -> None:
        self.rows.append(row)
        self.last = max(self.last, _last_day(row))


def join_postings(
    session: Session, journal: Journal, kept_id: int, merged_id: int
) -> Service | None:
    """Make one of postings that overlap; returns what the person's own row says of all of them.

    To be called before postings are moved. None for a person without any. Raises UserError for
    postings in two organizations at once, and says which.
    """
    both = select(_POSTING).where(_POSTING.c.cadre_id.in_([kept_id, merged_id]))
    groups = _groups(session, session.execute(both.order_by(_POSTING.c.from_on, _POSTING.c.id)))
    spans = []
    for group in groups:
        _join(journal, group, kept_id)
        until = None if group.last == date.max else group.last
        spans.append(Span(group.rows[0].organization_id, group.first, until))
    return service_of(spans)


def _groups(session: Session, rows: Any) -> Sequence[_Group]:
    groups: list[_Group] = []
    problems = []
    for row in rows:
        if not groups or row.from_on > groups[-1].last:
            groups.append(_Group([row]))
        elif row.organization_id == groups[-1].rows[0].organization_id:
            groups[-1].take(row)
        else:
            problems.append(_overlap(session, groups[-1].rows[-1], row))
    if problems:
        raise UserError(problems)
    return groups


def _join(journal: Journal, group: _Group, kept_id: int) -> None:
    """Keep one posting of a group, of the entry kept if it has one, with the days of all."""
    if len(group.rows) == 1:
        return
    stays = next((each for each in group.rows if each.cadre_id == kept_id), group.rows[0])
    gone = [each.id for each in group.rows if each is not stays]
    journal.remove(_POSTING, _POSTING.c.id.in_(gone))
    until = None if group.last == date.max else group.last
    journal.change(_POSTING, _POSTING.c.id == stays.id, from_on=group.first, until_on=until)


def _overlap(session: Session, one: Row[Any], other: Row[Any]) -> str:
    text = _("The person was posted to two organizations at once: %(one)s and %(other)s.")
    return text % {"one": _words(session, one), "other": _words(session, other)}


def _words(session: Session, row: Row[Any]) -> str:
    name = session.scalar(select(_PLACE.c.name).where(_PLACE.c.id == row.organization_id))
    until = "" if row.until_on is None else row.until_on.isoformat()
    return f"{name} ({row.from_on.isoformat()} – {until})"


def _last_day(row: Row[Any]) -> date:
    last: date | None = row.until_on
    return last or date.max
