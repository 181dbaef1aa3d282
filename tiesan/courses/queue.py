"""All rows that wait for an account, and all accounts that a row waits for.

One narrow statement for each reason, in the order of the reasons, each reading no more than the
page still lacks; conditions of one course exclude each other, so that a row comes once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import acts
from tiesan.courses.standing import is_live, row_id, state_of
from tiesan.courses.values import DAY, ME, Course, Waits
from tiesan.people.models import Account
from tiesan.records.kinds import table_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits, and why."""

    id: int
    why: Waits


@cache
def _waiting_for(course: Course, position: int) -> Select[Any]:
    """Rows that wait for ``ME`` for one reason; made once."""
    wait = course.waits[position]
    who = course.verb(wait.verb).who
    identity = row_id(course)
    return (
        select(identity)
        .where(
            is_live(course),
            wait.where(state_of(course)),
            acts(ME, DAY),
            or_(*(each.holds(course.of, ME, DAY) for each in who)),
        )
        .order_by(*wait.order, identity)
        .limit(bindparam("most"))
    )


def queue(session: Session, course: Course, account_id: int, day: date, most: int) -> list[Waiting]:
    """Return at most so many rows that wait for an account, by reason."""
    found: list[Waiting] = []
    for position, wait in enumerate(course.waits):
        lacking = most - len(found)
        if lacking <= 0:
            break
        given = {"me": account_id, "day": day, "most": lacking}
        ids = session.scalars(_waiting_for(course, position), given)
        found.extend(Waiting(each, wait) for each in ids)
    return found


def persons_who_may(
    session: Session, course: Course, verb: str, of_row: int, day: date
) -> Iterator[int]:
    """Yield the accounts that may carry a verb out on a row, whatever its state; by id."""
    account = table_of(Account).alias()
    who = course.verb(verb).who
    statement = (
        select(account.c.id)
        .join_from(account, course.of, row_id(course) == of_row)
        .where(
            account.c.active,
            or_(*(each.holds(course.of, account.c.id, DAY) for each in who)),
        )
        .order_by(account.c.id)
    )
    yield from session.scalars(statement, {"day": day})


def state_is(name: str) -> Any:
    """Return the condition that a row is in one state."""

    def in_state(state: Any) -> Any:
        return state == name

    in_state.__doc__ = f"The state is `{name}`."
    return in_state
