"""The inbox: which flags wait for a reviewer, in which order, and which of them belong together.

Source: the page on reviews, "The inbox" and "Flags that belong together". Who a flag waits for, and
why, is said by the course; here stands what narrows that, and what is seen as one.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from tiesan.courses.many import MOST, Named
from tiesan.courses.queue import Narrowing, Waiting, queue
from tiesan.courses.standing import Standing, read_standings
from tiesan.courses.values import ME, Waits
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, OrganizationAbove
from tiesan.records.kinds import table_of
from tiesan.reviews.assigned import ASSIGNED, ASSIGNEE
from tiesan.reviews.flag_course import FLAG_COURSE

MINE, ALSO_OTHERS = "me", "all"
# So many flags of one rule, organization and day are seen as one.
LEAST_OF_GROUP = 3

_CADRE, _ABOVE = table_of(Cadre), table_of(OrganizationAbove)
_PLACE: ColumnElement[int] = func.coalesce(Flag.organization_id, _CADRE.c.organization_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of their inbox; what is None narrows nothing.

    ``institution`` is the name of a plugin, ``organization`` an organization and all below it,
    ``since`` the first day on which it occurred. ``assigned`` is one of ``MINE`` and
    ``ALSO_OTHERS``; without it, what is assigned to others is left out. ``place`` and ``day`` are
    the one organization and the one day of a group.
    """

    institution: str | None = None
    rule: str | None = None
    severity: str | None = None
    organization: int | None = None
    cadre: int | None = None
    since: date | None = None
    assigned: str | None = None
    place: int | None = None
    day: date | None = None

    @property
    def is_group(self) -> bool:
        """Whether it is one group that is wanted."""
        return None not in (self.rule, self.place, self.day)


def _of(name: str) -> Any:
    return bindparam(f"wanted_{name}")


def _posted(organizations: Any) -> ColumnElement[bool]:
    return Flag.cadre_id.in_(select(_CADRE.c.id).where(_CADRE.c.organization_id.in_(organizations)))


_BELOW = select(_ABOVE.c.organization_id).where(_ABOVE.c.above_id == _of("organization"))
_INSTITUTION = func.substr(Flag.rule, 1, func.length(_of("institution")) + 1) == (
    _of("institution").concat(".")
)
# Made once: the statements of the queue are kept by them.
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "institution": _INSTITUTION,
    "rule": Flag.rule == _of("rule"),
    "severity": Flag.severity == _of("severity"),
    "organization": or_(Flag.organization_id.in_(_BELOW), _posted(_BELOW)),
    "cadre": Flag.cadre_id == _of("cadre"),
    "since": Flag.occurred_on >= _of("since"),
    "place": or_(Flag.organization_id == _of("place"), _posted([_of("place")])),
    "day": Flag.occurred_on == _of("day"),
}
_ASSIGNED_TO_ME = ASSIGNEE == ME
_NOT_OF_OTHERS = or_(ASSIGNEE.is_(None), _ASSIGNED_TO_ME, ~ASSIGNED)


def waiting_for(
    session: Session, account_id: int, day: date, wanted: Wanted, most: int = MOST
) -> list[Waiting]:
    """Return at most so many flags that wait for a reviewer, in their order."""
    return queue(session, FLAG_COURSE, account_id, day, most, _narrowing(wanted))


def _narrowing(wanted: Wanted) -> Narrowing:
    given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    set_ = {name: value for name, value in given.items() if value is not None}
    conditions = [_CONDITIONS[name] for name in set_ if name in _CONDITIONS]
    if wanted.assigned != ALSO_OTHERS:
        conditions.append(_ASSIGNED_TO_ME if wanted.assigned == MINE else _NOT_OF_OTHERS)
    values = {f"wanted_{name}": value for name, value in set_.items() if name in _CONDITIONS}
    return Narrowing(tuple(conditions), values)


# --- what is chosen for a verb on many ------------------------------------------------------------


def chosen_as_seen(
    session: Session, account_id: int, day: date, wanted: Wanted, seen_at: datetime
) -> list[Named]:
    """Return what waits under a filter, named as it was seen at a moment.

    What has happened since counts as not seen, so that a verb on it is refused.
    """
    ids = [each.id for each in waiting_for(session, account_id, day, wanted)]
    standings = read_standings(session, FLAG_COURSE, ids, account_id, day)
    return [_as_seen(standings[flag_id], seen_at) for flag_id in ids if flag_id in standings]


def _as_seen(standing: Standing, seen_at: datetime) -> Named:
    seen = standing.seen(FLAG_COURSE)
    events = sum(
        event.day <= seen_at.date() if event.at is None else event.at <= seen_at
        for event in standing.events
    )
    return Named(standing.row.id, seen.state, seen.version, str(events))


# --- what is seen as one --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the flags of a group share: the rule, the organization, the day on which it occurred."""

    rule: str
    place: int
    day: date


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the inbox: one flag with the reason why it waits, or a group of them.

    ``place`` and ``cadre`` are of the first flag.
    """

    why: Waits
    ids: tuple[int, ...]
    key: GroupKey
    cadre: int | None
    in_group: bool = field(default=False)


def items_of(session: Session, waiting: Sequence[Waiting], *, grouped: bool) -> list[Item]:
    """Return the lines of an inbox; groups stand where their first flag would."""
    kept = _keys(session, [each.id for each in waiting])
    waiting = [each for each in waiting if each.id in kept]
    numbers = Counter(kept[each.id][0] for each in waiting)
    members: dict[GroupKey, list[Waiting]] = {}
    for each in waiting:
        key, _cadre = kept[each.id]
        members.setdefault(key, []).append(each)
    return list(_lines(waiting, kept, numbers if grouped else Counter(), members))


def _lines(
    waiting: Sequence[Waiting],
    kept: Mapping[int, tuple[GroupKey, int | None]],
    numbers: Counter[GroupKey],
    members: Mapping[GroupKey, Sequence[Waiting]],
) -> Iterator[Item]:
    shown: set[GroupKey] = set()
    for each in waiting:
        key, cadre = kept[each.id]
        if numbers[key] < LEAST_OF_GROUP:
            yield Item(each.why, (each.id,), key, cadre)
        elif key not in shown:
            shown.add(key)
            ids = tuple(member.id for member in members[key])
            yield Item(each.why, ids, key, None, in_group=True)


def _keys(session: Session, ids: Collection[int]) -> dict[int, tuple[GroupKey, int | None]]:
    """Rule, organization and day of flags, and their cadres, by id."""
    statement = (
        select(Flag.id, Flag.rule, _PLACE, Flag.occurred_on, Flag.cadre_id)
        .outerjoin(_CADRE, _CADRE.c.id == Flag.cadre_id)
        .where(Flag.id.in_(ids))
    )
    return {
        flag_id: (GroupKey(rule, place, day), cadre)
        for flag_id, rule, place, day, cadre in session.connection().execute(statement)
    }
