"""Storing what a form sent: by a service, then evaluated, then said.

A row that is stored must still be in the writer's scope, whatever was sent; otherwise nothing is
stored.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import flash, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from wtforms import HiddenField

from tiesan.access.authors import days_by_system, own_values
from tiesan.access.clearing import Change, OwnFlags
from tiesan.access.criterion import permitted
from tiesan.access.entering import is_own_of_today, refuse_change, refuse_entry
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.asking import is_answered, questions_on_code
from tiesan.admin.forms.inputs import SEEN, RecordForm
from tiesan.admin.forms.sending import keep_sent, once_of, say_sent_before, stored_before
from tiesan.admin.records.forms import CODE, LATE_REASON, Pages
from tiesan.admin.records.with_files import hang_files, keep_files, read_files
from tiesan.admin.shell.consequences import evaluate_saved, refuse_own, watch_own_flags
from tiesan.clock import now, today
from tiesan.courses.given import FILES
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.doubting import doubts_about
from tiesan.records.kinds import field_columns, record_kind, row_id
from tiesan.records.policy import Verb
from tiesan.records.services import (
    create_record,
    plain_values,
    update_record,
    version_of,
    void_record,
)
from tiesan.records.validation import RecordRefused
from tiesan.records.withdrawals import withdraw_record
from tiesan.words.rows import endpoint_of
from tiesan.words.values import name_of, sentence


def store_new(view: Pages, form: RecordForm, *, own: bool) -> Record | None:
    """Store a new record, evaluate it and say so; None when it was refused, the form says why."""
    values = form.values()
    values.pop(FILES, None)
    own_only = not own or _is_of_own(view, form)
    if not (own_only and is_answered(form, questions_on_code(view.record, values.get(CODE)))):
        return None
    keep_files(form)
    begin_storing(db.session())
    reason = values.pop(LATE_REASON, None)
    once = once_of(form)
    stored = _stored_before(view, once)
    if stored is not None:
        say_sent_before()
        return stored
    values = completed(view, values, own=own)
    files = _files_of(form)
    if files is None:
        return None
    watched = _watched(view, values, own=own)
    try:
        row = create_record(
            current_viewer().actor, db.session(), view.record, values, at=now(), reason=reason
        )
        keep_sent(view.kind.name, once, row.id)
        hang_files(row, files)
        refuse_entry(row, own=own)
        if watched is not None:
            refuse_own(watched)
        # After the commit the row would be read anew for it.
        said, doubts = view.heading(row), doubts_about(db.session(), row)
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return None
    _say_saved(said, doubts)
    evaluate_saved()
    return row


def _watched(view: Pages, values: Mapping[str, Any], *, own: bool) -> OwnFlags | None:
    """The viewer's own flags before a new record; None for what is theirs to do on its day."""
    if own and view.policy.own_dated_by_system:
        return None
    return watch_own_flags(Change(view.kind.name, view.record.concerned_by(values)))


def _is_of_own(view: Pages, form: RecordForm) -> bool:
    """Whether what was sent names nobody else as whose own entry it is; says so otherwise.

    The form does not ask it; whoever sends it all the same must not believe that it was stored.
    """
    for name, row in own_values(view.record).items():
        sent = request.form.get(name, "").strip()
        if name in form or not sent or not isinstance(row, Base):
            continue
        if sent not in {str(row_id(row)), str(getattr(row, CODE))}:
            flash(_("By this form you enter what is your own; it was sent with somebody else "
                    "(%(found)s), so nothing was saved.", found=sent), "error")  # fmt: skip
            return False
    return True


def _files_of(form: RecordForm) -> tuple[int, ...] | None:
    """The files of a form; None when one of them is not kept, the form says why."""
    try:
        return read_files(form)
    except UserError as error:
        db.session.rollback()
        form[FILES].errors = [*form[FILES].errors, *error.lines]
        return None


def store_changes(view: Pages, row: Record, form: RecordForm) -> bool:
    """Change a record, evaluate it and say so; False when it was refused, the form says why."""
    begin_storing(db.session())
    values = form.values()
    reason = values.pop(LATE_REASON, None)
    watched = watch_own_flags(change_of(row, values))
    before, author = plain_values(row), view.may_withdraw(row)
    try:
        refuse_stale(form, row)
        changed = update_record(
            current_viewer().actor, db.session(), row, values, at=now(), reason=reason
        )
        refuse_change(row, before, author=author)
        refuse_own(watched)
        said, doubts = view.heading(row), doubts_about(db.session(), row)
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return False
    if not changed:
        flash(_("Nothing was changed."), "info")
        return True
    _say_saved(said, doubts)
    evaluate_saved()
    return True


def store_voided(view: Pages, row: Record, form: RecordForm) -> bool:
    """Void a record, or withdraw one's own, and say so; False when it was refused.

    Whom it concerned is evaluated.
    """
    begin_storing(db.session())
    reason, withdrawn = form.values()["reason"], view.may_withdraw(row)
    watched = None if is_own_of_today(row) else watch_own_flags(change_of(row, {}))
    try:
        end = withdraw_record if withdrawn else void_record
        end(current_viewer().actor, db.session(), row, reason=reason, at=now())
        if watched is not None:
            refuse_own(watched)
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return False
    said = _("%(what)s was withdrawn.") if withdrawn else _("%(what)s was voided.")
    flash(said % {"what": view.heading(row)}, "success")
    evaluate_saved()
    return True


def change_of(row: Record, values: Mapping[str, Any]) -> Change:
    """Return the change of a row to these values: it concerns whom it does now, and will then."""
    now_held = {field.name: getattr(row, field.name) for field, _column in field_columns(type(row))}
    after = type(row).concerned_by({**now_held, **values})
    about = None if after is None else [*row.concerned_rows(), *after]
    return Change(record_kind(type(row)).name, about)


def with_version(form: type[RecordForm], row: Base) -> type[RecordForm]:
    """Return a form that also sends which values of the row it was filled with."""
    setattr(form, SEEN, HiddenField(default=version_of(row)))
    return form


def _stored_before(view: Pages, once: str | None) -> Record | None:
    """The record that the same page has stored, if it has and the viewer may still read it."""
    row_id = stored_before(view.kind.name, once)
    if row_id is None:
        return None
    condition = permitted(view.record, Verb.READ, current_viewer())
    statement = select(view.record).where(view.record.id == row_id, condition)
    found: Record | None = db.session.scalars(statement).one_or_none()
    return found


def refuse_stale(form: RecordForm, row: Base) -> None:
    """Raise UserError if a row is not what it was when the form was opened.

    Whoever sends the form would undo what somebody else has changed since, without having seen it.
    """
    if SEEN in form and form[SEEN].data != version_of(row):
        # The form comes back as it was sent, and is from now on about what the row says now.
        form[SEEN].data = version_of(row)
        form.overtaken = True
        raise UserError(
            _("Somebody else changed this while it was open here, so nothing was saved.")
        )


def refuse(form: RecordForm, error: UserError) -> None:
    """Undo everything; put what is wrong beside the inputs concerned, the rest above the form."""
    db.session.rollback()
    if isinstance(error, RecordRefused) and all(name in form for name, _text in error.problems):
        for name, text in error.problems:
            form[name].errors = [*form[name].errors, _with_existing(error, text)]
        return
    for line in error.lines:
        flash(line, "error")


def _with_existing(error: RecordRefused, text: str) -> str:
    """What is wrong with a value, and the row that has it already, where there is one in sight."""
    row = None if error.existing is None else db.session.get(error.model, error.existing)
    if row is None:
        return text
    url = url_for(f"{endpoint_of(error.model)}.details_view", id=error.existing)
    look = Markup('<a class="look" href="{}">{}</a>').format(
        url, _("Look at it: %(row)s", row=name_of(row))
    )
    return Markup("{}{}").format(sentence(text), look)


def _say_saved(said: str, doubts: Iterable[str]) -> None:
    """Say that a row was stored, and what of it should be looked at again."""
    flash(_("%(what)s was saved.", what=said), "success")
    for line in doubts:
        flash(_("Please check: %(remark)s", remark=line), "warning")


def completed(view: Pages, values: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    """Return the values with what the form did not ask for: whose it is, when it was done."""
    complete = dict(values)
    if own:
        complete |= days_by_system(view.record)
    elif not view.enters_late:
        complete |= dict.fromkeys(view.policy.dated_by_system, today())
    return complete | dict(own_values(view.record)) if own else complete
