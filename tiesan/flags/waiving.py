"""What waivers write into flags: covered by a standing one, no longer covered, ended by a day.

Nobody commits here. An evaluation covers what it raises, a grant what waits for a decision, a later
end what it gains; a waiver of one flag ends by itself on the day after its last one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.stored import StoredFlag
from tiesan.records.kinds import table_of
from tiesan.rules import Review

COVERED = "covered"
UNCOVERED = "uncovered"
WAIVER_ENDED = "waiver_ended"
# What a standing waiver does, and no person with the flag.
BY_WAIVER = frozenset({COVERED, UNCOVERED})
UNDECIDED = frozenset({Review.OPEN.value, Review.ACKNOWLEDGED.value, Review.EXPLAINED.value})
# What the end of a waiver of one flag takes from the flag.
AFTER_THE_END = {"waived_until": None, "changed_since_decision": False}
_FLAG = table_of(Flag)
_UPDATE = (
    update(_FLAG)
    .where(_FLAG.c.id == bindparam("flag"))
    .values(
        review=Review.WAIVED.value,
        waiver_id=bindparam("waiver"),
        waived_until=None,
        asked_until=None,
        assigned_to_id=None,
    )
)


@dataclass(frozen=True, slots=True)
class Covered:
    """A flag that a standing waiver covers from a day on, with the state that it leaves."""

    flag_id: int
    waiver_id: int
    text: str
    on: date
    from_state: str
    revision: int


def cover(session: Session, actor: Actor, found: Sequence[Covered], now: datetime) -> None:
    """Waive flags under standing waivers, each with an event that names its waiver."""
    if not found:
        return
    rows = [{"flag": each.flag_id, "waiver": each.waiver_id} for each in found]
    session.connection().execute(_UPDATE, rows)
    events = [
        _event(
            actor, now, COVERED, (each.from_state, Review.WAIVED.value),
            flag_id=each.flag_id, on=each.on, revision=each.revision, text=each.text,
            waiver_id=each.waiver_id,
        )
        for each in found
    ]  # fmt: skip
    session.execute(insert(FlagEvent), events)


def uncover(
    session: Session, actor: Actor, flag_ids: Sequence[int], day: date, now: datetime
) -> None:
    """Open flags again that their standing waiver covers no more, from a day on."""
    if not flag_ids:
        return
    chosen = select(_FLAG.c.id, _FLAG.c.revision, _FLAG.c.waiver_id).where(_FLAG.c.id.in_(flag_ids))
    events = [
        _event(
            actor, now, UNCOVERED, (Review.WAIVED.value, Review.OPEN.value),
            flag_id=row.id, on=day, revision=row.revision, text=None, waiver_id=row.waiver_id,
        )
        for row in session.execute(chosen.order_by(_FLAG.c.id))
    ]  # fmt: skip
    opened = {"review": Review.OPEN.value, "waiver_id": None, "changed_since_decision": False}
    session.execute(update(_FLAG).where(_FLAG.c.id.in_(flag_ids)).values(**opened))
    session.execute(insert(FlagEvent), events)


def without_ended(
    flags: Iterable[StoredFlag], today: date
) -> tuple[list[StoredFlag], list[StoredFlag]]:
    """Return flags as they stand on a day, and those among them whose waiver has ended by then.

    What a day has done counts whether or not it is written.
    """
    ended = [flag for flag in flags if has_ended(flag, today)]
    ids = {flag.id for flag in ended}
    standing = [
        replace(flag, review=Review.OPEN.value, waived_until=None) if flag.id in ids else flag
        for flag in flags
    ]
    return standing, ended


def has_ended(flag: StoredFlag, today: date) -> bool:
    """Whether a flag is stored as waived until a day that has passed."""
    until = flag.waived_until
    return flag.review == Review.WAIVED and until is not None and until < today


def write_ended(session: Session, ended: Sequence[StoredFlag], now: datetime) -> None:
    """Write that waivers of single flags have ended, each on the day after its last one."""
    if not ended:
        return
    events = [
        _event(
            Actor(None, ""), now, WAIVER_ENDED, (Review.WAIVED.value, Review.OPEN.value),
            flag_id=flag.id, on=flag.waived_until + timedelta(days=1), revision=flag.revision,
            text=None, waiver_id=None,
        )
        for flag in ended
        if flag.waived_until is not None
    ]  # fmt: skip
    values = {"review": Review.OPEN.value, **AFTER_THE_END}
    session.execute(
        update(Flag).where(Flag.id.in_([flag.id for flag in ended])).values(**values),
        execution_options={"synchronize_session": False},
    )
    session.execute(insert(FlagEvent), events)


def _event(
    actor: Actor, now: datetime, verb: str, states: tuple[str, str], **values: Any
) -> dict[str, Any]:
    from_state, to_state = states
    return {
        "at": now,
        "verb": verb,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "from_state": from_state,
        "to_state": to_state,
        **values,
    }
