"""Storing a grid: the record above and every row that was filled in, all of it or nothing.

One transaction, one entry in the audit trail for each row that changed, one evaluation of all whom
it concerns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from flask import flash

from tiesan.access.clearing import Change
from tiesan.access.entering import refuse_change, refuse_entry
from tiesan.access.filling import Filling, is_late, lock_rows, place_to_fill
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.announced import said_of
from tiesan.admin.forms.inputs import SEEN, RecordForm
from tiesan.admin.forms.sending import keep_sent, once_of, say_sent_before, stored_before
from tiesan.admin.grids.sent_rows import DRAWN, Line, Sent
from tiesan.admin.grids.sheet import Sheet
from tiesan.admin.records.forms import LATE_REASON
from tiesan.admin.records.storing import refuse
from tiesan.admin.shell.consequences import evaluate_saved, refuse_own, watch_own_flags
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, ngettext
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.grids import Grid
from tiesan.records.kinds import record_kind
from tiesan.records.many import RowsRefused, Write, store_rows
from tiesan.records.pending import complete_awaited
from tiesan.records.services import create_record, plain_values, update_record, version_of
from tiesan.records.validation import RecordRefused

OK, WRONG, CHANGED = 200, 422, 409


@dataclass(frozen=True)
class Entry:
    """What was sent: of which grid, for which organization and day, and what stands above.

    ``values`` are those of the record above, by field; None where they are not changed. ``head`` is
    the stored record, ``author`` whether the viewer changes it as its author of today.
    """

    grid: Grid
    organization_id: int
    day: date
    own: bool
    values: Mapping[str, Any] | None
    sent: Sent
    head: Record | None = None
    author: bool = False
    reason: str | None = None

    @property
    def filling(self) -> Filling:
        """How the viewer fills it in, as the database has it now."""
        return Filling(self.grid, self.place, self.day, self.own, self.head)

    @cached_property
    def place(self) -> Organization:
        """The organization of the grid; it may have been taken from the viewer meanwhile."""
        if self.head is not None:
            place: Organization = getattr(self.head, "organization")  # noqa: B009 - heads have one
            return place
        found = place_to_fill(self.grid, self.organization_id, own=self.own)
        if found is None:
            raise UserError(_("You may not enter this for that cadre or organization."))
        return found


@dataclass
class Outcome:
    """What became of a grid: the record above or the first row, or the sheet that says why not."""

    row: Record | None = None
    sheet: Sheet | None = None
    status: int = OK

    @property
    def is_stored(self) -> bool:
        """Whether everything is stored, or was before."""
        return self.status == OK


def store_grid(form: RecordForm, entry: Entry) -> Outcome:
    """Store what was sent, evaluate it and say so; everything is undone where anything is refused.

    What is wrong stands beside the inputs of the form and the rows of the sheet.
    """
    begin_storing(db.session())
    kind, once = record_kind(entry.grid.record).name, once_of(form)
    before = stored_before(kind, once)
    if before is not None:
        say_sent_before()
        return Outcome(db.session.get(entry.grid.record, before))
    outcome = Outcome()
    try:
        lock_rows(entry.filling, entry.sent.ids)
        outcome.sheet = Sheet(entry.filling, entry.sent)
        outcome.row, changed, number = _stored(form, entry, outcome.sheet, once)
        db.session.commit()
    except UserError as error:
        return _refused(form, entry, error, outcome.sheet)
    _say_saved(entry, number, changed=changed)
    evaluate_saved()
    return outcome


def said_of_grid(form: RecordForm, entry: Entry) -> list[str]:
    """Return what a grid would raise and clear as it is filled in so far; nothing is stored."""
    grid = entry.grid
    sheet = Sheet(entry.filling, entry.sent)
    kinds = [record_kind(each).name for each in dict.fromkeys([grid.record, grid.rows.of])]
    about = [entry.place, *(line.about for line, _values in sheet.to_write())]
    if not all(isinstance(each, Cadre | Organization) for each in about):
        return []
    return said_of(kinds, about, lambda: _stored(form, entry, sheet, None))


def _stored(
    form: RecordForm, entry: Entry, sheet: Sheet, once: str | None
) -> tuple[Record | None, bool, int]:
    """Write everything.

    Returns the record above or the first row, whether the record above was changed, and how many
    rows were.
    """
    _refuse_other_list(entry, sheet)
    _refuse_late(entry)
    _refuse_stale(form, entry)
    sheet.name_changed()
    writes = sheet.to_write()
    if sheet.has_errors or _lacks_reason(form, entry, writes):
        raise RowsRefused({})
    if entry.head is None and not entry.grid.has_head and not writes:
        raise UserError(_("Nothing is filled in yet."))
    watched = _watched(entry, writes)
    head, changed = _store_head(entry)
    rows = _store_rows(entry, head, writes)
    if head is not None and entry.head is None:
        complete_awaited(db.session(), head, rows)
    first = head or next(iter(rows), None) or next((line.entry for line, _v in writes), None)
    if first is not None and entry.head is None:
        keep_sent(record_kind(entry.grid.record).name, once, first.id)
    for each in watched:
        refuse_own(each)
    return first, changed, len(rows)


def _lacks_reason(
    form: RecordForm, entry: Entry, writes: Sequence[tuple[Line, Mapping[str, Any]]]
) -> bool:
    """Whether stored rows are changed by who is not their author of today, without saying why."""
    corrected = any(line.entry is not None for line, _values in writes)
    if entry.own or not corrected or entry.reason is not None or LATE_REASON not in form:
        return False
    form[LATE_REASON].errors = [_("Rules read what you have changed: please say why.")]
    return True


def _refuse_other_list(entry: Entry, sheet: Sheet) -> None:
    """Refuse rows that were drawn for another organization or day than is sent with them."""
    drawn = entry.sent.form.get(DRAWN)
    if drawn and drawn != sheet.drawn:
        raise UserError(
            _("The rows below are now those of this organization and day. "
              "Please look at them and save once more.")
        )  # fmt: skip


def _refuse_late(entry: Entry) -> None:
    if is_late(entry.filling):
        text = _("Only of today; a supervisor enters it late.")
        raise RecordRefused(entry.grid.record, [(entry.grid.day, text)])


def _refuse_stale(form: RecordForm, entry: Entry) -> None:
    """Refuse to change a record above that somebody else has changed since."""
    if entry.head is None or entry.values is None or SEEN not in form:
        return
    if form[SEEN].data != version_of(entry.head):
        form[SEEN].data = version_of(entry.head)
        form.overtaken = True
        raise UserError(
            _("Somebody else changed this while it was open here, so nothing was saved.")
        )


def _watched(entry: Entry, writes: Sequence[tuple[Line, Mapping[str, Any]]]) -> list[Any]:
    """The viewer's own flags as they stand before all this, as single forms watch them."""
    grid, found = entry.grid, []
    if grid.has_head and entry.values is not None:
        about = grid.record.concerned_by({**(entry.values), "organization": entry.place})
        found.append(watch_own_flags(Change(record_kind(grid.record).name, about)))
    if writes:
        about = [line.about for line, _values in writes]
        of_paths = all(path == grid.rows.each for path in grid.rows.of.concerns)
        change = Change(record_kind(grid.rows.of).name, about if of_paths else None)
        found.append(watch_own_flags(change))
    return found


def _store_head(entry: Entry) -> tuple[Record | None, bool]:
    """Store the record above, if there is one: new, or as it was changed; say whether it was."""
    if not entry.grid.has_head:
        return None, False
    actor, session, values = current_viewer().actor, db.session(), entry.values
    if entry.head is None:
        given = {**(values or {}), "organization": entry.place}
        head = create_record(actor, session, entry.grid.record, given, at=now())
        refuse_entry(head, own=entry.own)
        return head, True
    if values is None:
        return entry.head, False
    before = plain_values(entry.head)
    changed = update_record(actor, session, entry.head, values, at=now(), reason=entry.reason)
    refuse_change(entry.head, before, author=entry.author)
    return entry.head, changed


def _store_rows(
    entry: Entry, head: Record | None, writes: Sequence[tuple[Line, Mapping[str, Any]]]
) -> list[Record]:
    """Store the rows; what is wrong with one is said beside it."""
    rows = entry.grid.rows
    above = {rows.head: head} if rows.head is not None else {entry.grid.day: entry.day}
    given = [
        Write(values if line.entry else {**values, **above, rows.each: line.about}, line.entry)
        for line, values in writes
    ]
    try:
        return store_rows(
            current_viewer().actor, db.session(), rows.of, given, at=now(), reason=entry.reason
        )
    except RowsRefused as error:
        names = {each.field for each in entry.grid.columns}
        for position, problems in error.problems.items():
            for name, text in problems:
                writes[position][0].errors[name if name in names else ""] = text
        raise


def _refused(form: RecordForm, entry: Entry, error: UserError, sheet: Sheet | None) -> Outcome:
    """Undo everything, and draw the rows anew with what is wrong beside them."""
    wrong = {} if sheet is None else {each.id: each.errors for each in sheet.lines if each.errors}
    problems = [] if sheet is None else sheet.problems
    if isinstance(error, RowsRefused):
        db.session.rollback()
    else:
        refuse(form, error)
    head = None if entry.head is None else db.session.get(entry.grid.record, entry.head.id)
    drawn = Sheet(replace(entry, head=head).filling, entry.sent)
    drawn.problems = problems
    changed = drawn.name_changed()
    for line in drawn.lines:
        line.errors = {**wrong.get(line.id, {}), **line.errors}
    for text in problems:
        flash(text, "error")
    overtaken = changed or form.overtaken
    return Outcome(sheet=drawn, status=CHANGED if overtaken else WRONG)


def _say_saved(entry: Entry, number: int, *, changed: bool) -> None:
    if not (number or changed):
        flash(_("Nothing was changed."), "info")
        return
    title = str(record_kind(entry.grid.record).title)
    rows = ngettext("%(num)d row saved.", "%(num)d rows saved.", number)
    flash(_("%(what)s was saved.", what=title) + (f" {rows}" if number else ""), "success")
