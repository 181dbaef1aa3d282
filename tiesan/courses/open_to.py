"""Which verbs of a course an account could carry out, by the policies of the course itself.

It is looked for among the newest rows that whoever asks may see, whatever their state, so that the
answer takes the same time in a large district; confidential rows are left out.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import acts, is_active
from tiesan.courses.standing import is_live, persons, row_id
from tiesan.courses.values import DAY, ME, NEW, Course, Verb, Who
from tiesan.records.base import Record

NEWEST = 500
_MOST_STATEMENTS = 100


def verbs_open_on_rows(
    session: Session, course: Course, account_id: int, day: date
) -> list[tuple[Verb, list[Who]]]:
    """Return the verbs that an account may carry out on a row, with the capacities in which."""
    if issubclass(course.of, Record) and course.of.policy.confidential:
        return []
    given = {"me": account_id, "day": day}
    holding = {
        name
        for name in persons(course)
        if session.execute(_holds(course, name), given).first() is not None
    }
    found = []
    for verb in course.verbs:
        capacities = [who for who in verb.who if who.name in holding]
        if verb.from_ is not NEW and capacities:
            found.append((verb, capacities))
    return found


@lru_cache(_MOST_STATEMENTS)
def _holds(course: Course, name: str) -> Select[Any]:
    """One of the newest rows on which ``ME`` is a person of a course."""
    who, identity = persons(course)[name], row_id(course)
    newest = select(identity).where(*_open(course)).order_by(identity.desc()).limit(NEWEST)
    may = is_active(ME) if who.though_left else acts(ME, DAY)
    visible = course.visible(course.of, ME, DAY)
    return (
        select(identity)
        .where(identity.in_(newest.subquery().select()), may, visible)
        .where(or_(who.holds(course.of, ME, DAY)))
        .limit(1)
    )


def _open(course: Course) -> list[Any]:
    secret = getattr(course.of, "confidential", None)
    return [is_live(course), *([] if secret is None else [secret.is_(False)])]
