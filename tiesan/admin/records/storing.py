"""Storing what a form sent: by a service, then evaluated, then said.

A row that is stored must still be in the writer's scope, whatever was sent; otherwise nothing is
stored.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash
from sqlalchemy import select
from wtforms import HiddenField

from tiesan.access.criterion import permitted
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import ONCE, SEEN, RecordForm
from tiesan.admin.records.forms import CODE, LATE_REASON, Pages
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.clock import now, today
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.i18n import _
from tiesan.people.models import Cadre
from tiesan.records.base import Record
from tiesan.records.doubting import doubts_about
from tiesan.records.kinds import table_of
from tiesan.records.policy import Verb
from tiesan.records.services import create_record, update_record, version_of, void_record
from tiesan.records.validation import RecordRefused

_CODE_PART = re.compile("[0-9A-F]{8}")


def store_new(view: Pages, form: RecordForm, *, own: bool) -> Record | None:
    """Store a new record, evaluate it and say so; None when it was refused, the form says why."""
    values = form.values()
    reason = values.pop(LATE_REASON, None)
    if CODE in {field.name for field in view.fields} and values.get(CODE) is None:
        values[CODE] = new_code(form[ONCE].data if ONCE in form else None)
        stored = _stored_before(view, values[CODE])
        if stored is not None:
            flash(_("This form was saved already, so nothing was added. "
                    "For another record open a new form."), "warning")  # fmt: skip
            return stored
    try:
        row = create_record(
            current_viewer().actor,
            db.session(),
            view.record,
            _completed(view, values, own=own),
            at=now(),
            reason=reason,
        )
        _keep_in_scope(view, row, Verb.CREATE)
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return None
    flash(_("%(what)s was saved.", what=view.heading(row)), "success")
    _say_doubts(row)
    evaluate_saved()
    return row


def store_changes(view: Pages, row: Record, form: RecordForm) -> bool:
    """Change a record, evaluate it and say so; False when it was refused, the form says why."""
    values = form.values()
    reason = values.pop(LATE_REASON, None)
    try:
        refuse_stale(form, row)
        changed = update_record(
            current_viewer().actor, db.session(), row, values, at=now(), reason=reason
        )
        _keep_in_scope(view, row, Verb.EDIT)
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return False
    if not changed:
        flash(_("Nothing was changed."), "info")
        return True
    flash(_("%(what)s was saved.", what=view.heading(row)), "success")
    _say_doubts(row)
    evaluate_saved()
    return True


def store_voided(view: Pages, row: Record, form: RecordForm) -> bool:
    """Void a record, evaluate whom it concerned and say so; False when it was refused."""
    reason = form.values()["reason"]
    try:
        void_record(current_viewer().actor, db.session(), row, reason=reason, at=now())
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return False
    flash(_("%(what)s was voided.", what=view.heading(row)), "success")
    evaluate_saved()
    return True


def with_version(form: type[RecordForm], row: Base) -> type[RecordForm]:
    """Return a form that also sends which values of the row it was filled with."""
    setattr(form, SEEN, HiddenField(default=version_of(row)))
    return form


def sent_once(form: type[RecordForm]) -> type[RecordForm]:
    """Return a form of which each page brings its own part of the code of a row given none.

    Whoever presses the button twice sends the same code twice, which cannot be stored again.
    """
    setattr(form, ONCE, HiddenField(default=_code_part))
    return form


def _stored_before(view: Pages, code: str) -> Record | None:
    condition = permitted(view.record, Verb.READ, current_viewer())
    statement = select(view.record).where(table_of(view.record).c.code == code, condition)
    found: Record | None = db.session.scalars(statement).one_or_none()
    return found


def refuse_stale(form: RecordForm, row: Base) -> None:
    """Raise UserError if a row is not what it was when the form was opened.

    Whoever sends the form would undo what somebody else has changed since, without having seen it.
    """
    if SEEN in form and form[SEEN].data != version_of(row):
        raise UserError(
            _("Somebody else changed this while it was open here, so nothing was saved. "
              "Open it again to see what it says now.")
        )  # fmt: skip


def refuse(form: RecordForm, error: UserError) -> None:
    """Undo everything; put what is wrong beside the inputs concerned, the rest above the form."""
    db.session.rollback()
    if isinstance(error, RecordRefused) and all(name in form for name, _text in error.problems):
        for name, text in error.problems:
            form[name].errors = [*form[name].errors, text]
        return
    for line in error.lines:
        flash(line, "error")


def _say_doubts(row: Record) -> None:
    """Say what of a stored row should be looked at again."""
    for line in doubts_about(db.session(), row):
        flash(_("Please check: %(remark)s", remark=line), "warning")


def _completed(view: Pages, values: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    """The values with what the form did not ask for: whose it is, when it was done."""
    complete = dict(values)
    if not view.enters_late:
        complete |= dict.fromkeys(view.policy.dated_by_system, today())
    if own and view.own_reference is not None:
        complete[view.own_reference] = db.session.get(Cadre, current_viewer().cadre_id)
    return complete


def new_code(part: str | None = None) -> str:
    """Return a code for a row that was given none: the day and a part that tells rows apart."""
    known = part is not None and _CODE_PART.fullmatch(part)
    return f"{today():%Y%m%d}-{part if known else _code_part()}"


def _code_part() -> str:
    return secrets.token_hex(4).upper()


def _keep_in_scope(view: Pages, row: Record, verb: Verb) -> None:
    condition = permitted(view.record, verb, current_viewer())
    statement = select(view.record.id).where(view.record.id == row.id, condition)
    if db.session.scalar(statement) is None:
        raise UserError(_("You may not enter this for that cadre or organization."))
