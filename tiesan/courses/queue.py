"""All rows that wait for an account, and all accounts that a row waits for.

Narrow statements for each reason, in the order of the reasons, each reading no more than the page
still lacks; conditions of one course exclude each other, so that a row comes once. A stored state
is compared as it is stored, so that an index gives the rows in their order; those on which a lapse
is due, and not written yet, are asked for apart and merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import acts
from tiesan.courses.standing import is_live, row_id, state_of
from tiesan.courses.values import DAY, ME, Course, Lapse, Waits
from tiesan.people.models import Account
from tiesan.records.kinds import table_of

Conditions: TypeAlias = tuple[ColumnElement[bool], ...]
_MOST_STATEMENTS = 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits, and why."""

    id: int
    why: Waits


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Fewer of the rows that wait: ``conditions``, with ``values`` for their parameters.

    Conditions are made once and named in each call anew, because statements are kept by them.
    """

    conditions: Conditions = ()
    values: Mapping[str, Any] = field(default_factory=dict)


ALL = Narrowing()


def queue(  # one argument for each thing that the statements need
    session: Session,
    course: Course,
    account_id: int,
    day: date,
    most: int,
    narrowing: Narrowing = ALL,
) -> list[Waiting]:
    """Return at most so many rows that wait for an account, by reason."""
    session.flush()
    found: list[Waiting] = []
    for wait in course.waits:
        lacking = most - len(found)
        if lacking <= 0:
            break
        rows = rows_waiting(session, course, wait, (account_id, day, lacking), narrowing)
        found.extend(Waiting(row[-1], wait) for row in rows)
    return found


def rows_waiting(
    session: Session,
    course: Course,
    wait: Waits,
    asked: tuple[int, date, int],
    narrowing: Narrowing = ALL,
) -> list[tuple[Any, ...]]:
    """Return the rows that wait for one reason: what they are sorted by, and last the id.

    ``asked`` are the account, the day, and how many rows at most.
    """
    account_id, day, most = asked
    # The policies say who sees what waits: nothing needs to narrow it once more.
    connection = session.connection()
    given = {"me": account_id, "day": day, "most": most, **narrowing.values}
    statements = (
        _waiting_for(course, wait, part, narrowing.conditions) for part in _parts(course, wait)
    )
    rows = [tuple(row) for each in statements for row in connection.execute(each, given)]
    # Each part is sorted and no longer than what is lacking, so that the first of all are here.
    return sorted(rows)[:most]


# A stored state, or one to which a lapse leads that is due; None where the state is an expression.
_Part: TypeAlias = str | Lapse | None


def _parts(course: Course, wait: Waits) -> list[_Part]:
    if not wait.states:
        return [None]
    lapses = [lapse for lapse in course.lapses if lapse.to in wait.states]
    return [*wait.states, *lapses]


@lru_cache(_MOST_STATEMENTS)
def _waiting_for(course: Course, wait: Waits, part: _Part, around: Conditions) -> Select[Any]:
    """Rows that wait for ``ME`` for one reason; made once, because making it takes longer."""
    who = course.verb(wait.verb).who
    identity = row_id(course)
    further = () if wait.where is None else (wait.where(state_of(course)),)
    return (
        select(*wait.order, identity)
        .where(
            is_live(course),
            *_in_state(course, part),
            *further,
            *around,
            acts(ME, DAY),
            or_(*(each.holds(course.of, ME, DAY) for each in who)),
        )
        .order_by(*wait.order, identity)
        .limit(bindparam("most"))
    )


def _in_state(course: Course, part: _Part) -> Conditions:
    if part is None or course.column is None:
        return ()
    column: ColumnElement[str] = getattr(course.of, course.column)
    if isinstance(part, Lapse):
        return (column == part.from_, part.when)
    due = [each.when.is_not(True) for each in course.lapses if each.from_ == part]
    return (column == part, *due)


def persons_who_may(
    session: Session, course: Course, verb: str, of_row: int, day: date
) -> Iterator[int]:
    """Yield the accounts that may carry a verb out on a row, whatever its state; by id."""
    yield from persons_of_rows(session, course, verb, [of_row], day).get(of_row, ())


def persons_of_rows(
    session: Session, course: Course, verb: str, of_rows: Sequence[int], day: date
) -> dict[int, list[int]]:
    """Return the same of many rows, asked for at once; rows on which nobody may are left out."""
    found: dict[int, list[int]] = {}
    for row, account in session.execute(_may(course, verb), {"day": day, "ids": list(of_rows)}):
        found.setdefault(row, []).append(account)
    return found


@lru_cache(_MOST_STATEMENTS)
def _may(course: Course, verb: str) -> Select[Any]:
    """Rows and the accounts that may carry a verb out on them; made once: it takes longer."""
    account = table_of(Account).alias()
    ids: Any = bindparam("ids", expanding=True)
    return (
        select(row_id(course), account.c.id)
        .join_from(account, course.of, row_id(course).in_(ids))
        .where(
            acts(account.c.id, DAY),
            or_(*(each.holds(course.of, account.c.id, DAY) for each in course.verb(verb).who)),
        )
        .order_by(row_id(course), account.c.id)
    )


def state_is(name: str) -> Any:
    """Return the condition that a row is in one state."""

    def in_state(state: Any) -> Any:
        return state == name

    in_state.__doc__ = f"The state is `{name}`."
    return in_state
