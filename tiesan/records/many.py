"""Writing many rows of one kind in one transaction: all or none. The caller commits.

As ``records.services`` with one row, but with statements for all of them together; one entry in the
audit trail for each row that changed, and one evaluation of all whom they concern.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.columns import CODE
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.codes import given_code
from tiesan.records.doubting import refuse_doubtful
from tiesan.records.kinds import record_kind
from tiesan.records.pending import Touched, await_people
from tiesan.records.services import (
    TO_BE_GIVEN,
    current_values,
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

    Whom a stored row is about does not change here. That no live row has the identity of a new one
    is the caller's to see; what it cannot see, the database refuses. Raises RowsRefused for wrong
    values of any row, and UserError.
    """
    cleaned = _checked(session, model, writes)
    before = [None if write.row is None else plain_values(write.row) for write in writes]
    with session.no_autoflush:
        rows = [
            _written(actor, session, model, write, values, at)
            for write, values in zip(writes, cleaned, strict=True)
        ]
    flush_rows(session)
    changed = [
        row
        for row, old in zip(rows, before, strict=True)
        if _entered(actor, session, row, old, at=at, reason=reason)
    ]
    _await(actor, session, model, changed, at=at)
    return changed


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


def _written(
    actor: Actor,
    session: Session,
    model: type[Record],
    write: Write,
    values: Values,
    at: datetime,
) -> Record:
    """The row with its values, not flushed yet."""
    row = write.row
    if row is not None:
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        row.fold_texts()
        return row
    row = model(**values)
    row.recorded_at, row.recorded_by_id, row.source = at, actor.account_id, actor.source
    row.district_id = needed_district(row)
    row.fold_texts()
    if values.get(CODE) == TO_BE_GIVEN:
        setattr(row, CODE, given_code(session, row, at=at))
    session.add(row)
    return row


def _entered(
    actor: Actor,
    session: Session,
    row: Record,
    before: Mapping[str, Any] | None,
    *,
    at: datetime,
    reason: str | None,
) -> bool:
    """Add the entry of one row to the audit trail, if it is new or was changed; say whether."""
    after = plain_values(row)
    if before is None:
        details: dict[str, Any] = {"values": after, "reason": reason}
        record_entry(session, actor, "create", subject_of(row), at=at, details=details)
        return True
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        details = {"changed": changed, "reason": reason}
        record_entry(session, actor, "update", subject_of(row), at=at, details=details)
    return bool(changed)


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
