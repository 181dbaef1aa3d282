"""Flags in numbers: which were raised in a span, and how their reviews stood as of a day.

A flag counts in the span in which its matter occurred, for the organization that it is about now,
or to which its cadre is posted now, as lists of flags have it. It counts while the condition of its
rule holds. Confidential flags are in no number, for nobody.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from tiesan.flags.models import Flag, FlagEvent
from tiesan.people.models import Cadre
from tiesan.records.kinds import table_of
from tiesan.reports.asked import Asked, Counted
from tiesan.rules import FLAG, Review

RAISED, CONFIRMED, DISMISSED, WAIVED, REMEDIED = (
    "raised",
    "confirmed",
    "dismissed",
    "waived",
    "remedied",
)
OUTCOMES = (RAISED, CONFIRMED, DISMISSED, WAIVED, REMEDIED)
# What an evaluation says of whether the condition holds.
_HOLDING = ("raised", "raised_again", "cleared")
_CADRE, _EVENT, _FLAG = table_of(Cadre), table_of(FlagEvent), table_of(Flag)
# The organization of a flag: the one it is about, or where its cadre is posted now.
PLACE: ColumnElement[int] = func.coalesce(Flag.organization_id, _CADRE.c.organization_id)


def flags_told(asked: Asked, *columns: Any) -> Select[Any]:
    """Select columns of the flags that occurred in a span and are told of."""
    return of_places(asked, *columns).where(
        Flag.occurred_on >= asked.span.first_day, Flag.occurred_on <= asked.last_day
    )


def of_places(asked: Asked, *columns: Any) -> Select[Any]:
    """Select columns of the flags of an installation that are told of, of whichever day."""
    told = [rule for rule in sorted(asked.catalog.in_force) if asked.tells_of(rule)]
    return (
        select(*columns)
        .select_from(Flag)
        .outerjoin(_CADRE, _CADRE.c.id == Flag.cadre_id)
        .where(
            Flag.district_id == asked.places.district_id,
            Flag.confidential.is_(False),
            Flag.rule.in_(told),
            PLACE.in_(asked.places.ids),
        )
    )


def count_flags(session: Session, asked: Asked) -> Iterator[Counted]:
    """Yield what each flag of a span counts as, for its institution and its organization."""
    reviews, holding = reviews_by(asked), holding_by(asked)
    state = state_of(reviews, asked.as_of)
    statement = (
        flags_told(asked, Flag.id, Flag.rule, PLACE, state, reviews.c.from_state)
        .outerjoin(reviews, reviews.c.flag_id == Flag.id)
        .join(holding, holding.c.flag_id == Flag.id)
        .where(holding.c.verb != "cleared")
        .order_by(Flag.id)
    )
    for flag_id, rule, place, review, from_state in session.execute(statement):
        plugin, told = rule.partition(".")[0], asked.places.told_under[place]
        for outcome in outcomes_of(review, from_state):
            yield Counted(f"{outcome}:{plugin}", told, (FLAG.name, flag_id))


def outcomes_of(review: str, came_from: str | None) -> Iterator[str]:
    """Yield what a flag with a review counts as, besides as raised."""
    yield RAISED
    if review in (Review.CONFIRMED, Review.REMEDIED, Review.CLOSED):
        yield CONFIRMED
    if review == Review.REMEDIED or (review == Review.CLOSED and came_from == Review.REMEDIED):
        yield REMEDIED
    if review == Review.DISMISSED:
        yield DISMISSED
    if review == Review.WAIVED:
        yield WAIVED


def reviews_by(asked: Asked) -> Subquery:
    """The last step of each review by a day: its flag, the state, whence, and a waiver's end."""
    columns = (_EVENT.c.flag_id, _EVENT.c.to_state, _EVENT.c.from_state, _EVENT.c.waived_until)
    return _last(asked, _EVENT.c.to_state.is_not(None), *columns)


def holding_by(asked: Asked, by: str = "occurred_on") -> Subquery:
    """The last that evaluations said of each flag by a day: its flag, and the verb."""
    return _last(asked, _EVENT.c.verb.in_(_HOLDING), _EVENT.c.flag_id, _EVENT.c.verb, by=by)


def state_of(reviews: Subquery, as_of: date) -> ColumnElement[Any]:
    """The state of a review by its last step; a waiver that had ended by the day counts as open."""
    ended = and_(reviews.c.to_state == Review.WAIVED.value, reviews.c.waived_until < as_of)
    known = func.coalesce(reviews.c.to_state, Review.OPEN.value)
    return case((ended, Review.OPEN.value), else_=known)


def _last(
    asked: Asked, condition: ColumnElement[bool], *columns: Any, by: str = "occurred_on"
) -> Subquery:
    """The last event of each flag in a span under a condition, by the day as of which is told.

    ``by`` is the day of a flag that lies in the span.
    """
    latest = (_EVENT.c.on.desc(), _EVENT.c.id.desc())
    number = func.row_number().over(partition_by=_EVENT.c.flag_id, order_by=latest)
    flags = ids_of_flags(asked, by)
    known = (condition, _EVENT.c.on <= asked.as_of, _EVENT.c.flag_id.in_(flags))
    numbered = select(*columns, number.label("number")).where(*known).subquery()
    kept = [each for each in numbered.c if each.name != "number"]
    return select(*kept).where(numbered.c.number == 1).subquery()


def ids_of_flags(asked: Asked, by: str) -> Select[int]:
    """The ids of the flags of a district of which a day lies in a span, for a subquery."""
    return select(_FLAG.c.id).where(
        _FLAG.c.district_id == asked.places.district_id,
        _FLAG.c[by].between(asked.span.first_day, asked.last_day),
    )
