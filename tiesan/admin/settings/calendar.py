"""Calendar exceptions: days on which the official calendar does not hold, for the installation."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, true

from tiesan.access.viewer import current_viewer
from tiesan.admin.core.view import CoreView
from tiesan.admin.forms.inputs import ONCE, RecordForm
from tiesan.admin.forms.sending import keep_sent, read_once, stored_before
from tiesan.admin.lists.filters import Filter, filters_of
from tiesan.admin.records.storing import refuse
from tiesan.admin.shell.consequences import follow, want_evaluation
from tiesan.admin.shell.pages import page
from tiesan.calendar.working_days import officially_announced
from tiesan.clock import now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.i18n import _
from tiesan.records.calendar_exceptions import remove_exception, set_exception
from tiesan.records.policy import ADMINISTRATORS
from tiesan.records.settings import CalendarException

# What the removal of an exception is kept by, so that a second click finds it done.
_REMOVED = "calendar exception removed"


class CalendarExceptionView(CoreView[CalendarException]):
    """Everybody may read them; administrators of the whole installation write them."""

    model_class = CalendarException
    read_by_rules = frozenset({"day", "kind"})
    place = "calendar"
    searched = ("name",)
    newest_first = ("day",)
    columns_shown = ("day", "kind", "name")
    filtered = False
    list_template = "settings/calendar.html"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__("/calendar")

    def make_filters(self) -> list[Filter]:
        """Return a filter for each field."""
        return list(filters_of(CalendarException, {}))

    def years(self) -> list[tuple[int, bool]]:
        """Return this year and the next, each with whether its make-up days are built in."""
        return [(year, officially_announced(year)) for year in (today().year, today().year + 1)]

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the rows that the viewer may read: all."""
        return true()

    @property
    def may_create(self) -> bool:
        """Whether the viewer administers the whole installation."""
        return current_viewer().acting_reach(ADMINISTRATORS).everywhere

    def writable(self) -> ColumnElement[bool]:
        """Return the condition of the rows that the viewer may change."""
        return true() if self.may_create else false()

    def candidates(self, model: type[Base]) -> ColumnElement[bool]:
        """Return the condition of rows to refer to; there are no references."""
        return false()

    def stored(self, values: Mapping[str, Any]) -> CalendarException:
        """Store a new exception."""
        return set_exception(current_viewer().actor, db.session(), None, values, at=now())

    def changed(
        self, row: CalendarException, values: Mapping[str, Any], reason: str | None
    ) -> bool:
        """Change an exception."""
        actor, session = current_viewer().actor, db.session()
        set_exception(actor, session, row, values, at=now(), reason=reason)
        return True

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show an exception, and how to remove it."""
        row: CalendarException = self.row_or_404()
        return self.render(
            "settings/calendar_exception.html",
            row=row,
            heading=self.heading(row),
            blocks=self.blocks(row),
            may_edit=self.may_change(row),
        )

    @page("/remove/", methods=("POST",))
    def remove_view(self) -> ResponseReturnValue:
        """Remove an exception for a reason, and evaluate every district anew."""
        begin_storing(db.session())
        once = read_once(request.form.get(ONCE))
        if stored_before(_REMOVED, once) is not None:
            return redirect(self.get_url(".index_view"))
        row: CalendarException = self.row_or_404()
        if not self.may_change(row):
            abort(403)
        heading, reason = self.heading(row), request.form.get("reason", "")
        keep_sent(_REMOVED, once, row.id)
        try:
            remove_exception(current_viewer().actor, db.session(), row, reason=reason, at=now())
        except UserError as error:
            refuse(RecordForm(), error)
            return redirect(self.get_url(".details_view", id=row.id))
        run_id = want_evaluation()
        db.session.commit()
        flash(_("%(what)s was removed.", what=heading), "success")
        return follow(run_id, self.get_url(".index_view"))
