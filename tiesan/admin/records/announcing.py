"""What a single record would raise and clear, told while its form is filled in."""

from typing import Any

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.announced import said_of
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.records.forms import LATE_REASON, Pages
from tiesan.admin.records.storing import change_of, completed
from tiesan.clock import now
from tiesan.courses.given import FILES
from tiesan.extensions import db
from tiesan.facts.kinds import FieldType
from tiesan.records.base import Record
from tiesan.records.services import create_record, update_record

# Stands for a text that is still to be written: no rule reads what it says.
_TO_COME = "……"


def said_of_new(view: Pages, form: RecordForm, *, own: bool) -> list[str]:
    """Return what a new record would raise and clear; nothing while its form cannot be stored."""
    values = _values(view, form)
    if values is None:
        return []
    complete = completed(view, values, own=own)
    return said_of(
        [view.kind.name],
        view.record.concerned_by(complete),
        lambda: create_record(
            current_viewer().actor, db.session(), view.record, complete, at=now(), reason=_TO_COME
        ),
    )


def said_of_change(view: Pages, row: Record, form: RecordForm) -> list[str]:
    """Return what the change of a stored record would raise and clear."""
    values = _values(view, form)
    if values is None:
        return []
    return said_of(
        [view.kind.name],
        change_of(row, values).about,
        lambda: update_record(
            current_viewer().actor, db.session(), row, values, at=now(), reason=_TO_COME
        ),
    )


def _values(view: Pages, form: RecordForm) -> dict[str, Any] | None:
    """What is filled in; None while anything but a text or the reason is wrong or missing."""
    texts = {field.name for field in view.fields if field.type is FieldType.TEXT}
    sent = form.validate()
    if not sent and not form.errors.keys() <= texts | {LATE_REASON, FILES}:
        return None
    values = form.values()
    for name in (FILES, LATE_REASON):
        values.pop(name, None)
    return values | dict.fromkeys(texts & form.errors.keys(), _TO_COME)
