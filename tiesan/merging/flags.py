"""Flags of both entries under one identity: their episodes become one sequence.

Source: institutions.md, "What review adds": of one identity one flag at most is active, and it is
the latest episode. Where both entries have an active one, that on which somebody has decided stays,
of two such that of the entry kept; the other is cleared because the entries were merged, with its
review and its history.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.flags.models import Flag, FlagEvent
from tiesan.merging.journal import Journal
from tiesan.records.kinds import table_of
from tiesan.rules import Review

# Why a flag was cleared whose person has another one of the same identity.
MERGED = "merged"
_FLAG, _EVENT = table_of(Flag), table_of(FlagEvent)
# Episodes are set in two steps, beyond all that there are, so that no two are the same meanwhile.
_BEYOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Telling:
    """Who does it, at what moment and on which day, as the history of a flag says it."""

    actor: Actor
    at: datetime
    day: date


def join_episodes(
    session: Session, journal: Journal, kept_id: int, merged_id: int, telling: Telling
) -> list[int]:
    """Number the episodes of identities that both entries have, and clear one of two active flags.

    To be called before the flags are moved. Returns the ids of the flags that were cleared.
    """
    cleared = []
    for flags in _of_both(session, kept_id, merged_id):
        active = [each for each in flags if each.active]
        stays = _staying(active, kept_id)
        for flag in active:
            if flag is not stays:
                gone = {"active": False, "cleared_at": telling.at, "cleared_reason": MERGED}
                journal.change(_FLAG, _FLAG.c.id == flag.id, **gone)
                cleared.append(flag.id)
        _number(journal, flags, stays)
    _tell(session, cleared, "cleared", telling)
    return cleared


def _of_both(session: Session, kept_id: int, merged_id: int) -> Iterable[list[Row[Any]]]:
    """The flags of each identity that both entries have, the oldest first."""
    statement = select(_FLAG).where(_FLAG.c.cadre_id.in_([kept_id, merged_id]))
    found: Mapping[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in session.execute(statement.order_by(_FLAG.c.raised_at, _FLAG.c.id)):
        found[row.rule, row.key].append(row)
    return [flags for flags in found.values() if len({each.cadre_id for each in flags}) > 1]


def _staying(active: list[Row[Any]], kept_id: int) -> Row[Any] | None:
    """The active flag that stays: one on which somebody has decided before one that is open."""
    return max(
        active,
        key=lambda flag: (flag.review != Review.OPEN, flag.cadre_id == kept_id, flag.id),
        default=None,
    )


def _number(journal: Journal, flags: list[Row[Any]], stays: Row[Any] | None) -> None:
    """Number the episodes from one on, the active flag last."""
    ordered = [each for each in flags if each is not stays] + ([] if stays is None else [stays])
    wanted = {flag.id: number for number, flag in enumerate(ordered, 1)}
    numbers = [flag for flag in ordered if flag.episode != wanted[flag.id]]
    for flag in numbers:
        journal.set_aside(_FLAG, _FLAG.c.id == flag.id, episode=_BEYOND + flag.id)
    for flag in numbers:
        journal.note_change(_FLAG, flag.id, "episode", flag.episode, wanted[flag.id])


def _tell(session: Session, flag_ids: Iterable[int], verb: str, telling: Telling) -> None:
    events: list[dict[str, Any]] = [
        {
            "flag_id": flag_id,
            "at": telling.at,
            "on": telling.day,
            "verb": verb,
            "actor_id": telling.actor.account_id,
            "actor_name": telling.actor.name,
            "reason": MERGED if verb == "cleared" else None,
            "attachments": [],
        }
        for flag_id in flag_ids
    ]
    if events:
        session.execute(insert(_EVENT), events)


def raise_again(session: Session, flag_ids: Iterable[int], telling: Telling) -> None:
    """Have flags stand again that were cleared for the merge alone, once they are moved back.

    One whose identity has got another active flag meanwhile stays cleared.
    """
    again = []
    for flag_id in flag_ids:
        flag = session.execute(select(_FLAG).where(_FLAG.c.id == flag_id)).one()
        if flag.active or flag.cleared_reason != MERGED or _is_taken(session, flag):
            continue
        standing = {"active": True, "cleared_at": None, "cleared_reason": None}
        session.connection().execute(_FLAG.update().where(_FLAG.c.id == flag_id).values(**standing))
        again.append(flag_id)
    _tell(session, again, "raised_again", telling)


def _is_taken(session: Session, flag: Row[Any]) -> bool:
    other = select(_FLAG.c.id).where(
        _FLAG.c.rule == flag.rule,
        _FLAG.c.key == flag.key,
        _FLAG.c.cadre_id == flag.cadre_id,
        _FLAG.c.active,
    )
    return session.scalar(other) is not None
