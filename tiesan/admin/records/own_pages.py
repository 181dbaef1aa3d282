"""The forms in which the viewer enters and changes their own records, as other pages link to them.

Whoever saves such a form goes on at their first page.
"""

from typing import Any

from flask import current_app, url_for

from tiesan.access.correcting import flags_on
from tiesan.admin.records.view import BACK_HOME, OWN_FORM, RecordView
from tiesan.records.base import Record
from tiesan.records.policy import Verb


def own_form(model: type[Record]) -> str | None:
    """Return the address of the form of a kind of record of one's own; None for who has none."""
    view = _view_of(model)
    if view is None or not view.enters_own:
        return None
    asked: dict[str, Any] = {OWN_FORM: 1, BACK_HOME: 1}
    return url_for(f"{view.endpoint}.create_view", **asked)


def form_of_change(row: Record) -> str | None:
    """Return the address of the form in which the viewer changes a row; None where they may not."""
    view = _view_of(type(row))
    if view is None or not view.may(Verb.EDIT, row):
        return None
    if view.bar(row, flags_on(row), Verb.EDIT) is not None:
        return None
    asked: dict[str, Any] = {"id": row.id, BACK_HOME: 1}
    return url_for(f"{view.endpoint}.edit_view", **asked)


def _view_of(model: type[Record]) -> RecordView[Any] | None:
    views: list[RecordView[Any]] = current_app.extensions["record_views"]
    return next((each for each in views if each.record is model), None)
