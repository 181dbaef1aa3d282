"""What a request for a correction is about: the record, the fields, and what they should say.

Values travel in plain terms, as the audit trail keeps them, and are read back by their fields.
"""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from tiesan.access.installation import installed
from tiesan.columns import CODE
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record, follow
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.kinds import fact_kind, record_kind
from tiesan.records.services import plain_values, version_of

_PLAIN: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.DATE: date.fromisoformat,
    FieldType.TIME: time.fromisoformat,
}


def correctable(model: type[Base]) -> tuple[Field, ...]:
    """The fields for which a value can be wished: all that neither name the row nor another one."""
    fields = fact_kind(model).fields
    return tuple(each for each in fields if each.to is None and each.name != CODE)


def record_named(session: Session, kind: str, row_id: int) -> Record | None:
    """Return a record by its kind and id, None where there is none that may be seen."""
    model = installed().records.get(kind)
    if model is None or not issubclass(model, Record):
        return None
    return session.scalars(select(model).where(model.id == row_id)).one_or_none()


def record_of(request: CorrectionRequest) -> Record | None:
    """Return the record that a request is about."""
    session = object_session(request)
    return None if session is None else record_named(session, request.kind, request.row_id)


def version_asked(request: CorrectionRequest) -> str:
    """What tells the present values of the record from all others."""
    record = record_of(request)
    return "gone" if record is None else version_of(record)


def typed(model: type[Base], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values of the fields of a class as the services take them."""
    fields = fact_kind(model).by_name
    return {
        name: None if value is None else _PLAIN.get(fields[name].type, _same)(value)
        for name, value in plain.items()
    }


def _same(value: Any) -> Any:
    return value


def wishes(record: Record, plain: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return, by field, what a record says now and what it should, as far as that differs."""
    now, known = plain_values(record), {field.name for field in correctable(type(record))}
    return {
        name: [now[name], value]
        for name, value in plain.items()
        if name in known and now[name] != value
    }


def wished_of(request: CorrectionRequest) -> dict[str, Any]:
    """Return the plain values that are wished, by field."""
    return {name: after for name, (_before, after) in request.wished.items()}


def owner_of(record: Record) -> Cadre | Organization | None:
    """The cadre or organization that a record belongs to, over other rows where it must be."""
    row: object = record
    while isinstance(row, Record):
        paths = record_kind(type(row)).belongs_to
        row = next((each for path in paths for each in follow(row, path)), None)
    return row if isinstance(row, Cadre | Organization) else None


def is_about(record: Record, cadre_id: int | None) -> bool:
    """Whether a record is about a cadre, or about an organization that they chair."""
    if cadre_id is None:
        return False
    return any(
        each.id == cadre_id if isinstance(each, Cadre) else each.chair_id == cadre_id
        for each in record.concerned_rows()
        if isinstance(each, Cadre | Organization)
    )
