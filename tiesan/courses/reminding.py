"""Telling those who can decide a request: that it waits (催办), or that there is nobody of them.

They are told by a line on their first page; so are, where nobody can decide, whoever asked and the
administrators.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.courses.carrying import look
from tiesan.courses.errors import Refused
from tiesan.courses.locking import lock_row
from tiesan.courses.models import CourseReminder
from tiesan.courses.queue import persons_who_may
from tiesan.courses.requests import why_waiting
from tiesan.courses.values import NEW, Course, Done, Waits
from tiesan.database import begin_writing
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.people.notifications import administrators_of, name_of_account, tell

REMINDED_OF_REQUEST = "remind of request"
NOBODY_DECIDES = "nobody decides"


def remind(
    session: Session, course: Course, of_row: int, actor: Actor, *, day: date, at: datetime
) -> list[int]:
    """Remind those who can decide a request; returns their accounts. The caller commits.

    Raises NotThere for a row that the actor does not see, Refused for one that is not theirs, that
    waits for nobody, or of which they have reminded today.
    """
    if not session.in_transaction():
        begin_writing(session)
    lock_row(session, course, of_row)
    standing = look(session, course, of_row, actor, day)
    asking = {who.name for who in course.asking.who}
    if not standing.holds & asking:
        raise Refused(str(course.asking.who[0].refusal))
    wait = why_waiting(session, course, [of_row], day).get(of_row)
    if wait is None or not course.verb(wait.verb).decides:
        raise Refused(_("It waits for nobody now."))
    if session.get(CourseReminder, (course.name, of_row, day)) is not None:
        raise Refused(_("You have reminded them today already; once a day is enough."))
    told = deciders(session, course, wait, of_row, day)
    if not told:
        raise Refused(_("There is nobody who can decide it; the administrators know."))
    session.add(CourseReminder(course=course.name, row_id=of_row, day=day))
    record_entry(session, actor, REMINDED_OF_REQUEST, course.subject(standing.row), at=at)
    tell(session, told, REMINDED_OF_REQUEST, _details(session, course, standing.row, actor), at=at)
    return told


def deciders(session: Session, course: Course, wait: Waits, of_row: int, day: date) -> list[int]:
    """Return the accounts that can decide what a request waits for."""
    return list(persons_who_may(session, course, wait.verb, of_row, day))


def reminded_of(session: Session, course: Course, of_rows: Iterable[int], day: date) -> set[int]:
    """Return of which of these rows whoever decides was reminded on a day."""
    statement = select(CourseReminder.row_id).where(
        CourseReminder.course == course.name,
        CourseReminder.row_id.in_(sorted(of_rows)),
        CourseReminder.day == day,
    )
    return set(session.scalars(statement))


def tell_if_nobody(session: Session, done: Done) -> None:
    """Tell whoever asked, and the administrators, where nobody can decide what was just asked."""
    course, row = done.course, done.row
    if not course.is_request or done.verb.from_ is not NEW:
        return
    day, at = done.event.day, done.event.at
    wait = why_waiting(session, course, [row.id], day).get(row.id)
    if wait is None or at is None or deciders(session, course, wait, row.id, day):
        return
    told = {done.event.account_id} - {None}
    cadre = session.get(Cadre, getattr(row, "cadre_id", None) or 0)
    if cadre is not None:
        told |= administrators_of(session, cadre.organization_id)
    actor = Actor(done.event.account_id, done.event.actor_name)
    accounts = [each for each in told if each is not None]
    tell(session, accounts, NOBODY_DECIDES, _details(session, course, row, actor), at=at)


def _details(session: Session, course: Course, row: Any, actor: Actor) -> dict[str, Any]:
    subject = course.subject(row)
    by = name_of_account(session, actor.account_id)
    return {"course": course.name, "kind": subject.kind, "row": row.id, "code": subject.code,
            "by": by}  # fmt: skip
