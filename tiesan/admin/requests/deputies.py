"""The page on which a superior names deputies, and ends what was named."""

from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tiesan.access.deputies import may_name, name_deputy, nameable
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.pages import page
from tiesan.clock import now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.deputies import MOST_DAYS, Deputy, deputies_of, deputy_for, end_deputy
from tiesan.people.notifications import name_of_account

_WRONG = 422
_WEEK = 6


class DeputyPages:
    """Naming and ending deputies, below the pages of requests."""

    render: Any

    @page("/deputies", methods=("GET", "POST"))
    def deputies_view(self) -> ResponseReturnValue:
        """Show whom the viewer has named, and whose deputy they are; name one."""
        viewer = current_viewer()
        if request.method == "GET":
            return str(self._shown(""))
        if not may_name(viewer):
            abort(403)
        begin_storing(db.session())
        try:
            days = (_day("first_day"), _day("last_day"))
            name_deputy(
                viewer, db.session(), request.form.get("to", ""), days, day=today(), at=now()
            )
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            return self._shown(error.lines[0]), _WRONG
        flash(_("The deputy was named."), "success")
        return redirect(url_for(".deputies_view"), code=303)

    @page("/deputies/<int:deputy_id>/end", methods=("POST",))
    def end_deputy_view(self, deputy_id: int) -> ResponseReturnValue:
        """End a deputy of the viewer's, from now on."""
        begin_storing(db.session())
        try:
            end_deputy(current_viewer().actor, db.session(), deputy_id, day=today(), at=now())
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            return self._shown(error.lines[0]), _WRONG
        flash(_("They are no longer your deputy."), "success")
        return redirect(url_for(".deputies_view"), code=303)

    def _shown(self, problem: str) -> str:
        viewer, day, session = current_viewer(), today(), db.session()
        names = may_name(viewer)
        return str(
            self.render(
                "requests/deputies.html",
                names_deputies=names,
                accounts=nameable(session, viewer, day) if names else [],
                given=_named(deputies_of(session, viewer.account_id, day), of_giver=False),
                held=_named(deputy_for(session, viewer.account_id, day), of_giver=True),
                first=request.form.get("first_day") or day.isoformat(),
                last=request.form.get("last_day") or (day + timedelta(days=_WEEK)).isoformat(),
                chosen=request.form.get("to", ""),
                earliest=day.isoformat(),
                most_days=MOST_DAYS,
                problem=problem,
            )
        )


def _named(found: Any, *, of_giver: bool) -> list[tuple[Deputy, str]]:
    """Deputies with the name of the other person."""
    return [
        (row, name_of_account(db.session(), row.giver_id if of_giver else row.account_id) or "")
        for row in found
    ]


def _day(name: str) -> date:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(_("No day: %(found)s", found=text or "–")) from None
