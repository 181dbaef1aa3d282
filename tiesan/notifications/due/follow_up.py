"""Requests for today or tomorrow, notices that are urgent or late, waivers that end."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from tiesan.access.notices import is_notified
from tiesan.access.policies import Policy, is_active
from tiesan.access.waivers import told_of_flag, told_of_waiver
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.courses.queue import persons_of_rows
from tiesan.courses.requests import rows_for_soon
from tiesan.courses.telling import REQUEST_SOON, SECRET, key_of_soon
from tiesan.courses.values import Course
from tiesan.extensions import Base
from tiesan.flags.follow_up import NOTICE, Notice, reference_of
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waivers import Waiver
from tiesan.flags.waiving import WAIVER_ENDED as WAIVER_ENDED_BY_DAY
from tiesan.people.models import Account
from tiesan.people.notifications import Telling
from tiesan.records.kinds import table_of
from tiesan.reviews.notice_colour import UNANSWERED, Colour, colour
from tiesan.rules import FLAG, Review
from tiesan.words.due_notifications import (
    NOTICE_OVERDUE,
    NOTICE_YELLOW,
    WAIVER_ENDED,
    WAIVER_ENDING,
)

# How long before its end it is told that a waiver ends, and how long afterwards that it has.
WARNED_BEFORE = timedelta(days=7)
_DAY: ColumnElement[date] = bindparam("day", type_=Date)
_ONE_DAY = timedelta(days=1)


def due_requests(
    session: Session, courses: Iterable[Course], district_id: int, day: date
) -> Iterator[Telling]:
    """Yield of the requests of a district that are for today or tomorrow who may decide them."""
    for course in courses:
        for wait in course.waits:
            if not course.is_request or wait.days is None or not course.verb(wait.verb).decides:
                continue
            rows = rows_for_soon(session, course, wait, district_id, day)
            if not rows:
                continue
            accounts = persons_of_rows(session, course, wait.verb, sorted(rows), day)
            for row_id, told in accounts.items():
                subject = course.subject(rows[row_id])
                details = {"course": course.name, "code": subject.code or ""}
                for account_id in told:
                    about, once = (subject.kind, row_id), key_of_soon(course, row_id)
                    yield Telling(account_id, REQUEST_SOON, about, details, once)


def due_notices(
    session: Session, district_id: int, day: date, calendar: WorkingCalendar
) -> Iterator[Telling]:
    """Yield of the notices of a district that are urgent or late who has to answer them.

    Of late ones the issuer is told as well.
    """
    rows = session.connection().execute(_unanswered(), {"district": district_id}).all()
    kinds = {Colour.YELLOW: NOTICE_YELLOW, Colour.RED: NOTICE_OVERDUE}
    due = {row.id: (kind, row) for row in rows
           if (kind := kinds.get(colour(row.due_on, day, calendar))) is not None}  # fmt: skip
    told = _persons(session, Notice, is_notified, sorted(due), day)
    for row_id, (kind, row) in due.items():
        accounts = set(told.get(row_id, ()))
        if kind == NOTICE_OVERDUE and row.issued_by_id is not None:
            accounts.add(row.issued_by_id)
        secret = {SECRET: True} if row.confidential else {"code": row.code}
        details = {"day": row.due_on.isoformat(), **secret}
        # A notice that was returned has another deadline, and is told of anew.
        once = f"{row_id}:{row.due_on:%Y%m%d}"
        for account_id in sorted(accounts):
            yield Telling(account_id, kind, (NOTICE, row_id), details, once)


@cache
def _unanswered() -> Select[Any]:
    notice = table_of(Notice)
    columns = (notice.c.id, notice.c.due_on, notice.c.confidential, notice.c.issued_by_id)
    return select(*columns, reference_of(notice.c).label("code")).where(
        notice.c.district_id == bindparam("district"),
        notice.c.state.in_(sorted(each.value for each in UNANSWERED)),
    )


def due_waivers(session: Session, district_id: int, day: date) -> Iterator[Telling]:
    """Yield of the waivers of a district that end within 7 days, or have ended, who is told."""
    for model, policy, kind, rows in (
        (Flag, told_of_flag, FLAG.name, _single_waivers(session, district_id, day)),
        (Waiver, told_of_waiver, "waiver", _standing_waivers(session, district_id, day)),
    ):
        told = _persons(session, model, policy, sorted(rows), day)
        for row_id, (until, details) in rows.items():
            ended = until < day
            once = f"{kind}:{row_id}:{until:%Y%m%d}"
            for account_id in told.get(row_id, ()):
                yield Telling(
                    account_id,
                    WAIVER_ENDED if ended else WAIVER_ENDING,
                    (kind, row_id),
                    {"day": until.isoformat(), **details},
                    once,
                )


def _single_waivers(
    session: Session, district_id: int, day: date
) -> dict[int, tuple[date, dict[str, Any]]]:
    """Flags whose own waiver ends soon or has ended, by id, with the last day."""
    flag, event = table_of(Flag), table_of(FlagEvent)
    here = and_(flag.c.district_id == district_id, ~flag.c.confidential)
    running = select(flag.c.id, flag.c.rule, flag.c.waived_until).where(
        here,
        flag.c.review == Review.WAIVED.value,
        flag.c.waived_until.between(day - _ONE_DAY, day + WARNED_BEFORE),
    )
    # The evaluation writes the end, and takes the day from the flag.
    ended = (
        select(flag.c.id, flag.c.rule, event.c.on)
        .join(event, event.c.flag_id == flag.c.id)
        .where(here, event.c.verb == WAIVER_ENDED_BY_DAY)
        .where(event.c.on.between(day - WARNED_BEFORE, day))
    )
    connection = session.connection()
    found = {
        row_id: (first - _ONE_DAY, {"rule": rule})
        for row_id, rule, first in connection.execute(ended)
    }
    rows = connection.execute(running)
    return found | {row_id: (until, {"rule": rule}) for row_id, rule, until in rows}


def _standing_waivers(
    session: Session, district_id: int, day: date
) -> dict[int, tuple[date, dict[str, Any]]]:
    waiver = table_of(Waiver)
    statement = select(waiver.c.id, waiver.c.rule, waiver.c.plugin, waiver.c.until).where(
        waiver.c.district_id == district_id,
        waiver.c.until >= waiver.c.first_day,
        waiver.c.until.between(day - WARNED_BEFORE, day + WARNED_BEFORE),
    )
    rows = session.connection().execute(statement)
    return {row.id: (row.until, {"rule": row.rule, "plugin": row.plugin}) for row in rows}


def _persons(
    session: Session, model: type[Base], policy: Policy, ids: list[int], day: date
) -> dict[int, list[int]]:
    """The accounts that a policy names for some rows, by id."""
    found: dict[int, list[int]] = {}
    if ids:
        rows = session.connection().execute(_named(model, policy), {"ids": ids, "day": day})
        for row_id, account_id in rows:
            found.setdefault(row_id, []).append(account_id)
    return found


@cache
def _named(model: type[Base], policy: Policy) -> Select[Any]:
    row, account = table_of(model), table_of(Account).alias()
    ids: Any = bindparam("ids", expanding=True)
    who = account.c.id
    return (
        select(row.c.id, who)
        .join_from(row, account, row.c.id.in_(ids))
        .where(is_active(who), policy(model, who, _DAY))
        .order_by(row.c.id, who)
    )
