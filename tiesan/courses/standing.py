"""How rows stand in their course: state, events, and for one account what it may see and do.

One statement reads the rows, whatever number there is of them, with a column for each distinct
policy; a second one reads their events.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, literal, select
from sqlalchemy.orm import Session

from tiesan.access.policies import acts, is_active
from tiesan.courses.values import DAY, ME, Course, Event, Lapse, Seen, StateOf, Who
from tiesan.records.base import Record

# Of these rows it is asked how they stand.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Whether an account may act at all: nothing of it depends on a course.
_MAY_ACT = select(acts(ME, DAY))


@dataclass(frozen=True, slots=True)
class Standing:
    """A row in its course on a day, as one account may see it.

    ``state`` and ``events`` count a ``lapse`` that is due and not written yet; ``holds`` are the
    persons, by name, who the account is. A row that is not ``live`` was voided.
    """

    row: Any
    state: str
    events: tuple[Event, ...]
    visible: bool
    live: bool
    holds: frozenset[str]
    lapse: Lapse | None

    def seen(self, course: Course) -> Seen:
        """Return what somebody who looks at it now has seen."""
        return Seen(self.state, course.version(self.row), len(self.events))


@dataclass(frozen=True, slots=True)
class Asking:
    """The account that asks how rows stand, and the day on which."""

    account_id: int | None
    day: date


def state_of(course: Course) -> StateOf:
    """Return the expression of a row's state on ``DAY``; a lapse that is due has happened in it."""
    if course.column is None:
        whens = [(each.when, literal(each.name)) for each in course.states if each.when is not None]
        return case(*whens)
    column: StateOf = getattr(course.of, course.column)
    due = [(and_(column == each.from_, each.when), literal(each.to)) for each in course.lapses]
    return case(*due, else_=column) if due else column


def is_live(course: Course) -> ColumnElement[bool]:
    """Return the condition of rows that count: records that were not voided."""
    if issubclass(course.of, Record):
        return course.of.voided_at.is_(None)
    return literal(value=True)


def persons(course: Course) -> dict[str, Who]:
    """Return the distinct persons of a course, by name."""
    return {who.name: who for verb in course.verbs for who in verb.who}


def row_id(course: Course) -> Any:
    """Return the column of the id."""
    return getattr(course.of, "id")  # noqa: B009 - every class has one, the base has none


@cache
def _statement(course: Course, asked: tuple[str, ...] | None) -> Select[Any]:
    """Rows with state, visibility and policies, of all persons or of those ``asked`` for.

    It is made once, because making it takes longer.
    """
    # Who has left still sees what they saw, and does nothing any more.
    active, acting = is_active(ME), acts(ME, DAY)
    stored = literal(None) if course.column is None else getattr(course.of, course.column)
    return select(
        course.of,
        stored.label("stored_state"),
        state_of(course).label("read_state"),
        is_live(course).label("is_live"),
        and_(active, course.visible(course.of, ME, DAY)).label("is_visible"),
        *(
            and_(active if who.though_left else acting, who.holds(course.of, ME, DAY)).label(
                f"is_{name}"
            )
            for name, who in persons(course).items()
            if asked is None or name in asked
        ),
    ).where(row_id(course).in_(_IDS))


def may_act(session: Session, account_id: int | None, day: date) -> bool:
    """Return whether an account may sign in and its cadre, if it has one, has not left by a day."""
    return bool(session.scalar(_MAY_ACT, {"me": account_id, "day": day}))


def read_standings(
    session: Session,
    course: Course,
    ids: Collection[int],
    account_id: int | None,
    day: Any,
) -> Mapping[int, Standing]:
    """Return how these rows stand, by id; ids without a row are left out.

    What the session already holds of the rows is read anew.
    """
    given = {"me": account_id, "day": day, "ids": sorted(ids)}
    return _read(session, course, _statement(course, None), given)


def standings_of_persons(
    session: Session,
    course: Course,
    ids: Collection[int],
    asking: Asking,
    names: tuple[str, ...],
    *,
    anew: bool = True,
) -> Mapping[int, Standing]:
    """Return the same where it matters only whether the account is one of some persons, by name.

    Rows that were just shown are not read ``anew``: what was seen of them is what was shown.
    """
    given = {"me": asking.account_id, "day": asking.day, "ids": sorted(ids)}
    return _read(session, course, _statement(course, names), given, anew=anew)


def read_states(
    session: Session, course: Course, ids: Collection[int], day: date
) -> Mapping[int, str]:
    """Return the states of these rows, by id: no row is loaded, and no policy is looked at."""
    if not ids:
        return {}
    found = session.execute(_states(course), {"day": day, "ids": sorted(ids)})
    return {of: state for of, state in found}  # noqa: C416 - a row is no pair to a type checker


@cache
def _states(course: Course) -> Select[Any]:
    return select(row_id(course), state_of(course)).where(row_id(course).in_(_IDS))


def _read(
    session: Session,
    course: Course,
    statement: Select[Any],
    given: Mapping[str, Any],
    *,
    anew: bool = True,
) -> Mapping[int, Standing]:
    ids: list[int] = given["ids"]
    if not ids:
        return {}
    options = {"populate_existing": anew}
    found = session.execute(statement, given, execution_options=options).all()
    events = course.history.read(session, course.name, ids)
    return {each[0].id: _standing(course, each, events.get(each[0].id, ())) for each in found}


def _standing(course: Course, found: Any, events: tuple[Event, ...]) -> Standing:
    values = found._mapping  # noqa: SLF001 - SQLAlchemy's own name for it
    holds = {name for name in persons(course) if values.get(f"is_{name}")}
    standing = Standing(
        row=found[0],
        state=values["read_state"],
        events=events,
        visible=bool(values["is_visible"]),
        live=bool(values["is_live"]),
        holds=frozenset(holds),
        lapse=None,
    )
    if course.column is None or values["stored_state"] == standing.state:
        return standing
    lapse = _due(course, values["stored_state"], standing.state)
    return replace(standing, lapse=lapse, events=(*events, lapse_event(lapse, found[0])))


def _due(course: Course, stored: str, state: str) -> Lapse:
    return next(each for each in course.lapses if (each.from_, each.to) == (stored, state))


def lapse_event(lapse: Lapse, row: Any) -> Event:
    """Return the event of a lapse, which nobody did."""
    return Event(lapse.verb, lapse.on(row), lapse.from_, lapse.to)
