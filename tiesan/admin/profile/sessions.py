"""Where one is signed in: one's sessions, each of which can be ended from here."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.pages import page
from tiesan.admin.shell.signed_in import current_session, span_of
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, ngettext
from tiesan.people.devices import device_words
from tiesan.people.models import Account
from tiesan.people.sessions import end_other_sessions, end_session, own_sessions


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its owner knows it again."""

    id: int
    device: str
    address: str
    started_at: datetime
    seen_at: datetime
    own_phone: bool
    is_here: bool


def sessions_that_hold() -> list[OwnSession]:
    """Return the viewer's sessions that hold, this one first."""
    account_id, at, here = current_viewer().account_id, now(), current_session()
    if account_id is None:
        return []
    here_id = None if here is None else here.row_id
    found = [
        OwnSession(
            row.id,
            device_words(row.browser, row.system),
            row.address,
            row.started_at,
            row.seen_at,
            row.own_phone,
            is_here=row.id == here_id,
        )
        for row in own_sessions(db.session(), account_id, now=at)
        if row.id == here_id or span_of(row).holds(row.started_at, row.seen_at, at)
    ]
    return sorted(found, key=lambda each: not each.is_here)


class SessionPages:
    """Ending one's sessions, below one's own account."""

    @page("/session/<int:session_id>/end", methods=("POST",))
    def end_session_view(self, session_id: int) -> ResponseReturnValue:
        """End a session elsewhere."""
        begin_storing(db.session())
        account = _account()
        try:
            end_session(account.actor, db.session(), account, session_id, at=now())
        except UserError as error:
            db.session.rollback()
            flash(str(error), "error")
            return _back()
        db.session.commit()
        flash(_("That session was ended."), "success")
        return _back()

    @page("/sessions/end", methods=("POST",))
    def end_others_view(self) -> ResponseReturnValue:
        """End every session but this one."""
        begin_storing(db.session())
        account, here = _account(), current_session()
        kept = None if here is None else here.row_id
        ended = end_other_sessions(account.actor, db.session(), account, kept, at=now())
        db.session.commit()
        if ended:
            flash(ngettext("%(num)d session elsewhere was ended.",
                           "%(num)d sessions elsewhere were ended.", ended), "success")  # fmt: skip
        else:
            flash(_("You were signed in nowhere else."), "success")
        return _back()


def _account() -> Account:
    found = db.session.get(Account, current_viewer().account_id)
    return found if found is not None else abort(403)


def _back() -> ResponseReturnValue:
    return redirect(url_for("profile.index_view") + "#sessions")
