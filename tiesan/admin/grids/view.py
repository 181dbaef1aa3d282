"""GridPages: the pages of a kind of record that its plugin has a grid for.

A record with rows below it is entered and changed together with them; rows of a day alone have a
page of their own, beside the form of a single one.
"""

from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tiesan.access.correcting import by_role, flags_on
from tiesan.access.filling import (
    Filling,
    filling_of,
    fills_for_others,
    fills_own,
    only_place_to_fill,
)
from tiesan.admin.forms.announced import answer, is_asked
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.forms.sending import sent_once
from tiesan.admin.grids.forms import (
    ADD,
    ORGANIZATION,
    chosen_filling,
    day_form,
    grid_lookups,
    head_form,
    head_values,
    opened,
)
from tiesan.admin.grids.sent_rows import REST, Sent, cell_name, seen_name
from tiesan.admin.grids.sheet import Sheet
from tiesan.admin.grids.shown import attended
from tiesan.admin.grids.storing import WRONG, Entry, Outcome, said_of_grid, store_grid
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.records.forms import LATE_REASON
from tiesan.admin.records.storing import with_version
from tiesan.admin.records.view import OWN_FORM, R, RecordView
from tiesan.admin.shell.pages import page
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.grids import Grid
from tiesan.records.kinds import record_kind
from tiesan.records.policy import Verb

# What a button sends that changes which rows are shown, and stores nothing.
SHOW = "show"


class GridPages(RecordView[R]):
    """A view of records with a grid; it stands before another view of records among the bases."""

    # What filling in rows that belong to no record is called.
    filling_in: ClassVar[str | None] = None
    details_template = "grids/details.html"
    list_template = "grids/list.html"
    grid_template = "grids/form.html"

    def __init__(self, plugin: Plugin) -> None:
        """Take the plugin, which must have a grid for the class."""
        self.grid: Grid = next(each for each in plugin.grids if each.record is self.record)
        super().__init__(plugin)

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the records, and those of the grid."""
        return {**super().make_lookups(), **grid_lookups(self.grid)}

    @property
    def filling_words(self) -> str:
        """What filling in such a grid is called."""
        return str(self.filling_in or self.entering_words)

    @property
    def details_without_rows(self) -> str:
        """The page of a record as it would be without its rows."""
        return str(super().details_template)

    @property
    def list_without_grid(self) -> str:
        """The list as it would be without the grid."""
        return str(super().list_template)

    # --- who may ----------------------------------------------------------------------------------

    @property
    def fills(self) -> bool:
        """Whether the viewer may open an empty grid."""
        return self.is_accessible() and (fills_own(self.grid) or fills_for_others(self.grid))

    def fills_as_own(self) -> bool:
        """Whether an empty grid is that of an own entry; who may do both asks for the other."""
        asked = request.args.get(OWN_FORM) == "0" and fills_for_others(self.grid)
        return fills_own(self.grid) and not asked

    @property
    def enters_own(self) -> bool:
        """Whether the viewer may enter rows of this kind as their own."""
        return super().enters_own or (not self.grid.has_head and fills_own(self.grid))

    def filling(self, head: Record) -> Filling | None:
        """How the viewer fills in the rows of a stored record; None if they may not."""
        return filling_of(self.grid, head) if self.grid.has_head else None

    # --- pages ------------------------------------------------------------------------------------

    @page("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Show the empty grid of a record and its rows; store what it sends."""
        if not self.grid.has_head:
            return self._single()
        if not self.fills:
            abort(403)
        own = self.fills_as_own()
        return self._fill(None, head_form(self, self.grid, None, own=own, fixed=False))

    def _single(self) -> ResponseReturnValue:
        """Show the form of a single row; the grid to whom that is closed, or for their own."""
        if self.fills and (self.fills_as_own() or not self.enters_for_others):
            return redirect(self.get_url(".grid_view", **request.args))
        return super().create_view()

    @page("/grid/", methods=("GET", "POST"))
    def grid_view(self) -> ResponseReturnValue:
        """Show the rows of one organization and day; store what is sent."""
        if not self.fills:
            abort(403)
        if self.grid.has_head:
            return redirect(self.get_url(".create_view", **request.args))
        return self._fill(None, day_form(self.grid, self.lookups))

    @page("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Show a stored record with its rows, those filled in; store what is sent."""
        row = self.row_or_404()
        filling = self.filling(row)
        if filling is None or (row.voided_at is not None and by_role(Verb.EDIT, row)):
            return super().edit_view()
        return self._fill(row, self._edited_form(row))

    def _edited_form(self, row: Any) -> type[RecordForm]:
        """The form of a stored record: its fields where they may be changed, and the rows alone."""
        may = self.may(Verb.EDIT, row) and self.bar(row, flags_on(row), Verb.EDIT) is None
        own = self.may_withdraw(row) if may else self._own(row)
        form = head_form(self, self.grid, row, own=own, fixed=not may)
        return with_version(form, row)

    def _fill(self, head: Any, inputs: type[RecordForm]) -> ResponseReturnValue:
        form = opened(sent_once(inputs), self, head, own=self.fills_as_own())
        if request.method != "POST" or SHOW in request.form or REST in request.form:
            return self._drawn(form, head)
        if is_asked():
            return answer(self._announced(form, head))
        if not form.validate_on_submit():
            return self._drawn(form, head), WRONG
        chosen = chosen_filling(self.grid, form, head, own=self._own(head))
        if chosen is None:
            flash(_("You may not enter this for that cadre or organization."), "error")
            return self._drawn(form, head), WRONG
        outcome = store_grid(form, self._entry(form, head, chosen))
        if outcome.is_stored:
            return redirect(self._way_on(outcome, chosen))
        sheet = outcome.sheet
        return self._drawn(form, sheet and sheet.filling.head, sheet), outcome.status

    def _announced(self, form: RecordForm, head: Any) -> list[str]:
        chosen = chosen_filling(self.grid, form, head, own=self._own(head))
        if chosen is None or not form.validate():
            return []
        return said_of_grid(form, self._entry(form, head, chosen))

    def _own(self, head: Any) -> bool:
        if head is None:
            return self.fills_as_own()
        found = self.filling(head)
        return found is not None and found.own

    def _entry(self, form: RecordForm, head: Any, chosen: Filling) -> Entry:
        values = head_values(self.grid, form)
        return Entry(
            self.grid,
            chosen.organization.id,
            chosen.day,
            chosen.own,
            values,
            Sent(request.form),
            head,
            author=head is not None and self.may_withdraw(head),
            reason=form[LATE_REASON].data if LATE_REASON in form else None,
        )

    def _drawn(self, form: RecordForm, head: Any, sheet: Sheet | None = None) -> str:
        """Return the page: the inputs above, and the rows once it is known of whom and when."""
        chosen = chosen_filling(self.grid, form, head, own=self._own(head))
        if sheet is None and chosen is not None:
            sheet = Sheet(chosen, Sent(_what_was_sent()))
            if REST in request.form:
                sheet.fill_rest(request.form)
        return self.render(
            self.grid_template,
            form=form,
            row=head,
            sheet=sheet,
            grid=self.grid,
            place=None if chosen is None else chosen.organization,
            only_place=self._only_place(form, head),
            about_word=record_kind(self.grid.about).title,
            organization=ORGANIZATION,
            add=ADD,
            cell_name=cell_name,
            seen_name=seen_name,
        )

    def _only_place(self, form: RecordForm, head: Any) -> Organization | None:
        """The one organization that there is to choose from, unless another one was sent."""
        if head is not None or ORGANIZATION not in form or form[ORGANIZATION].errors:
            return None
        only = only_place_to_fill(self.grid, own=self.fills_as_own())
        sent = form[ORGANIZATION].data
        return only if only is not None and (sent is None or sent.id == only.id) else None

    def _way_on(self, outcome: Outcome, chosen: Filling) -> str:
        """Where somebody goes who has stored a grid: to the record, or to the same day's rows."""
        if self.grid.has_head and outcome.row is not None:
            return str(self.after_saving(outcome.row))
        if not self.grid.one_a_day:
            return str(self.get_url(".index_view"))
        day = {self.grid.day: chosen.day.isoformat()}
        return str(self.get_url(".grid_view", organization=chosen.organization.id, **day))

    def attended(self, row: Any) -> Any:
        """Return the rows of a stored record as its page shows them."""
        return attended(self.grid, row) if self.grid.has_head else None


def _what_was_sent() -> MultiDict[str, str]:
    """What the form has sent, also where it comes back because nothing could be stored."""
    kept: MultiDict[str, str] | None = g.get("kept")
    return request.form if kept is None else kept
