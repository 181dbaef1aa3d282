"""Own flags: those that concern an account, and the one thing that it can do next about each.

Source: the page on the working day, "My flags". What somebody may do is asked of the course; here
stands which of it comes first, and the same as a condition, so that a menu can count it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import is_active
from tiesan.access.reviewers import flags_concerning
from tiesan.courses.standing import Standing, state_of
from tiesan.courses.values import DAY, ME
from tiesan.flags.models import Flag
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.rules import Review


class Step(StrEnum):
    """What comes next for whom a flag concerns."""

    EXPLAIN = "explain"
    ANSWER = "answer"
    REMEDY = "remedy"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step, the verbs that do it, and until when, where there is an end to it."""

    step: Step
    verbs: tuple[str, ...]
    until: date | None = None


def next_step(standing: Standing, open_verbs: Collection[str]) -> NextStep:
    """Return what comes next about a flag, by the verbs that are open to whom it concerns."""
    if standing.state in _UNHEARD and "explain" in open_verbs:
        return NextStep(Step.EXPLAIN, ("explain", "ask_waiver"))
    if "appeal" in open_verbs:
        verbs = ("accept", "appeal", "report_remedy")
        return NextStep(Step.ANSWER, verbs, standing.row.appeal_until)
    if "report_remedy" in open_verbs and not standing.row.remedy_reported:
        return NextStep(Step.REMEDY, ("report_remedy",))
    return NextStep(Step.WAIT, ("withdraw", "explain", "ask_waiver", "report_remedy"))


_UNHEARD = frozenset({Review.OPEN.value, Review.ACKNOWLEDGED.value})
_STATE: ColumnElement[str] = state_of(FLAG_COURSE)
_APPEAL_UNTIL: Any = Flag.appeal_until
_APPEAL_RUNS: ColumnElement[bool] = _APPEAL_UNTIL >= DAY
_UNFINISHED = or_(
    and_(Flag.active, _STATE.in_([*sorted(_UNHEARD), Review.EXPLAINED.value])),
    _STATE.in_([Review.CONFIRMED.value, Review.APPEALED.value, Review.REMEDIED.value]),
)
# As ``next_step`` says of all but waiting.
_TO_DO = or_(
    and_(Flag.active, _STATE.in_(sorted(_UNHEARD))),
    and_(_STATE.in_([Review.CONFIRMED.value, Review.REMEDIED.value]), _APPEAL_RUNS),
    and_(Flag.active, _STATE.in_([Review.CONFIRMED.value]), ~Flag.remedy_reported),
)
_OWN = and_(is_active(ME), flags_concerning(ME))
_FIRST_TO_DO = (
    select(Flag.id)
    .where(_OWN, _UNFINISHED)
    .order_by(
        case((_TO_DO, 0), else_=1),
        case((and_(_TO_DO, _APPEAL_RUNS), _APPEAL_UNTIL)).asc().nulls_last(),
        Flag.rank,
        Flag.occurred_on,
        Flag.id,
    )
)
_FINISHED_FLAGS = (
    select(Flag.id).where(_OWN, ~_UNFINISHED).order_by(Flag.occurred_on.desc(), Flag.id.desc())
)
_NUMBER = select(func.count(Flag.id)).where(_OWN, _TO_DO)


def first_to_do(session: Session, account_id: int, day: date, most: int) -> list[int]:
    """Return the flags that concern an account and are not done with.

    Those with something to do for the account come before all others: what has an end first, then
    the gravest.
    """
    given = {"me": account_id, "day": day}
    return list(session.connection().scalars(_FIRST_TO_DO.limit(most), given))


def finished_flags(session: Session, account_id: int, day: date, most: int) -> list[int]:
    """Return the latest flags that concern an account and are done with."""
    given = {"me": account_id, "day": day}
    return list(session.connection().scalars(_FINISHED_FLAGS.limit(most), given))


def number_to_do(session: Session, account_id: int, day: date) -> int:
    """Return about how many flags an account has something to do next."""
    number = session.connection().scalar(_NUMBER, {"me": account_id, "day": day})
    return number or 0
