"""Writing many rows of one kind in one transaction: all or none. The caller commits.

As ``records.services`` with one row, but with statements for all of them together; one entry in the
audit trail for each row that changed, and one evaluation of all whom they concern.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entries
from tiesan.columns import CODE
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.codes import given_code
from tiesan.records.doubting import refuse_doubtful
from tiesan.records.kinds import field_columns, record_kind, row_id, table_of
from tiesan.records.pending import Touched, await_people
from tiesan.records.services import (
    TO_BE_GIVEN,
    current_values,
    field_attribute,
    fitting,
    flush_rows,
    lacks_code,
    needed_district,
    plain_values,
    subject_of,
)
from tiesan.records.validation import RecordRefused, Values, checked_values


@dataclass(frozen=True, slots=True)
class Write:
    """One row: the fields that it is to have, and the stored row where it is changed."""

    values: Mapping[str, Any]
    row: Record | None = None


class RowsRefused(UserError):  # noqa: N818 - it says what became of the rows
    """Rows that are not to be stored; ``problems`` by position: a field's name and what is wrong.

    A problem of a whole row has the empty name.
    """

    def __init__(self, problems: Mapping[int, Sequence[tuple[str, str]]]) -> None:
        """Take what is wrong with each row that is wrong."""
        super().__init__([_("Nothing was saved: please look at the marked rows.")])
        self.problems = problems


def store_rows(
    actor: Actor,
    session: Session,
    model: type[Record],
    writes: Sequence[Write],
    *,
    at: datetime,
    reason: str | None = None,
) -> list[Record]:
    """Store new rows and change stored ones; returns those that are new or were changed.

    The new ones are not in the session. Whom a stored row is about does not change here. That no
    live row has the identity of a new one is the caller's to see; what it cannot see, the database
    refuses. Raises RowsRefused for wrong values of any row, and UserError.
    """
    checked = list(zip(writes, _checked(session, model, writes), strict=True))
    new = [_made(actor, session, model, values, at) for write, values in checked if not write.row]
    _insert(session, model, new)
    entries = [_entry("create", row, {"values": plain_values(row)}) for row in new]
    changed = []
    for write, values in checked:
        difference = {} if write.row is None else _changed(write.row, values)
        if write.row is not None and difference:
            changed.append(write.row)
            entries.append(_entry("update", write.row, {"changed": difference}))
    flush_rows(session)
    told = [(verb, about, {**details, "reason": reason}) for verb, about, details in entries]
    record_entries(session, actor, told, at=at)
    _await(actor, session, model, [*new, *changed], at=at)
    return [*new, *changed]


def _entry(
    verb: str, row: Record, details: Mapping[str, Any]
) -> tuple[str, Subject, Mapping[str, Any]]:
    return verb, subject_of(row), details


def _checked(session: Session, model: type[Record], writes: Sequence[Write]) -> list[Values]:
    """The values of every row, all of them right."""
    cleaned, problems = [], {}
    for position, write in enumerate(writes):
        try:
            cleaned.append(_cleaned(session, model, write))
        except RecordRefused as error:
            problems[position] = error.problems
    if problems:
        raise RowsRefused(problems)
    return cleaned


def _cleaned(session: Session, model: type[Record], write: Write) -> Values:
    current = None if write.row is None else current_values(write.row)
    values = {**(current or {}), **write.values}
    if write.row is None and lacks_code(model, values):
        values[CODE] = TO_BE_GIVEN
    elif write.row is not None and write.row.voided_at is not None:
        text = _("This record was voided and cannot be changed.")
        raise RecordRefused(model, [(next(iter(write.values)), text)])
    cleaned = checked_values(model, values)
    own_id = None if write.row is None else write.row.id
    refuse_doubtful(session, model, cleaned, current, own_id)
    return cleaned


# --- new rows -------------------------------------------------------------------------------------


def _made(
    actor: Actor, session: Session, model: type[Record], values: Values, at: datetime
) -> Record:
    """A row with its values that is not in the session."""
    row = model(**values)
    row.recorded_at, row.recorded_by_id, row.source = at, actor.account_id, actor.source
    row.district_id = needed_district(row)
    row.fold_texts()
    if values.get(CODE) == TO_BE_GIVEN:
        setattr(row, CODE, given_code(session, row, at=at))
    return row


def _insert(session: Session, model: type[Record], rows: Sequence[Record]) -> None:
    """Insert rows by one statement, and give each its id by what identifies it."""
    if not rows:
        return
    table, columns = table_of(model), _columns(model)
    with fitting():
        session.execute(insert(table), [_stored(row, columns) for row in rows])
    names = record_kind(model).identity
    identity = [columns[name] for name in names]
    keys = [tuple(_plain(getattr(row, name)) for name in names) for row in rows]
    found = select(table.c.id, *identity).where(
        tuple_(*identity).in_(keys), table.c.voided_at.is_(None)
    )
    ids = {tuple(key): number for number, *key in session.execute(found)}
    for row, key in zip(rows, keys, strict=True):
        row.id = ids[key]


def _columns(model: type[Record]) -> dict[str, Any]:
    """The columns of a class by what its rows have them as: fields, and the bookkeeping."""
    table = table_of(model)
    fields = {column.name: field_attribute(field.name, column.name)
              for field, column in field_columns(model)}  # fmt: skip
    return {fields.get(each.name, each.name): each for each in table.columns if each.name != "id"}


def _stored(row: Record, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: _plain(getattr(row, name)) for name, column in columns.items()}


def _plain(value: Any) -> Any:
    return row_id(value) if isinstance(value, Base) else value


# --- changed rows ---------------------------------------------------------------------------------


def _changed(row: Record, values: Values) -> dict[str, list[Any]]:
    """Give a stored row its values; returns the former and the new one of what changed."""
    before = plain_values(row)
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    row.fold_texts()
    after = plain_values(row)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _await(
    actor: Actor, session: Session, model: type[Record], rows: Iterable[Record], *, at: datetime
) -> None:
    """Write down that whom the rows concern is to be evaluated: one entry for each district."""
    touched = Touched()
    for row in rows:
        touched.add(row)
    for district_id in sorted(touched.districts):
        codes = {
            "cadre": touched.cadres[district_id],
            "organization": touched.organizations[district_id],
        }
        await_people(actor, session, district_id, codes, record_kind(model).name, at=at)
