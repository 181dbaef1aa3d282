"""The events of a flag as its course reads and writes them; what an evaluation did counts too."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from tiesan.courses.values import Event
from tiesan.flags.models import Flag, FlagEvent
from tiesan.records.kinds import table_of

_TABLE = table_of(FlagEvent)


class FlagEvents:
    """The events in ``flag_event``."""

    def read(
        self,
        session: Session,
        course: str,  # noqa: ARG002 - as every history
        ids: Collection[int],
    ) -> Mapping[int, tuple[Event, ...]]:
        """Return the events of these flags, the oldest first."""
        statement = select(_TABLE).where(_TABLE.c.flag_id.in_(sorted(ids))).order_by(_TABLE.c.id)
        found: dict[int, list[Event]] = {}
        for row in session.execute(statement).mappings():
            found.setdefault(row["flag_id"], []).append(_event(row))
        return {flag_id: tuple(events) for flag_id, events in found.items()}

    def write(
        self,
        session: Session,
        course: str,  # noqa: ARG002 - as every history
        row_id: int,
        event: Event,
    ) -> Event:
        """Add an event, with the evidence as it was seen and the end of a waiver."""
        flag = session.get_one(Flag, row_id)
        row = FlagEvent(
            flag_id=row_id,
            at=event.at,
            on=event.day,
            verb=event.verb,
            actor_id=event.account_id,
            actor_name=event.actor_name,
            revision=flag.revision,
            from_state=event.from_,
            to_state=event.to,
            waived_until=flag.waived_until if event.to == "waived" else None,
            text=event.text,
            capacity=event.capacity,
            for_id=event.for_id,
            attachments=list(event.attachments),
            once=event.once,
        )
        session.add(row)
        session.flush()
        return _event({column.name: getattr(row, column.name) for column in _TABLE.columns})

    def sent_before(
        self,
        session: Session,
        course: str,  # noqa: ARG002 - as every history
        row_id: int | None,
        event: tuple[int, str, str],
    ) -> tuple[int, Event] | None:
        """Return the flag and the event of a form that was sent before, if it was."""
        account_id, verb, once = event
        statement = select(_TABLE).where(
            _TABLE.c.flag_id == row_id,
            _TABLE.c.actor_id == account_id,
            _TABLE.c.verb == verb,
            _TABLE.c.once == once,
        )
        row = session.execute(statement).mappings().first()
        return None if row is None else (row["flag_id"], _event(row))


def _event(row: RowMapping | Mapping[str, Any]) -> Event:
    """What an evaluation did leads from no state to none."""
    return Event(
        id=row["id"],
        at=row["at"],
        day=row["on"],
        verb=row["verb"],
        account_id=row["actor_id"],
        actor_name=row["actor_name"],
        for_id=row["for_id"],
        capacity=row["capacity"],
        from_=row["from_state"],
        to=row["to_state"] or "",
        text=row["text"],
        attachments=tuple(row["attachments"] or ()),
        once=row["once"],
    )


FLAG_EVENTS = FlagEvents()
