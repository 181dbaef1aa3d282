"""Flags on the organization of a cadre move with the cadre.

Source: institutions.md, "Readings": the three rules on the cadre's organization name the one
stored now; moving the cadre moves their flags. So that a transfer sheds no decision, it is the same
flag, with its review, its revisions and its history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from tiesan.audit import Actor
from tiesan.flags.models import Flag, FlagEvent
from tiesan.people.models import Cadre, Organization


@dataclass(frozen=True, slots=True)
class _Move:
    flag_id: int
    rule: str
    key: str
    left: str
    organization_id: int
    district_id: int

    @property
    def aim(self) -> tuple[str, str, int]:
        """What the flag is to be at its new place; only the flags of one place can be that."""
        return (self.rule, self.key, self.organization_id)


def follow_transfers(
    session: Session, actor: Actor, district_id: int, as_of: date, now: datetime
) -> None:
    """Move the flags of cadres who came to a district, left it, or were moved inside it.

    To be called before the district's flags are read, whichever of two districts is evaluated
    first: the flag is then judged where the cadre is. One that the new organization has already,
    by the same rule and key, stays where it is. All episodes go along.
    """
    moves = _moves(session, district_id)
    for move in moves:
        place = {"organization_id": move.organization_id, "district_id": move.district_id}
        session.execute(update(Flag).where(Flag.id == move.flag_id).values(**place))
    _tell(session, actor, moves, as_of, now)


def _moves(session: Session, district_id: int) -> list[_Move]:
    rows: Iterable[Sequence[Any]] = session.execute(_leaving(), {"district": district_id})
    moves = [_Move(*row) for row in rows]
    latest = {move.aim: move.left for move in moves}
    return [move for move in moves if latest[move.aim] == move.left]


@cache
def _leaving() -> Select[*tuple[Any, ...]]:
    """The flags that leave or reach a district, ``district``; made once, as every save asks it."""
    left, reached = aliased(Organization), aliased(Organization)
    district: BindParameter[int] = bindparam("district", type_=Integer())
    return (
        select(Flag.id, Flag.rule, Flag.key, left.code, reached.id, reached.district_id)
        .join(Cadre, Flag.posted_cadre_id == Cadre.id)
        .join(left, Flag.organization_id == left.id)
        .join(reached, Cadre.organization_id == reached.id)
        .where(_elsewhere(), or_(left.district_id == district, reached.district_id == district))
        .order_by(Flag.id)
    )


def _elsewhere() -> ColumnElement[bool]:
    """Whether a flag is not where its cadre is posted, and there is no such flag there yet."""
    other = aliased(Flag)
    taken = exists().where(
        other.rule == Flag.rule,
        other.key == Flag.key,
        other.organization_id == Cadre.organization_id,
    )
    return and_(Flag.organization_id != Cadre.organization_id, ~taken)


def _tell(
    session: Session, actor: Actor, moves: Iterable[_Move], as_of: date, now: datetime
) -> None:
    events: list[dict[str, Any]] = [
        {
            "flag_id": move.flag_id,
            "at": now,
            "on": as_of,
            "verb": "moved",
            "actor_id": actor.account_id,
            "actor_name": actor.name,
            "reason": move.left,
        }
        for move in moves
    ]
    if events:
        session.execute(insert(FlagEvent), events)


def transferred(session: Session, flag_ids: Iterable[int]) -> frozenset[int]:
    """Which of these flags are to be moved: a cadre may be posted anew during an evaluation.

    Such a flag has not ended; the next evaluation moves it.
    """
    statement = (
        select(Flag.id)
        .join(Cadre, Flag.posted_cadre_id == Cadre.id)
        .where(Flag.id.in_(sorted(flag_ids)), _elsewhere())
    )
    return frozenset(session.scalars(statement))
