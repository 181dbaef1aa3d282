"""The first page: what is asked of the person who looks, in the order in which they do it.

Each section is made in a module of its own; here they are put together. Who looks after others
begins with what waits for them, administrators with how the installation runs, everybody with
their own day.
"""

from datetime import date, timedelta

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.bulletins.at_home import bulletins_at_home
from tiesan.admin.courses.pages import DrawsVerbs
from tiesan.admin.flags.own import AT_HOME
from tiesan.admin.home.behind import behind_at_home, in_reach
from tiesan.admin.home.drawn import as_of_now, to_be_kept
from tiesan.admin.home.own_flags import flags_at_home
from tiesan.admin.home.running import (
    administered,
    installation_at_home,
    seen_evaluations,
    trouble_at_home,
)
from tiesan.admin.home.today import today_at_home
from tiesan.admin.home.told import told_at_home
from tiesan.admin.home.waiting import inbox_at_home
from tiesan.admin.inbox.phrases import REVIEWING
from tiesan.admin.notices.following import notices_at_home
from tiesan.admin.owed.at_home import owed_at_home
from tiesan.admin.requests.lines import Waiting, queue_at_home
from tiesan.admin.requests.own_lines import requests_at_home
from tiesan.admin.shell.consequences import follow, want_evaluation
from tiesan.admin.shell.pages import Open, page
from tiesan.admin.shell.remembered import remembered
from tiesan.clock import now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.reminders import Due, OwedThing, remind
from tiesan.records.policy import ADMINISTRATORS, EVERYBODY
from tiesan.reviews.flag_course import FLAG_COURSE


class HomeView(DrawsVerbs, Open, AdminIndexView):  # type: ignore[misc] # Flask-Admin: no types.
    """The first page of everybody who is signed in."""

    roles = EVERYBODY
    # Of the flags whose next step is done here.
    course = FLAG_COURSE
    verb_page = "flag.verb_view"
    place = "home"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(name=_l("Home"), url="/")

    def is_accessible(self) -> bool:
        """Whoever is signed in has a first page, be it an empty one."""
        return not current_viewer().is_stranger

    @page("/")
    def index(self) -> ResponseReturnValue:
        """Show what is asked of the viewer."""
        viewer = current_viewer()
        evaluations = seen_evaluations()
        reviews = viewer.has(REVIEWING)
        answered, day = remembered("day", self._day, viewer, today())
        return self.render(
            "home/home.html",
            today=as_of_now(day),
            owed=owed_at_home(viewer, answered),
            own_flags=as_of_now(remembered("own flags", self._own_flags, viewer, today())),
            notices=as_of_now(remembered("notices", self._notices, viewer, today())),
            bulletins=as_of_now(remembered("bulletins", self._bulletins, viewer, today())),
            inbox_lines=inbox_at_home(viewer, today()),
            behind=behind_at_home(viewer, today()) if reviews else None,
            installation=installation_at_home(viewer, evaluations),
            trouble=trouble_at_home(viewer, evaluations),
            told=told_at_home(viewer),
            own_requests=as_of_now(remembered("requests", self._requests, viewer, today())),
            queue_of_viewer=remembered("queue", _queue, viewer, today()),
            may_evaluate=bool(administered(viewer)),
            looks_after=viewer.has(REVIEWING | ADMINISTRATORS),
        )

    # --- sections that are kept as they were drawn ------------------------------------------------

    def _day(self, viewer: Viewer, day: date) -> tuple[frozenset[tuple[str, str]], str]:
        """What can be done in the section *Today*, by rule and key, and the section."""
        shown = today_at_home(viewer, day)
        answered = frozenset() if shown is None else shown.answered
        return answered, to_be_kept(self.render("home/today.html", today=shown))

    def _own_flags(self, viewer: Viewer, _day: date) -> str:
        found = flags_at_home(viewer)
        drawn = self.render("home/own_flags.html", own_flags=found, of_own_flags=AT_HOME)
        return to_be_kept(drawn)

    def _notices(self, viewer: Viewer, _day: date) -> str:
        return to_be_kept(self.render("notices/at_home.html", notices=notices_at_home(viewer)))

    def _bulletins(self, viewer: Viewer, _day: date) -> str:
        found = bulletins_at_home(viewer)
        return to_be_kept(self.render("bulletins/at_home.html", bulletins=found))

    def _requests(self, viewer: Viewer, _day: date) -> str:
        found = requests_at_home(viewer)
        return to_be_kept(self.render("requests/at_home.html", requests_of_viewer=found))

    # --- other pages ------------------------------------------------------------------------------

    @page("/first")
    def first(self) -> ResponseReturnValue:
        """Lead on to what whoever signs in begins with: for a reviewer what waits for them."""
        begins = "inbox.index_view" if current_viewer().has(REVIEWING) else "admin.index"
        return redirect(url_for(begins))

    @page("/evaluate", methods=("POST",))
    def evaluate(self) -> ResponseReturnValue:
        """Evaluate the administrator's districts up to now."""
        district_ids = administered(current_viewer())
        if not district_ids:
            abort(403)
        begin_storing(db.session())
        run_id = want_evaluation(district_ids, judged_until=today() - timedelta(days=1))
        db.session.commit()
        return follow(run_id, self.get_url(".index"))

    # --- who is behind ----------------------------------------------------------------------------

    @page("/behind/")
    def behind_view(self) -> ResponseReturnValue:
        """Show all who are behind, by due date."""
        if not current_viewer().has(REVIEWING):
            abort(403)
        found = behind_at_home(current_viewer(), today(), most=None)
        return self.render("home/behind.html", behind=found)

    @page("/behind/remind", methods=("POST",))
    def remind_view(self) -> ResponseReturnValue:
        """Remind whoever is behind with one thing."""
        if not current_viewer().has(REVIEWING):
            abort(403)
        begin_storing(db.session())
        thing = _thing_sent()
        found = None if thing is None else in_reach(current_viewer(), today(), thing)
        if thing is None or found is None:
            abort(404)
        viewer = current_viewer()
        try:
            due = Due(thing, found.due_on, found.cadre_ids)
            remind(viewer.actor, db.session(), due, day=today(), at=now())
            db.session.commit()
            flash(_("%(name)s was reminded.", name=found.subject), "success")
        except UserError as error:
            db.session.rollback()
            flash(str(error), "warning")
        back = ".behind_view" if request.form.get("all") == "1" else ".index"
        return redirect(self.get_url(back), code=303)


def _queue(viewer: Viewer, _day: date) -> Waiting | None:
    return queue_at_home(viewer)


_LONGEST_ID = 9


def _thing_sent() -> OwedThing | None:
    """What the form names as owed; None where it names nothing that could be."""
    form = request.form
    number = form.get("subject_id", "")
    if not number.isdecimal() or len(number) > _LONGEST_ID:
        return None
    rule, kind, key = (form.get(name, "") for name in ("rule", "subject_kind", "key"))
    return OwedThing(rule, kind, int(number), key)
