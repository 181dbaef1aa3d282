"""CoreView: pages of organizations, cadres and settings, which administrators write.

Unlike a record, such a row is never voided; a change of it concerns whole districts.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from tiesan.access.belonging import target_of
from tiesan.access.criterion import readable_rows
from tiesan.admin.core.sending import Asks, Sending, Stored, send
from tiesan.admin.forms.asking import asking, questions_on_code
from tiesan.admin.forms.inputs import RecordForm, form_class
from tiesan.admin.forms.sending import sent_once
from tiesan.admin.lists.columns import Column, field_column
from tiesan.admin.lists.filters import LOOKUP, Filter, filters_of, reading_lookups
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.records.forms import CODE, ChangeNeedsReason, reason_input
from tiesan.admin.records.storing import refuse_stale, with_version
from tiesan.admin.shell.consequences import follow, refuse_own, watch_own_flags
from tiesan.admin.shell.pages import page
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _, _l
from tiesan.records.kinds import fact_kind, record_kind, row_id
from tiesan.records.policy import EVERYBODY
from tiesan.words.rows import Block, blocks_of, row_id_of
from tiesan.words.values import name_of

B = TypeVar("B", bound=Base)
REASON = "reason"


class CoreView(ListView, Generic[B]):
    """The pages of one class of the core; a subclass says who may write, and how it is stored."""

    roles = EVERYBODY
    columns_shown: tuple[str, ...] = ()
    filtered = True
    list_template = "core/list.html"
    form_template = "core/form.html"
    details_template = "core/details.html"
    # What rules read of a row: a change of it is asked for its reason.
    read_by_rules: frozenset[str] = frozenset()

    def __init__(self, url: str) -> None:
        """Take the address; the rest comes from the class."""
        self.kind = record_kind(self.model_class)
        self.fields = fact_kind(self.model_class).fields
        self.file_name = self.kind.file
        super().__init__(self.kind.plural, self.kind.name, url)

    # --- what a subclass says ---------------------------------------------------------------------

    @property
    def may_create(self) -> bool:
        """Whether the viewer may add rows."""
        return False

    def writable(self) -> ColumnElement[bool]:
        """Return the condition of the rows that the viewer may change."""
        raise NotImplementedError

    def candidates(self, model: type[Base]) -> ColumnElement[bool]:
        """Return the condition of the rows that a form's reference may name."""
        raise NotImplementedError

    def stored(self, values: Mapping[str, Any]) -> B:
        """Store a new row by a service."""
        raise NotImplementedError

    def changed(self, row: B, values: Mapping[str, Any], reason: str | None) -> bool:
        """Change a row by a service; returns whether anything changed.

        ``reason`` says why, where the class says which fields are ``read_by_rules``.
        """
        raise NotImplementedError

    def watch(self, row: B | None, form: RecordForm) -> Asks[B]:
        """Return what says, of the row as it would be saved, what is to be known before it is.

        Called before anything is changed; None is a new row.
        """
        del row, form
        return lambda _row: ()

    # --- lists ------------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        by_name = fact_kind(self.model_class).by_name
        return [field_column(self.model_class, by_name[name]) for name in self.columns_shown]

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the filters and of the forms."""
        reading = reading_lookups(self.model_class, readable_rows) if self.filtered else {}
        writing = {field.name: self._lookup(field.name) for field in self.fields if field.to}
        return {**writing, **{each.name: each for each in reading.values()}}

    def _lookup(self, reference: str) -> Lookup:
        target = target_of(self.model_class, reference)
        return Lookup(reference, target, lambda: self.candidates(target))

    def make_filters(self) -> Iterable[Filter]:
        """Return a filter for each field."""
        reading = {name.removeprefix(LOOKUP): each for name, each in self.lookups.items()
                   if name.startswith(LOOKUP)}  # fmt: skip
        return filters_of(self.model_class, reading)

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows the list shows."""
        references = {field.name for field in self.fields if field.type is FieldType.REFERENCE}
        return references & set(self.columns_shown)

    # --- pages ------------------------------------------------------------------------------------

    def may_change(self, row: B) -> bool:
        """Whether the viewer may change a row."""
        column = row_id_of(self.model_class)
        statement = select(column).where(column == row_id(row), self.writable())
        return db.session.scalar(statement) is not None

    def form_of(self, row: B | None) -> RecordForm:
        """Return the form of a new or a stored row, as it was sent if it was."""
        left_out = {CODE} if row is not None else set()
        fields = [field for field in self.fields if field.name not in left_out]
        lookups = {field.name: self.lookups[field.name] for field in fields if field.to}
        form = asking(sent_once(form_class(fields, lookups)))
        if row is None:
            return form(data=self.first_values())
        if self.read_by_rules:
            label = _l("Reason for the change")
            setattr(form, REASON, reason_input(label, ChangeNeedsReason(self.read_by_rules)))
        return with_version(form, row)(obj=row)

    def first_values(self) -> Mapping[str, Any]:
        """Return what an empty form says."""
        return {}

    @page("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Show the empty form; store what it sends."""
        if not self.may_create:
            abort(403)
        form = self.form_of(None)
        if form.validate_on_submit() and (answer := self._store(form)) is not None:
            return answer
        heading = _("New: %(kind)s", kind=self.heading(None))
        return self.render(self.form_template, form=form, row=None, heading=heading)

    @page("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Show a row in the form; store what it sends."""
        row = self.row_or_404()
        if not self.may_change(row):
            abort(403)
        form = self.form_of(row)
        if form.validate_on_submit() and (answer := self._change(row, form)) is not None:
            return answer
        heading = _("Edit %(what)s", what=self.heading(row))
        return self.render(self.form_template, form=form, row=row, heading=heading)

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show a row."""
        row = self.row_or_404()
        return self.render(
            self.details_template,
            row=row,
            heading=self.heading(row),
            blocks=self.blocks(row),
            may_edit=self.may_change(row),
        )

    def heading(self, row: B | None) -> str:
        """Return what a page about a row is headed by."""
        return str(self.kind.title) if row is None else f"{self.kind.title} {name_of(row)}"

    def blocks(self, row: B) -> list[Block]:
        """Return what the page of a row shows."""
        return blocks_of(row, [("", tuple(field.name for field in self.fields))])

    def _store(self, form: RecordForm) -> ResponseReturnValue | None:
        def write() -> B:
            row = self.stored(form.values())
            self._keep_in_scope(row)
            return row

        def watch() -> Asks[B]:
            code = form[CODE].data if CODE in form else None
            alike, asks = questions_on_code(self.model_class, code), self.watch(None, form)
            return lambda row: [*alike, *asks(row)]

        return self._answer(send(Sending(self.kind.name, form, write, watch)))

    def _change(self, row: B, form: RecordForm) -> ResponseReturnValue | None:
        values = form.values()
        reason = values.pop(REASON, None)
        return self.send_change(row, form, lambda: self.changed(row, values, reason))

    def send_change(
        self, row: B, form: RecordForm, change: Callable[[], bool]
    ) -> ResponseReturnValue | None:
        """Store a change of a row that a form asks for; None where the form comes back."""
        changed = False

        def write() -> B:
            nonlocal changed
            refuse_stale(form, row)
            watched = watch_own_flags()
            changed = change()
            self._keep_in_scope(row)
            refuse_own(watched)
            return row

        stored = send(Sending(self.kind.name, form, write, lambda: self.watch(row, form)))
        if stored is not None and not (changed or stored.before):
            flash(_("Nothing was changed."), "info")
            return redirect(self.get_url(".details_view", id=stored.row_id))
        return self._answer(stored)

    def _keep_in_scope(self, row: B) -> None:
        if not self.may_change(row):
            raise UserError(_("You may not enter this for that organization."))

    def _answer(self, stored: Stored | None) -> ResponseReturnValue | None:
        """Say what was saved, and have done what it asks for."""
        if stored is None:
            return None
        if not stored.before:
            row: Any = db.session.get_one(self.model_class, stored.row_id)
            flash(_("%(what)s was saved.", what=self.heading(row)), "success")
        return follow(stored.run_id, self.get_url(".details_view", id=stored.row_id))
