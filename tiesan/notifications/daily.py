"""The two jobs of every district: what is due is told at night, digests leave in the morning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.access.of_notifications import Seeing
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import day_of
from tiesan.database import begin_writing
from tiesan.flags.catalog import Catalog, installed_catalog, read_catalog
from tiesan.flags.collect import Scope
from tiesan.notifications.due.bulletins import due_bulletins
from tiesan.notifications.due.duties import Place, due_duties
from tiesan.notifications.due.follow_up import due_notices, due_requests, due_waivers
from tiesan.notifications.due.running import due_of_running
from tiesan.notifications.groups import group_texts, tell_groups
from tiesan.notifications.installed import courses_of, seeing_of
from tiesan.notifications.leaving import Queue, left_in_digest, pass_on, stay_here
from tiesan.notifications.sending.queue import queue as queue_of_ways
from tiesan.people.models import Account, Cadre, Grant, Organization
from tiesan.people.notifications import Leaves, Notification, Telling, tell_each
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions
from tiesan.scheduler.work import Outcome, Work

_NOTE, _ACCOUNT = table_of(Notification), table_of(Account)
_PLACE, _CADRE, _GRANT = table_of(Organization), table_of(Cadre), table_of(Grant)


@dataclass(frozen=True, slots=True)
class Morning:
    """A digest's day and moment, and where its texts go."""

    day: date
    at: datetime
    queue: Queue = queue_of_ways


def notify(work: Work) -> Outcome:
    """Tell what is due in the district of a run on its day; says how much that was.

    It is one transaction: after a crash nothing was told, and what was is not told again.
    """
    with Session(work.database) as session:
        # What is looked at takes its time, in which others are to write.
        catalog = read_catalog(session, work.day, installed_catalog())
        told = list(due_in(session, catalog, work.district_id or 0, work.day))
        session.rollback()
        begin_writing(session)
        number = tell_each(session, told, at=work.now)
        seeing = seeing_of(catalog, courses_of(catalog).values())
        pass_on(session, seeing, at=work.now)
        session.commit()
    return {"told": number}


def due_in(session: Session, catalog: Catalog, district_id: int, day: date) -> Iterator[Telling]:
    """Yield all that is to be told in a district on a day, whether or not it was told before."""
    place = place_on(session, catalog, district_id, day)
    yield from due_duties(session, place)
    yield from due_requests(session, place.courses.values(), district_id, day)
    yield from due_notices(session, district_id, day, place.calendar)
    yield from due_waivers(session, district_id, day)
    yield from due_bulletins(session, district_id, day, place.calendar)
    yield from due_of_running(session, district_id, day)


def place_on(session: Session, catalog: Catalog, district_id: int, day: date) -> Place:
    """Return a district on a day as those look at it who look for what is due there."""
    calendar = WorkingCalendar(read_exceptions(session))
    code = session.scalar(select(_PLACE.c.code).where(_PLACE.c.id == district_id))
    return Place(catalog, courses_of(catalog), Scope(district_id, str(code)), day, calendar)


def send_digests(work: Work) -> Outcome:
    """Give the digests of a district to the ways out, on the day of the run and on no later one.

    What was missed stands in the next one.
    """
    if day_of(work.now) != work.day:
        return {"digests": 0}
    with Session(work.database) as session:
        catalog = read_catalog(session, work.day, installed_catalog())
        district_id = work.district_id or 0
        texts = group_texts(session, place_on(session, catalog, district_id, work.day))
        session.rollback()
        seeing = seeing_of(catalog, courses_of(catalog).values())
        begin_writing(session)
        pass_on(session, seeing, at=work.now)
        morning = Morning(work.day, work.now)
        number = digests_of(session, seeing, district_id, morning)
        groups = tell_groups(session, texts, at=work.now)
        session.commit()
    return {"digests": number, "groups": groups}


def digests_of(session: Session, seeing: Seeing, district_id: int, morning: Morning) -> int:
    """Give one text for each person of a district to the ways out; returns how many.

    It tells of what waits for a digest and was not read meanwhile, as far as the person may still
    see it. Who has nothing gets nothing. The caller commits.
    """
    statement = (
        select(_NOTE.c.id, _NOTE.c.account_id, _NOTE.c.row_kind, _NOTE.c.read_at)
        .join(_ACCOUNT, _ACCOUNT.c.id == _NOTE.c.account_id)
        .where(_NOTE.c.leaves == Leaves.DIGEST.value, _NOTE.c.left_at.is_(None))
        .where(_district_of_account() == district_id)
        .order_by(_NOTE.c.account_id, _NOTE.c.id)
    )
    rows = session.connection().execute(statement).all()
    unread = [each for each in rows if each.read_at is None]
    seen = seeing.visible(session, ((each.id, each.row_kind) for each in unread), morning.day)
    stay_here(session, [each.id for each in rows if each.id not in seen])
    by_account: dict[int, list[int]] = {}
    for each in unread:
        if each.id in seen:
            by_account.setdefault(each.account_id, []).append(each.id)
    for account_id, ids in by_account.items():
        morning.queue(
            session, account_id=account_id, notification_ids=ids, due_at=morning.at,
            urgent=False, at=morning.at,
        )  # fmt: skip
        left_in_digest(session, ids, morning.at)
    return len(by_account)


def _district_of_account() -> Any:
    """The one district with whose digests an account is: of the cadre, of a role, or the first."""
    posted = (
        select(_PLACE.c.district_id)
        .join(_CADRE, _CADRE.c.organization_id == _PLACE.c.id)
        .where(_CADRE.c.id == _ACCOUNT.c.cadre_id)
        .scalar_subquery()
    )
    place = _PLACE.alias()
    granted = (
        select(func.min(place.c.district_id))
        .join(_GRANT, _GRANT.c.organization_id == place.c.id)
        .where(_GRANT.c.account_id == _ACCOUNT.c.id)
        .scalar_subquery()
    )
    first = select(func.min(_PLACE.c.district_id)).scalar_subquery()
    return func.coalesce(posted, granted, first)
