"""The page of notifications: what the viewer was told, filters, "all read", and their choices."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from itertools import islice

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.notifications.bell import current_seeing
from tiesan.admin.notifications.leading import place_of
from tiesan.admin.notifications.lines import lines_of
from tiesan.admin.shell.language import NAMES
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.clock import SHANGHAI, now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l, ngettext
from tiesan.notifications.choices import (
    Hours,
    choices_of,
    choose,
    hours_of,
    language_for,
    set_hours,
)
from tiesan.notifications.kinds import KINDS, SORTS, Kind, Sort
from tiesan.notifications.reading import Narrowed, mark_read, mark_unread, told_to
from tiesan.people.notifications import Leaves, Notification
from tiesan.records.policy import ADMINISTRATORS, EVERYBODY

_ON_PAGE = 50
_SPANS: Mapping[str, tuple[str, timedelta]] = {
    "day": (_l("Today"), timedelta(days=0)),
    "week": (_l("7 days"), timedelta(days=6)),
    "month": (_l("31 days"), timedelta(days=30)),
}
WAYS: Mapping[Leaves, str] = {
    Leaves.NOW: _l("At once"),
    Leaves.DIGEST: _l("In the digest"),
    Leaves.HERE: _l("Only here"),
}
_LONGEST_NUMBER = 9


class NotificationView(Page):
    """What whoever is signed in was told."""

    roles = EVERYBODY
    place = "profile"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Notifications"), endpoint="notification", url="/notifications")

    def is_accessible(self) -> bool:
        """Whoever is signed in, be it without any role: everybody reads their own."""
        return not current_viewer().is_stranger

    def entries(self) -> list[Entry]:
        """Return nothing: the bell is on every page."""
        return []

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what the viewer was told and may see, the newest first."""
        viewer, narrowed = current_viewer(), _narrowed()
        found = told_to(db.session(), current_seeing(), viewer.account_id or 0, today(), narrowed)
        rows = list(islice(found, _ON_PAGE + 1))
        return self.render(
            "notifications/list.html",
            lines=lines_of(viewer, rows[:_ON_PAGE]),
            older=rows[_ON_PAGE - 1].id if len(rows) > _ON_PAGE else None,
            asked=_asked(),
            spans={name: title for name, (title, _length) in _SPANS.items()},
            sorts=_by_sort(),
            undo=request.args.get("undo", ""),
        )

    @page("/<int:id>/open", methods=("POST",))
    def open_view(self, id: int) -> ResponseReturnValue:
        """Note that a notification was read, and lead to what it is about.

        It is sent as a form, so that nothing that looks ahead at links marks what nobody has read.
        """
        begin_storing(db.session())
        viewer = current_viewer()
        found = db.session.get(Notification, id)
        if found is None or found.account_id != viewer.account_id:
            abort(404)
        asked = [(found.id, found.row_kind)]
        if not current_seeing().visible(db.session(), asked, today()):
            abort(404)
        place = place_of(viewer, found.kind, found.row_kind, found.row_id)
        mark_read(viewer.actor, db.session(), [found.id], at=now())
        db.session.commit()
        return redirect(place or self.get_url(".index_view"), code=303)

    @page("/read", methods=("POST",))
    def read_view(self) -> ResponseReturnValue:
        """Note that the viewer has read all that they have not read yet."""
        begin_storing(db.session())
        viewer, at = current_viewer(), now()
        unread = told_to(
            db.session(), current_seeing(), viewer.account_id or 0, today(), Narrowed(unread=True)
        )
        number = mark_read(viewer.actor, db.session(), [row.id for row in unread], at=at)
        db.session.commit()
        if not number:
            flash(_("You have read everything already."), "info")
            return redirect(self.get_url(".index_view"), code=303)
        flash(ngettext("%(num)d notification marked as read.",
                       "%(num)d notifications marked as read.", number), "success")  # fmt: skip
        return redirect(self.get_url(".index_view", undo=at.isoformat()), code=303)

    @page("/unread", methods=("POST",))
    def unread_view(self) -> ResponseReturnValue:
        """Take "all read" back: what was read at one moment is unread again."""
        try:
            read_at = datetime.fromisoformat(request.form.get("at", ""))
        except ValueError:
            abort(404)
        if read_at.tzinfo is None:
            abort(404)
        begin_storing(db.session())
        number = mark_unread(current_viewer().actor, db.session(), read_at, at=now())
        db.session.commit()
        if number:
            said = ngettext("%(num)d notification is unread again.",
                            "%(num)d notifications are unread again.", number)  # fmt: skip
            flash(said, "success")
        return redirect(self.get_url(".index_view"), code=303)

    # --- choices ----------------------------------------------------------------------------------

    @page("/choices", methods=("GET", "POST"))
    def choices_view(self) -> ResponseReturnValue:
        """Show by which way each kind leaves for the viewer, and keep what they choose."""
        viewer = current_viewer()
        if request.method == "POST" and _chosen():
            flash(_("Your choices were saved."), "success")
            return redirect(self.get_url(".choices_view"), code=303)
        account_id = viewer.account_id or 0
        return self.render(
            "notifications/choices.html",
            sorts=_by_sort(),
            chosen=choices_of(db.session(), account_id),
            ways=WAYS,
            names=NAMES,
            language_of_texts=language_for(db.session(), account_id),
            hours=hours_of(db.session()),
            sets_hours=current_viewer().administers_all,
        )

    @page("/hours", methods=("POST",))
    def hours_view(self) -> ResponseReturnValue:
        """Set for everybody between which hours texts leave at once, and how many a day."""
        if not current_viewer().administers_all:
            abort(403)
        begin_storing(db.session())
        try:
            set_hours(current_viewer().actor, db.session(), _hours_sent(), at=now())
            db.session.commit()
            flash(_("The hours were saved."), "success")
        except UserError as error:
            db.session.rollback()
            flash(str(error), "error")
        return redirect(self.get_url(".choices_view"), code=303)


def _asked() -> dict[str, str]:
    """The filters of the address, of which each is known."""
    kind, span = request.args.get("kind", ""), request.args.get("span", "")
    return {
        "unread": "1" if request.args.get("unread") == "1" else "",
        "kind": kind if kind in KINDS else "",
        "span": span if span in _SPANS else "",
    }


def _narrowed() -> Narrowed:
    asked, before = _asked(), request.args.get("before", "")
    since = None
    if asked["span"]:
        first = today() - _SPANS[asked["span"]][1]
        since = datetime.combine(first, time(), SHANGHAI)
    known = before.isascii() and before.isdecimal() and len(before) <= _LONGEST_NUMBER
    kinds = (asked["kind"],) if asked["kind"] else ()
    return Narrowed(bool(asked["unread"]), kinds, since, int(before) if known else None)


def _by_sort() -> list[tuple[str, list[Kind]]]:
    """The kinds by sort; how the installation runs is told to administrators alone."""
    administers = current_viewer().has(ADMINISTRATORS)
    return [
        (str(title), [kind for kind in KINDS.values() if kind.sort is sort])
        for sort, title in SORTS.items()
        if sort is not Sort.RUNNING or administers
    ]


def _chosen() -> bool:
    """Keep what the form says; False with a message where it says something that is not there."""
    begin_storing(db.session())
    viewer = current_viewer()
    kinds = [kind for _title, listed in _by_sort() for kind in listed if kind.may_be_off]
    try:
        wanted = {
            kind.name: _way(request.form.get(f"way-{kind.name}", kind.leaves.value))
            for kind in kinds
        }
        language = request.form.get("language", "")
        choose(viewer.actor, db.session(), wanted, language, at=now())
        db.session.commit()
    except UserError as error:
        db.session.rollback()
        flash(str(error), "error")
        return False
    return True


def _way(sent: str) -> Leaves:
    try:
        return Leaves(sent)
    except ValueError:
        raise UserError(_("There is no such way.")) from None


def _hours_sent() -> Hours:
    """The hours of the form; raises UserError for what are none."""
    first, last, most = (request.form.get(name, "") for name in ("first", "last", "most"))
    if not (most.isascii() and most.isdecimal() and len(most) <= _LONGEST_NUMBER):
        raise UserError(_("A whole number is wanted."))
    try:
        return Hours(time.fromisoformat(first), time.fromisoformat(last), int(most))
    except ValueError:
        raise UserError(_("A time such as 07:30 is wanted.")) from None
