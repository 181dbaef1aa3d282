"""Where the events of a course are kept: the core's table, or another one with the same verbs."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, select
from sqlalchemy.orm import Session

from tiesan.courses.models import CourseEvent
from tiesan.courses.values import Event
from tiesan.records.kinds import table_of

_TABLE = table_of(CourseEvent)
# Made once: every list and every page of a row asks it.
_OF_ROWS = (
    select(_TABLE)
    .where(
        _TABLE.c.course == bindparam("of_course"),
        _TABLE.c.row_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(_TABLE.c.id)
)


class CourseEvents:
    """The events in the table of the core, ``course_event``."""

    def read(
        self, session: Session, course: str, ids: Collection[int]
    ) -> Mapping[int, tuple[Event, ...]]:
        """Return the events of these rows, the oldest first; rows without any are left out."""
        asked = {"of_course": course, "ids": sorted(ids)}
        found: dict[int, list[Event]] = {}
        for row in session.execute(_OF_ROWS, asked).mappings():
            found.setdefault(row["row_id"], []).append(_event(row))
        return {row_id: tuple(events) for row_id, events in found.items()}

    def write(self, session: Session, course: str, row_id: int, event: Event) -> Event:
        """Add an event; returns it with its id."""
        row = CourseEvent(
            course=course,
            row_id=row_id,
            at=event.at,
            day=event.day,
            verb=event.verb,
            account_id=event.account_id,
            actor_name=event.actor_name,
            for_id=event.for_id,
            capacity=event.capacity,
            from_state=event.from_,
            to_state=event.to,
            text=event.text,
            attachments=list(event.attachments),
            once=event.once,
        )
        session.add(row)
        session.flush()
        return _event({column.name: getattr(row, column.name) for column in _TABLE.columns})

    def sent_before(
        self, session: Session, course: str, row_id: int | None, event: tuple[int, str, str]
    ) -> tuple[int, Event] | None:
        """Return the row and the event of a form that was sent before, if it was."""
        account_id, verb, once = event
        of_row: ColumnElement[bool] = _TABLE.c.row_id == row_id
        statement = select(_TABLE).where(
            _TABLE.c.course == course,
            _TABLE.c.account_id == account_id,
            _TABLE.c.verb == verb,
            _TABLE.c.once == once,
            _TABLE.c.from_state.is_(None) if row_id is None else of_row,
        )
        row = session.execute(statement).mappings().first()
        return None if row is None else (row["row_id"], _event(row))


def _event(row: RowMapping | Mapping[str, Any]) -> Event:
    return Event(
        id=row["id"],
        at=row["at"],
        day=row["day"],
        verb=row["verb"],
        account_id=row["account_id"],
        actor_name=row["actor_name"],
        for_id=row["for_id"],
        capacity=row["capacity"],
        from_=row["from_state"],
        to=row["to_state"],
        text=row["text"],
        attachments=tuple(row["attachments"]),
        once=row["once"],
    )


COURSE_EVENTS = CourseEvents()
