"""What was found of the same subject by the same rule before, and how that was decided."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.words.flags import message_of, review_word, verb_done
from tiesan.words.rows import who
from tiesan.words.values import moment

# Verbs that judge a flag; what is said before them they have answered.
DECIDING = frozenset(
    {"confirm", "dismiss", "waive", "uphold", "overturn", "keep", "remedy", "close"}
)
_MOST = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """How a flag was decided last: what, by whom and when, and with which words."""

    what: str
    who: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier flag: what it says, since when, where it stands, and its last decision."""

    id: int
    message: str
    day: date
    review: str
    decision: Decision | None


def past_of(flag: Flag) -> Mapping[str, Any]:
    """Return what came before a flag: the episode that it continues, and others of its kind.

    ``earlier_flags`` are the latest of them; ``more_flags`` says whether there are others.
    """
    others = (
        select(Flag)
        .where(Flag.rule == flag.rule, _of_subject(flag), Flag.id != flag.id)
        .where(Flag.occurred_on <= flag.occurred_on)
        .order_by(Flag.occurred_on.desc(), Flag.id.desc())
        .limit(_MOST + 1)
    )
    found = list(db.session.scalars(others))
    shown = found[:_MOST]
    ids = {each.id for each in shown} | {flag.previous_id or 0}
    decisions = _decisions(ids)
    return {
        "earlier_flags": [_earlier(each, decisions) for each in shown],
        "more_flags": len(found) > _MOST,
        "previous": None if flag.previous is None else _earlier(flag.previous, decisions),
    }


def _of_subject(flag: Flag) -> ColumnElement[bool]:
    if flag.cadre_id is not None:
        return Flag.cadre_id == flag.cadre_id
    return Flag.organization_id == flag.organization_id


def _earlier(flag: Flag, decisions: Mapping[int, Decision]) -> Earlier:
    return Earlier(
        flag.id,
        message_of(flag),
        flag.occurred_on,
        review_word(flag.review),
        decisions.get(flag.id),
    )


def _decisions(ids: Collection[int]) -> dict[int, Decision]:
    """The last decision of each of these flags."""
    statement = (
        select(FlagEvent)
        .where(FlagEvent.flag_id.in_(ids), FlagEvent.verb.in_(sorted(DECIDING)))
        .order_by(FlagEvent.id)
    )
    return {
        event.flag_id: Decision(
            verb_done(event.verb),
            who(event.actor_name, event.actor_id),
            moment(event.at),
            event.text or "",
        )
        for event in db.session.scalars(statement)
    }
