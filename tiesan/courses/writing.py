"""What a verb writes into its row: a new one, or fields of one that is there."""

from collections.abc import Callable, Mapping
from typing import Any

from tiesan.courses.errors import Wrong
from tiesan.courses.given import FILES
from tiesan.courses.values import Case, Input
from tiesan.errors import UserError
from tiesan.records.attachments.services import hang_on
from tiesan.records.base import Record
from tiesan.records.pending import Touched, await_record
from tiesan.records.services import assign, create_record, plain_values
from tiesan.records.validation import RecordRefused


def create_row(case: Case) -> Any:
    """Store the row that a verb makes, of what is given and what the verb sets; returns it.

    The audit entry of a new record is written with it. Raises Wrong for values that the record's
    validation refuses.
    """
    values = new_values(case)
    if not issubclass(case.course.of, Record):
        row = case.course.of(**values)
        case.session.add(row)
        case.session.flush()
        return row
    try:
        return create_record(case.actor, case.session, case.course.of, values, at=case.at)
    except RecordRefused as error:
        raise _wrong(error) from error


def new_values(case: Case) -> dict[str, Any]:
    """Return the fields of the row that a verb makes: what is given and what the verb sets."""
    return _given_fields(case) | _settings(case)


def set_fields(case: Case) -> Mapping[str, Any]:
    """Set the fields that were given and those that the verb sets; returns what has changed.

    Those are the values before and after, by field, as the audit trail keeps them.
    """
    values = _given_fields(case) | _settings(case)
    row = case.row
    if not isinstance(row, Record):
        for name, value in values.items():
            setattr(row, name, value)
        return {}
    before, touched = plain_values(row), Touched().add(row)
    try:
        assign(case.session, row, values)
    except RecordRefused as error:
        raise _wrong(error) from error
    after = plain_values(row)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        await_record(case.actor, case.session, row, touched.add(row), at=case.at)
    return changed


def hang_files(case: Case) -> list[int]:
    """Hang the files that were given on the row; raises Wrong where somebody else was faster."""
    ids = list(case.given.get(FILES) or ())
    if ids:
        kind = case.course.subject(case.row).kind
        try:
            hang_on(case.actor, case.session, ids, kind, case.row.id, at=case.at)
        except UserError as error:
            raise Wrong(FILES, error.lines[0]) from error
    return ids


def _given_fields(case: Case) -> dict[str, Any]:
    """The fields of the record among what was given."""
    return {
        each.name: case.given[each.name] for each in case.verb.given if each.input is Input.FIELD
    }


def _settings(case: Case) -> dict[str, Any]:
    """What the verb sets; all is worked out before any of it is set."""
    return {name: _value(value, case) for name, value in case.verb.sets.items()}


def _value(value: Any | Callable[[Case], Any], case: Case) -> Any:
    return value(case) if callable(value) else value


def _wrong(error: RecordRefused) -> Wrong:
    field, text = error.problems[0]
    return Wrong(field, error.lines[0], text)
