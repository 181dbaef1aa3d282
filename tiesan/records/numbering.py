"""What the numbers of official documents begin with: each district has a prefix of its own.

A district's prefix is the first character of its name and what the kind of document is called
(铁山区总工会: 铁督), or as many characters as tell it from every other district, until its
administrators set another one. A document keeps the one with which it was issued.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.text import clean_text, unstorable

LONGEST_PREFIX = 10
_ORGANIZATION = table_of(Organization)
_IS_DISTRICT = _ORGANIZATION.c.id == _ORGANIZATION.c.district_id


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one kind of document, by district.

    ``model`` keeps the prefixes that were set, by ``district_id``; ``ending`` stands behind the
    short name of the district; ``changed`` is what the audit trail calls the prefix.
    """

    model: type[Base]
    ending: str
    changed: str

    def prefix_of(self, session: Session, district_id: int) -> str:
        """Return what the numbers of a district's documents begin with."""
        kept = table_of(self.model)
        found = session.scalar(select(kept.c.prefix).where(kept.c.district_id == district_id))
        if found is not None:
            return str(found)
        districts = select(_ORGANIZATION.c.id, _ORGANIZATION.c.name).where(_IS_DISTRICT)
        names: dict[int, str] = dict(session.execute(districts).all())
        return f"{self._short(names.pop(district_id), names.values())}{self.ending}"

    def _short(self, name: str, others: Collection[str]) -> str:
        """The fewest characters by which a name begins and no other one does, if there is room."""
        most = LONGEST_PREFIX - len(self.ending)
        begun = (name[:length] for length in range(1, most))
        own = (each for each in begun if not any(other.startswith(each) for other in others))
        return next(own, name[:most])

    def set_prefix(
        self, actor: Actor, session: Session, district: Organization, prefix: str, *, at: datetime
    ) -> None:
        """Let what a district issues from now on begin with a prefix; the caller commits.

        Raises UserError for none, for one that is too long, and for one that another district has.
        """
        wanted = clean_text(prefix)
        if wanted is None or len(wanted) > LONGEST_PREFIX or unstorable(wanted) is not None:
            text = _("A prefix of at most %(most)d characters must be given.", most=LONGEST_PREFIX)
            raise UserError(text)
        before = self.prefix_of(session, district.id)
        districts = select(_ORGANIZATION.c.id).where(_IS_DISTRICT)
        others = set(session.scalars(districts)) - {district.id}
        if any(self.prefix_of(session, each) == wanted for each in others):
            raise UserError(_("Another district has this prefix."))
        row = session.get(self.model, district.id)
        if row is None:
            session.add(self.model(district_id=district.id, prefix=wanted))
        else:
            row.prefix = wanted  # type: ignore[attr-defined] # every series has one
        subject = Subject("organization", district.id, district.code, district.id)
        details = {"changed": {self.changed: [before, wanted]}, "reason": None}
        record_entry(session, actor, "update", subject, at=at, details=details)
        session.flush()
