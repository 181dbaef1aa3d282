"""Calendar exceptions one by one, as the pages write them. The caller commits.

Source: institutions.md, "Working day": the official calendar is corrected by the administrator's
own exceptions. They hold for the whole installation.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.i18n import _
from tiesan.records.kinds import table_of
from tiesan.records.pending import await_districts
from tiesan.records.services import needed_reason, plain_values
from tiesan.records.settings import CalendarException
from tiesan.records.validation import RecordRefused, checked_values

_READ_BY_RULES = ("day", "kind")


def set_exception(
    actor: Actor,
    session: Session,
    exception: CalendarException | None,
    values: Mapping[str, Any],
    *,
    at: datetime,
    reason: str | None = None,
) -> CalendarException:
    """Store a calendar exception, or change one; raises RecordRefused for wrong values.

    ``values`` are by field name; a day has one exception at most. A change of what rules read, the
    day or its kind, needs a ``reason``; raises UserError without.
    """
    cleaned = checked_values(CalendarException, values)
    _refuse_same_day(session, cleaned, None if exception is None else exception.id)
    row = CalendarException() if exception is None else exception
    before = None if exception is None else plain_values(exception)
    why: dict[str, Any] = {}
    if exception is not None and any(
        cleaned[name] != getattr(exception, name) for name in _READ_BY_RULES
    ):
        why = {"reason": needed_reason(reason or "")}
    for name, value in cleaned.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    details = {"before": before, "values": plain_values(row), **why}
    record_entry(session, actor, "set calendar exception", _subject(row), at=at, details=details)
    await_districts(actor, session, None, "calendar_exception", at=at)
    return row


def remove_exception(
    actor: Actor, session: Session, exception: CalendarException, *, reason: str, at: datetime
) -> None:
    """Remove a calendar exception, so that the official calendar holds again on that day.

    Raises UserError without a reason.
    """
    details = {"values": plain_values(exception), "reason": needed_reason(reason)}
    subject = _subject(exception)
    session.delete(exception)
    session.flush()
    record_entry(session, actor, "remove calendar exception", subject, at=at, details=details)
    await_districts(actor, session, None, "calendar_exception", at=at)


def _subject(row: CalendarException) -> Subject:
    return Subject("calendar_exception", row.id, row.day.isoformat())


def _refuse_same_day(session: Session, values: Mapping[str, Any], own_id: int | None) -> None:
    columns = table_of(CalendarException).c
    statement = select(columns.id).where(columns.day == values["day"])
    if own_id is not None:
        statement = statement.where(columns.id != own_id)
    if session.execute(statement).first() is not None:
        text = _("there is such a record already")
        raise RecordRefused(CalendarException, [("day", text)])
