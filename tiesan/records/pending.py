"""What is still to be evaluated: written with what was changed, taken away by its evaluation.

An entry is written in the transaction of the change itself, so that a process that is killed
between the two leaves word of what it did not come to. Whoever comes next works it off
(``tiesan.flags.evaluation.pending``); until then the pages show it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import NAME_LENGTH, VERB_LENGTH, Actor
from tiesan.extensions import Base
from tiesan.people.models import Cadre, Organization, OrganizationKind
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of

_AWAITED = "awaited evaluations"


class PendingEvaluation(Base):
    """A change in a district that has not been evaluated.

    ``kind`` says what was changed: the kind of the record ``record_id``, or what it was that
    concerns the ``whole`` district. ``cadres`` and ``organizations`` are the codes of those whom a
    record concerns, before and after; they are ``complete`` where whoever refers to a new record
    was stored with it and is among them, so that nobody else's flags can rest on it. An entry that
    ``waits`` is left to the next evaluation of the whole district; others are worked off at once,
    ``attempts`` counting how often in vain.
    """

    __tablename__ = "pending_evaluation"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_from_zero"),
        CheckConstraint("(attempts = 0) = (last_error IS NULL)", name="error_of_an_attempt"),
        Index(None, "district_id"),
        Index(None, "kind", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    record_id: Mapped[int | None]
    whole: Mapped[bool]
    cadres: Mapped[list[str]] = mapped_column(JSON)
    organizations: Mapped[list[str]] = mapped_column(JSON)
    complete: Mapped[bool] = mapped_column(default=False)
    waits: Mapped[bool]
    since: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


class Touched:
    """Whom a record concerns, by district; what is added unites before and after."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.cadres: dict[int, set[str]] = defaultdict(set)
        self.organizations: dict[int, set[str]] = defaultdict(set)

    def add(self, record: Record) -> "Touched":
        """Add whom a record concerns as it is now."""
        for each in record.concerned_rows():
            if isinstance(each, Cadre):
                self.cadres[_district_of(each.organization)].add(each.code)
            elif isinstance(each, Organization):
                self.organizations[_district_of(each)].add(each.code)
        return self

    @property
    def districts(self) -> set[int]:
        """The ids of the districts concerned."""
        return {*self.cadres, *self.organizations}


def await_record(
    actor: Actor,
    session: Session,
    record: Record,
    touched: Touched,
    *,
    at: datetime,
    is_new: bool = False,
) -> None:
    """Write down that a change of a record is to be evaluated, in each district concerned.

    In the districts of rows that refer to it, others may be flagged for it: it is the attendance
    of a meeting that flags a federation of another district, not the meeting. To a new record
    nothing can refer yet.
    """
    referring = set() if is_new else _referring(session, record)
    for district_id in sorted(touched.districts | referring):
        entry = _entry(actor, district_id, record_kind(type(record)).name, at)
        entry.record_id, entry.whole = record.id, False
        entry.cadres = sorted(touched.cadres[district_id])
        entry.organizations = sorted(touched.organizations[district_id])
        _add(session, entry)


def await_subject(
    actor: Actor,
    session: Session,
    subject: Cadre | Organization,
    kind: str,
    row_id: int,
    *,
    at: datetime,
) -> None:
    """Write down that whom a row of a kind is about is to be evaluated: it is no record."""
    cadre = isinstance(subject, Cadre)
    place = subject.organization if isinstance(subject, Cadre) else subject
    entry = _entry(actor, _district_of(place), kind, at)
    entry.record_id, entry.whole = row_id, False
    entry.cadres = [subject.code] if cadre else []
    entry.organizations = [] if cadre else [subject.code]
    _add(session, entry)


def await_people(
    actor: Actor,
    session: Session,
    district_id: int,
    codes: Mapping[str, Iterable[str]],
    kind: str,
    *,
    at: datetime,
) -> None:
    """Write down that many people of a district are to be evaluated, for rows of a kind.

    ``codes`` are those of the cadres (``cadre``) and organizations (``organization``).
    """
    entry = _entry(actor, district_id, kind, at)
    entry.whole = False
    entry.cadres, entry.organizations = sorted(codes["cadre"]), sorted(codes["organization"])
    _add(session, entry)


def await_districts(
    actor: Actor,
    session: Session,
    district_ids: Iterable[int | None] | None,
    kind: str,
    *,
    at: datetime,
) -> None:
    """Write down that whole districts are to be evaluated; None for all of the installation."""
    if district_ids is None:
        place = table_of(Organization)
        statement = select(place.c.id).where(place.c.kind == OrganizationKind.DISTRICT.value)
        district_ids = session.scalars(statement)
    for district_id in sorted({each for each in district_ids if each is not None}):
        _add(session, _entry(actor, district_id, kind, at))


def complete_awaited(session: Session, record: Record, rows: Iterable[Record]) -> None:
    """Say of a new record that these rows, stored with it, are all that refer to it.

    To be called in the transaction in which all of them were stored.
    """
    touched = Touched().add(record)
    for row in rows:
        touched.add(row)
    chosen = select(PendingEvaluation).where(
        PendingEvaluation.kind == record_kind(type(record)).name,
        PendingEvaluation.record_id == record.id,
    )
    for entry in session.scalars(chosen):
        entry.complete = touched.districts == {entry.district_id}
        entry.cadres = sorted(touched.cadres[entry.district_id])
        entry.organizations = sorted(touched.organizations[entry.district_id])


def take_awaited(session: Session) -> list[int]:
    """The ids of the entries that were written in a session and not taken before."""
    ids: list[int] = session.info.pop(_AWAITED, [])
    return ids


def leave_to_whole(session: Session, ids: Iterable[int]) -> set[int]:
    """Have entries wait for the evaluation of their whole districts, whose ids are returned.

    To be called where somebody asks for that evaluation.
    """
    chosen = PendingEvaluation.id.in_(list(ids))
    session.execute(update(PendingEvaluation).where(chosen).values(waits=True))
    return set(session.scalars(select(PendingEvaluation.district_id).where(chosen)))


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many changes in a district are still to be evaluated, and since when."""

    district: str
    number: int
    since: datetime


def backlogs(session: Session, only: Iterable[int] | None = None) -> list[Backlog]:
    """What is still to be evaluated, by district (or ``only`` those ids)."""
    entry, place = table_of(PendingEvaluation), table_of(Organization)
    statement = (
        select(place.c.name, func.count(entry.c.id), func.min(entry.c.since))
        .join(place, place.c.id == entry.c.district_id)
        .group_by(place.c.id, place.c.code, place.c.name)
        .order_by(place.c.code)
    )
    if only is not None:
        statement = statement.where(place.c.id.in_(sorted(only)))
    return [Backlog(*row) for row in session.execute(statement)]


def is_awaited(session: Session, record: Record) -> bool:
    """Whether a change of a record is still to be evaluated."""
    entry = table_of(PendingEvaluation)
    kind = record_kind(type(record)).name
    statement = select(entry.c.id).where(entry.c.kind == kind, entry.c.record_id == record.id)
    return session.execute(statement.limit(1)).first() is not None


def _entry(actor: Actor, district_id: int, kind: str, at: datetime) -> PendingEvaluation:
    """An entry for a whole district; what is not done on a page waits for the next whole one."""
    return PendingEvaluation(
        district_id=district_id,
        kind=kind,
        whole=True,
        cadres=[],
        organizations=[],
        waits=actor.source != "web",
        since=at,
        actor_id=actor.account_id,
        actor_name=actor.name,
        attempts=0,
    )


def _add(session: Session, entry: PendingEvaluation) -> None:
    session.add(entry)
    session.flush()
    session.info.setdefault(_AWAITED, []).append(entry.id)


def _referring(session: Session, record: Record) -> set[int]:
    """The districts with rows that refer to a record."""
    target, found = table_of(type(record)), set[int]()
    for mapper in Base.registry.mappers:
        if not issubclass(mapper.class_, Record):
            continue
        table = table_of(mapper.class_)
        for key in table.foreign_keys:
            if key.column.table is target:
                statement = select(table.c.district_id).where(key.parent == record.id).distinct()
                found |= set(session.scalars(statement))
    return found


def _district_of(organization: Organization) -> int:
    if organization.district_id is None:
        message = f"the organization {organization.code} has no district"
        raise ValueError(message)
    return organization.district_id
