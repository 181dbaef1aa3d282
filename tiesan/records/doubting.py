"""Asking one record what it hardly means (``records.doubts``), when it is stored and afterwards."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.people.models import Cadre
from tiesan.people.postings import spans_of
from tiesan.records.base import Record
from tiesan.records.doubts import ODD_YEAR, Doubt, Overlap, odd_year, overlap
from tiesan.records.kinds import field_columns, table_of
from tiesan.records.settings import read_exceptions
from tiesan.records.validation import RecordRefused

Values = Mapping[str, Any]


def refuse_doubtful(
    session: Session,
    model: type[Record],
    values: Values,
    before: Values | None = None,
    own_id: int | None = None,
) -> None:
    """Raise RecordRefused for values with a doubt that is refused, unless it was there before.

    ``values`` and ``before`` are by field name, references as rows; ``own_id`` is the record's own.
    """
    problems = [
        (each.field, str(each.message))
        for each in model.doubts
        if each.refused
        and not _as_before(each, values, before)
        and _doubted(session, model, each, values, own_id)
    ]
    if problems:
        raise RecordRefused(model, problems)


def doubts_about(session: Session, record: Record) -> list[str]:
    """What should be checked of a stored record, each with the field's label before it."""
    model = type(record)
    labels = {field.name: str(field.label) for field, _column in field_columns(model)}
    values = {name: getattr(record, name) for name in labels}
    return [f"{labels[name]}: {text}" for name, text in _found(session, record, values)]


def _found(session: Session, record: Record, values: Values) -> Iterator[tuple[str, str]]:
    odd = [name for name, value in values.items() if odd_year(value)]
    if odd:
        # Of a day that is not meant there is nothing further to say.
        yield from ((name, str(ODD_YEAR)) for name in odd)
        return
    for each in type(record).doubts:
        if _doubted(session, type(record), each, values, record.id):
            yield each.field, str(each.message)


def _as_before(doubt: Doubt | Overlap, values: Values, before: Values | None) -> bool:
    """Whether a doubt is the same as before a change, which then is about something else."""
    if before is None:
        return False
    if isinstance(doubt, Doubt):
        same = values[doubt.field] == before[doubt.field]
    else:
        spans = doubt.span(values), doubt.span(before)
        same = values[doubt.of] == before[doubt.of] and spans[0] == spans[1]
    return bool(same)


def _doubted(
    session: Session,
    model: type[Record],
    doubt: Doubt | Overlap,
    values: Values,
    own_id: int | None,
) -> bool:
    if isinstance(doubt, Doubt):
        return doubt.doubtful(values, _Stored(session))
    span = doubt.span(values)
    others = _others(session, model, doubt, values, own_id)
    return any(overlap(span, doubt.span(other)) for other in others)


def _others(
    session: Session, model: type[Record], doubt: Overlap, values: Values, own_id: int | None
) -> Iterator[Values]:
    """The live rows of the same reference, by field name; the references in them as ids."""
    fields = field_columns(model)
    columns = {field.name: column for field, column in fields}
    table = table_of(model)
    statement = select(*columns.values()).where(
        columns[doubt.of] == values[doubt.of].id, table.c.voided_at.is_(None)
    )
    if own_id is not None:
        statement = statement.where(table.c.id != own_id)
    with session.no_autoflush:
        for row in session.execute(statement).all():
            yield dict(zip(columns, row, strict=True))


class _Stored:
    """The calendar and the postings as they are stored."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _calendar(self) -> WorkingCalendar:
        return WorkingCalendar(read_exceptions(self._session))

    def is_working_day(self, day: date) -> bool:
        """Whether a day is a working day."""
        return self._calendar.is_working_day(day)

    def in_post(self, cadre: Cadre, day: date) -> bool:
        """Whether a cadre is in post on a day."""
        return any(
            each.from_on <= day <= (each.until_on or date.max)
            for each in spans_of(self._session, cadre.id)
        )
