"""Writing activity records: create, update, void. The caller commits.

Every verb adds one entry to the audit trail, writes down that the change is to be evaluated, and
raises UserError for what it refuses; after that
the caller rolls back. Nothing is ever deleted.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.columns import CODE
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _
from tiesan.records.base import REASON_LENGTH, Record
from tiesan.records.codes import given_code
from tiesan.records.districts import district_id_of
from tiesan.records.doubting import refuse_doubtful
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.records.pending import Touched, await_record
from tiesan.records.text import clean_code, clean_text
from tiesan.records.validation import RecordRefused, checked_values

R = TypeVar("R", bound=Record)

VOID = "void"
# What stands for a code while all else is checked; the code comes last, because it is waited for.
TO_BE_GIVEN = "-"


def create_record(
    actor: Actor,
    session: Session,
    model: type[R],
    values: Mapping[str, Any],
    *,
    at: datetime,
    reason: str | None = None,
) -> R:
    """Store a new record and return it; one without the code that its kind has is given one.

    ``values`` are by field name, references as the rows that they name; ``reason`` says why it is
    entered late, if it is. Raises RecordRefused for wrong values.
    """
    is_given = lacks_code(model, values)
    cleaned = checked_values(model, {**values, CODE: TO_BE_GIVEN} if is_given else values)
    if not is_given:
        _refuse_double(session, model, cleaned, None)
    refuse_doubtful(session, model, cleaned)
    record = model(**cleaned)
    record.recorded_at, record.recorded_by_id, record.source = at, actor.account_id, actor.source
    record.district_id = needed_district(record)
    record.fold_texts()
    if is_given:
        setattr(record, CODE, given_code(session, record, at=at))
    session.add(record)
    flush_rows(session)
    details = {"values": plain_values(record), "reason": reason}
    record_entry(session, actor, "create", subject_of(record), at=at, details=details)
    await_record(actor, session, record, Touched().add(record), at=at, is_new=True)
    return record


def update_record(  # noqa: PLR0913 - one argument for each thing that the entry says
    actor: Actor,
    session: Session,
    record: Record,
    values: Mapping[str, Any],
    *,
    at: datetime,
    reason: str | None = None,
    further: Mapping[str, Any] = MappingProxyType({}),
) -> bool:
    """Change some fields of a record; returns whether anything changed.

    The audit entry has the values before and after, and what is ``further`` said of it. Raises
    RecordRefused for wrong values and UserError for a voided record.
    """
    before, touched = plain_values(record), Touched().add(record)
    assign(session, record, values)
    after = plain_values(record)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        details = {"changed": changed, "reason": reason, **further}
        record_entry(session, actor, "update", subject_of(record), at=at, details=details)
        await_record(actor, session, record, touched.add(record), at=at)
    return bool(changed)


def assign(session: Session, record: Record, values: Mapping[str, Any]) -> None:
    """Set some fields of a record; what is entered about it is the caller's.

    Raises RecordRefused for wrong values and UserError for a voided record.
    """
    _refuse_voided(record)
    current = current_values(record)
    cleaned = checked_values(type(record), current | dict(values))
    _refuse_double(session, type(record), cleaned, record.id)
    refuse_doubtful(session, type(record), cleaned, current, record.id)
    with session.no_autoflush:
        for name, value in cleaned.items():
            if getattr(record, name) != value:
                setattr(record, name, value)
        record.district_id = needed_district(record)
        record.fold_texts()
    flush_rows(session)


def void_record(  # noqa: PLR0913 - one argument for each thing that the entry says
    actor: Actor,
    session: Session,
    record: Record,
    *,
    reason: str,
    at: datetime,
    by: str = VOID,
    further: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Void a record: it stays, but counts no more.

    ``by`` is the verb of the audit entry, ``further`` what it says besides.

    Raises UserError without a reason, for a record that is voided already, and for one that other
    records still refer to.
    """
    why = needed_reason(reason)
    _refuse_voided(record)
    _refuse_referred(session, record)
    record.voided_at, record.voided_by_id, record.void_reason = at, actor.account_id, why
    flush_rows(session)
    details = {"values": plain_values(record), "reason": why, **further}
    record_entry(session, actor, by, subject_of(record), at=at, details=details)
    await_record(actor, session, record, Touched().add(record), at=at)


def needed_reason(reason: str) -> str:
    """A reason as it is stored; raises UserError for none, and for one that is too long."""
    why = clean_text(reason)
    if why is None or len(why) > REASON_LENGTH:
        text = _("A reason of at most %(most)d characters must be given.", most=REASON_LENGTH)
        raise UserError(text)
    return why


def lacks_code(model: type[Record], values: Mapping[str, Any]) -> bool:
    """Whether the values of a new record lack the code that its kind has."""
    return record_kind(model).is_coded and clean_code(values.get(CODE) or "") is None


def subject_of(record: Base) -> Subject:
    """What an audit entry about a record is about."""
    kind = record_kind(type(record))
    values = plain_values(record)
    code = " + ".join(str(values[name]) for name in kind.identity)
    return Subject(kind.name, getattr(record, "id", None), code, district_id_of(record))


def plain_values(record: Base) -> dict[str, Any]:
    """The fields of a record as plain JSON: dates and times as text, references as codes."""
    fields = field_columns(type(record))
    return {
        field.name: _plain(getattr(record, field_attribute(field.name, column.name)))
        for field, column in fields
    }


def version_of(record: Base) -> str:
    """What tells the present values of a record from all others, as a form carries it."""
    return hashlib.sha256(repr(plain_values(record)).encode()).hexdigest()[:16]


def field_attribute(field: str, column: str) -> str:
    """The attribute of a record that holds a field: the row itself for a reference."""
    return field if column == f"{field}_id" else column


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return getattr(value, "code", value)


def current_values(record: Record) -> dict[str, Any]:
    """The fields of a record by name, references as the rows that they name."""
    return {
        field.name: getattr(record, field.name) for field, _column in field_columns(type(record))
    }


def needed_district(record: Record) -> int:
    """The id of the district that a record belongs to; raises UserError for none."""
    district_id = district_id_of(record)
    if district_id is None:
        raise UserError(_("The record belongs to no district."))
    return district_id


def _refuse_voided(record: Record) -> None:
    if record.voided_at is not None:
        raise UserError(_("This record was voided and cannot be changed."))


def _refuse_double(
    session: Session, model: type[Record], values: Mapping[str, Any], own_id: int | None
) -> None:
    """Refuse an identity that another row has; a code is kept by a voided row as well."""
    table = table_of(model)
    kind = record_kind(model)
    columns = {field.name: (field, column) for field, column in field_columns(model)}
    statement = select(table.c.id)
    for name in kind.identity:
        field, column = columns[name]
        value = values[name].id if field.type is FieldType.REFERENCE else values[name]
        statement = statement.where(column == value)
    if kind.identity != ("code",):
        statement = statement.where(table.c.voided_at.is_(None))
    if own_id is not None:
        statement = statement.where(table.c.id != own_id)
    found = session.scalar(statement.limit(1))
    if found is not None:
        labels = [str(columns[name][0].label) for name in kind.identity]
        known = in_sight(session, model, found)
        text = _double(labels) if known else out_of_sight()
        raise RecordRefused(model, [(kind.identity[-1], text)], found if known else None)


def in_sight(session: Session, model: type[Base], id_: int) -> bool:
    """Whether who writes may know of a row; a command may know of all.

    Sessions of a request carry what the viewer may see (``tiesan.access.criterion``).
    """
    column: ColumnElement[int] = getattr(model, "id")  # noqa: B009 - every class has one
    return session.scalar(select(column).where(column == id_)) is not None


def out_of_sight() -> str:
    """What is said of a value that a row out of the writer's sight has: it fits any cause."""
    return _("cannot be used; please choose another one")


def _double(labels: list[str]) -> str:
    """What is said of an identity that another row has, which consists of these fields."""
    if len(labels) == 1:
        return _("there is such a record already")
    return _("there is a record with the same %(fields)s already", fields=_(", ").join(labels))


def _refuse_referred(session: Session, record: Record) -> None:
    """Refuse to void a row that live rows of its plugin's other classes refer to."""
    target = table_of(type(record))
    for mapper in Base.registry.mappers:
        if not issubclass(mapper.class_, Record):
            continue
        table = table_of(mapper.class_)
        for key in table.foreign_keys:
            if key.column.table is target:
                _refuse_rows(session, mapper.class_, key.parent == record.id)


def _refuse_rows(session: Session, model: type[Record], condition: ColumnElement[bool]) -> None:
    table = table_of(model)
    live = select(func.count()).select_from(table).where(condition, table.c.voided_at.is_(None))
    number = session.scalar(live)
    if number:
        text = _("%(number)d records of the kind “%(kind)s” refer to it; void those first.")
        raise UserError(text % {"number": number, "kind": record_kind(model).title})


def flush_rows(session: Session) -> None:
    """Write what is pending; what the checks above could not see, the database refuses."""
    with fitting():
        session.flush()


@contextmanager
def fitting() -> Iterator[None]:
    """Say what the database refuses because of what somebody else has just stored."""
    try:
        yield
    except IntegrityError as error:
        text = _("Somebody else has just stored something that does not go with it; try again.")
        raise UserError(text) from error
