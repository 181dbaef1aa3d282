"""Telling what a verb brought about: who may act on the row now, and whom a decision affects.

It is asked once behind every verb, in its transaction, and costs a statement or two of its own: a
verb after which nobody is to be told asks nothing. Nobody is told of what they have done.

Source: the page on what leaves the house, "Notices".
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from tiesan.access.policies import is_active
from tiesan.courses.queue import persons_of_rows
from tiesan.courses.requests import is_soon, why_waiting
from tiesan.courses.standing import row_id
from tiesan.courses.values import DAY, Case, Course, Waits, Who
from tiesan.people.models import Account
from tiesan.people.notifications import Telling, tell_each
from tiesan.records.base import Record
from tiesan.records.kinds import table_of

REQUEST_WAITS = "request waits"
REQUEST_SOON = "request is for soon"
REQUEST_DECIDED = "request decided"
# In the details of what is confidential: that nothing of it may be said.
SECRET = "secret"  # noqa: S105 - a word, and none to pass by
_MOST_STATEMENTS = 256


def tell_of(case: Case, state: str) -> None:
    """Tell who may act on a row after a verb, and whom it affects; ``state`` is the one it led to.

    The caller commits.
    """
    tellings = {each.account_id: each for each in _of_decision(case)}
    # Of whoever is affected and may act as well it matters more that it waits for them.
    tellings |= {each.account_id: each for each in _of_waiting(case, state)}
    tellings.pop(case.actor.account_id or 0, None)
    if tellings:
        tell_each(case.session, tellings.values(), at=case.at)


def _of_waiting(case: Case, state: str) -> Iterable[Telling]:
    course = case.course
    if not any(kind_of_wait(course, each) for each in course.waits):
        return []
    if case.verb.decides and state == case.state:
        # What was decided without moving the row waits as it has waited before.
        return []
    wait = why_waiting(case.session, course, [case.row.id], case.day).get(case.row.id)
    kind = None if wait is None else kind_of_wait(course, wait)
    if wait is None or kind is None:
        return []
    found = persons_of_rows(case.session, course, wait.verb, [case.row.id], case.day)
    told = _narrowed(case, found.get(case.row.id, []))
    once = None
    if kind == REQUEST_WAITS and is_soon(case.session, course, wait, case.row.id, case.day):
        kind, once = REQUEST_SOON, key_of_soon(course, case.row.id)
    return [_telling(case, each, kind, once) for each in told]


def kind_of_wait(course: Course, wait: Waits) -> str | None:
    """Return as what kind those are told that a row waits who may act on it; None: they are not."""
    if wait.tells is not None:
        return wait.tells
    decides = course.is_request and course.verb(wait.verb).decides
    return REQUEST_WAITS if decides else None


def key_of_soon(course: Course, of_row: int) -> str:
    """Return the key under which it is told once that a request is for today or tomorrow."""
    return f"{course.name}:{of_row}"


def _narrowed(case: Case, accounts: list[int]) -> list[int]:
    """The one whom the row names, where it names one of them; all of them otherwise."""
    named = case.course.assigned and getattr(case.row, case.course.assigned)
    return [named] if named in accounts else accounts


def _of_decision(case: Case) -> Iterable[Telling]:
    course = case.course
    if not course.affects or not (case.verb.decides or case.verb.tells):
        return []
    found = case.session.connection().scalars(
        _affected(course), {"day": case.day, "id": case.row.id}
    )
    kind = course.decided or REQUEST_DECIDED
    return [_telling(case, each, kind, None) for each in found]


@lru_cache(_MOST_STATEMENTS)
def _affected(course: Course) -> Select[Any]:
    """The accounts that a row affects; made once, because making it takes longer."""
    account = table_of(Account).alias()
    return (
        select(account.c.id)
        .join_from(account, course.of, row_id(course) == bindparam("id"))
        .where(is_active(account.c.id), _any_of(course.affects, course.of, account.c.id))
        .order_by(account.c.id)
    )


def _any_of(persons: Iterable[Who], row: Any, who: Any) -> Any:
    return or_(*(each.holds(row, who, DAY) for each in persons))


def _telling(case: Case, account_id: int, kind: str, once: str | None) -> Telling:
    """Of what is confidential nothing is kept but the row."""
    subject = case.course.subject(case.row)
    named = {SECRET: True} if is_confidential(case.row) else {"code": subject.code or ""}
    details = {"course": case.course.name, "verb": case.verb.name, **named}
    return Telling(account_id, kind, (subject.kind, case.row.id), details, once)


def is_confidential(row: Any) -> bool:
    """Return whether nothing may be said of a row but that it is there."""
    secret = isinstance(row, Record) and type(row).policy.confidential
    return secret or bool(getattr(row, "confidential", False))
