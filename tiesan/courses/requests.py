"""Requests over all courses: what waits for an account, and what an account has asked for.

What is for today or tomorrow comes first, then what has waited longest. Each reason of each course
is one narrow statement that reads no more than the page shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from tiesan.courses.queue import ALL, Narrowing, rows_waiting
from tiesan.courses.standing import is_live, row_id, state_of
from tiesan.courses.values import DAY, ME, NEW, Course, Waits

_TOMORROW = bindparam("tomorrow", type_=Date)


@dataclass(frozen=True, slots=True)
class Request:
    """A row of a course that waits, why and since when; ``soon`` is for today or tomorrow."""

    course: Course
    id: int
    why: Waits
    since: date
    soon: bool


@dataclass(frozen=True, slots=True)
class Own:
    """A row that an account has asked for; ``why`` it waits for somebody, if it does."""

    course: Course
    id: int
    state: str
    why: Waits | None


def request_courses(courses: Iterable[Course]) -> list[Course]:
    """Return the courses whose rows are requests."""
    return [each for each in courses if each.is_request]


def waiting_requests(
    session: Session, courses: Iterable[Course], account_id: int, day: date, most: int
) -> list[Request]:
    """Return at most so many requests that an account may decide, in the order of the queue."""
    found = {
        (each.course.name, each.id): each
        for course in courses
        for wait in course.waits
        if course.verb(wait.verb).decides
        for each in _waiting(session, course, wait, (account_id, day, most))
    }
    return sorted(found.values(), key=_urgency)[:most]


def _waiting(
    session: Session, course: Course, wait: Waits, asked: tuple[int, date, int]
) -> Iterator[Request]:
    """Yield what waits for one reason; what is found twice is found first as not so soon."""
    session.flush()
    for soon, narrowing in _ways(wait, asked[1]):
        rows = rows_waiting(session, course, wait, asked, narrowing)
        for row in rows:
            since = row[0] if isinstance(row[0], date) else asked[1]
            yield Request(course, row[-1], wait, since, soon)
        if not rows:
            # Where nothing waits, nothing waits for tomorrow.
            return


def _ways(wait: Waits, day: date) -> Iterator[tuple[bool, Narrowing]]:
    yield False, ALL
    if wait.days is not None:
        yield True, Narrowing(_soon(wait), {"tomorrow": day + timedelta(days=1)})


@cache
def _soon(wait: Waits) -> tuple[ColumnElement[bool], ...]:
    """The condition that it is for today or tomorrow; made once, because statements keep it."""
    if wait.days is None:
        return ()
    first, last = wait.days
    return (first <= _TOMORROW, last >= DAY)


def _urgency(request: Request) -> tuple[bool, date, str, int]:
    return not request.soon, request.since, request.course.name, request.id


def why_waiting(
    session: Session, course: Course, of_rows: Sequence[int], day: date
) -> dict[int, Waits | None]:
    """Return of some rows of a course why they wait, None for those that wait for nobody."""
    found = session.execute(_why_statement(course), {"ids": list(of_rows), "day": day})
    return {row.id: course.waits[row.why] if row.why is not None else None for row in found}


def is_soon(session: Session, course: Course, wait: Waits, of_row: int, day: date) -> bool:
    """Return whether a row that waits is for today or tomorrow."""
    if wait.days is None:
        return False
    statement = _is_soon(course, wait)
    given = {"id": of_row, "day": day, "tomorrow": day + timedelta(days=1)}
    return session.connection().scalar(statement, given) is not None


def rows_for_soon(
    session: Session, course: Course, wait: Waits, district_id: int, day: date
) -> dict[int, Any]:
    """Return the rows of a district that wait for a reason and are for today or tomorrow, by id."""
    statement = _for_soon(course, wait)
    given = {"district": district_id, "day": day, "tomorrow": day + timedelta(days=1)}
    return {row.id: row for row in session.scalars(statement, given)}


@cache
def _for_soon(course: Course, wait: Waits) -> Select[Any]:
    district: Any = getattr(course.of, "district_id")  # noqa: B009 - every request has one
    return select(course.of).where(
        district == bindparam("district"), _meets(course, wait), *_soon(wait)
    )


@cache
def _is_soon(course: Course, wait: Waits) -> Select[Any]:
    return select(row_id(course)).where(row_id(course) == bindparam("id"), *_soon(wait))


@cache
def _why_statement(course: Course) -> Select[Any]:
    ids: Any = bindparam("ids", expanding=True)
    return select(row_id(course).label("id"), _why(course).label("why")).where(
        row_id(course).in_(ids)
    )


def _why(course: Course) -> ColumnElement[Any]:
    """The position of the reason for which a row waits."""
    whens = [(_meets(course, wait), literal(place)) for place, wait in enumerate(course.waits)]
    return case(*whens, else_=null()) if whens else null()


def _meets(course: Course, wait: Waits) -> ColumnElement[bool]:
    state = state_of(course)
    among = [state.in_(list(wait.states))] if wait.states else []
    further = [] if wait.where is None else [wait.where(state)]
    return and_(is_live(course), *among, *further)


# --- what an account has asked for ----------------------------------------------------------------


def own_requests(
    session: Session,
    courses: Iterable[Course],
    asked: tuple[int, int | None, date],
    most: int,
    *,
    is_open: bool,
) -> list[Own]:
    """Return what an account has asked for: what is open, or what is finished; the latest first.

    ``asked`` are the account, its cadre, and the day.
    """
    account_id, cadre_id, day = asked
    given = {"me": account_id, "mine": cadre_id, "day": day, "most": most}
    found: list[Own] = []
    for course in courses:
        rows = session.connection().execute(_own_statement(course, is_open), given)
        found.extend(
            Own(course, row.id, row.state, None if row.why is None else course.waits[row.why])
            for row in rows
        )
    return found


@cache
def _own_statement(course: Course, is_open: bool) -> Select[Any]:  # noqa: FBT001 - it is the key
    state, why, identity = state_of(course), _why(course), row_id(course)
    asks = or_(*(each.holds(course.of, ME, DAY) for each in course.asking.who))
    # What its requester can still do something with, or somebody else.
    goes_on = or_(state.in_(_going_on(course)), func.coalesce(why, -1) >= 0)
    return (
        select(identity.label("id"), state.label("state"), why.label("why"))
        .where(is_live(course), *_of_cadre(course), asks, goes_on if is_open else ~goes_on)
        .order_by(identity.desc())
        .limit(bindparam("most"))
    )


def _going_on(course: Course) -> list[str]:
    """The states in which whoever asked has a verb; one at least, for the database's sake."""
    asking = {who.name for who in course.asking.who}
    states = {
        state
        for verb in course.verbs
        if verb.from_ is not NEW and any(who.name in asking for who in verb.who)
        for state in verb.from_
    }
    return sorted(states) or [""]


def _of_cadre(course: Course) -> tuple[ColumnElement[bool], ...]:
    """Only the cadre's own rows, where there is an index of them."""
    if "cadre" not in getattr(course.of, "concerns", ()):
        return ()
    column: Any = getattr(course.of, "cadre_id")  # noqa: B009 - the class says that it has one
    return (column == bindparam("mine", type_=Integer),)
