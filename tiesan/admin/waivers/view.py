"""Waivers: who waived what of whom until when; granting a standing one, and changing its end."""

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.flags.lines import gravest
from tiesan.admin.lists.lookups import read_id
from tiesan.admin.shell.answers import wants_json
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.admin.shell.pages import Page, page
from tiesan.admin.waivers.granting import Preview, choices, covered_by, preview_of
from tiesan.admin.waivers.lines import SINGLE, STANDING, standing_lines, what_of, whom_of
from tiesan.admin.waivers.listing import Asked, listed
from tiesan.clock import today
from tiesan.courses.carrying import Attempt, carry_out, may_begin
from tiesan.courses.errors import Wrong
from tiesan.courses.trying import would_begin
from tiesan.courses.values import Done, Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.flags.waivers import Waiver
from tiesan.i18n import _, _l
from tiesan.records.policy import EVERYBODY
from tiesan.reviews.granting import Reach, reach_of
from tiesan.reviews.waiver_course import WAIVER_COURSE

_GRANT = "grant"
_MOST_PAGES = 1_000
_MOST_FLAGS = 20


class WaiverView(CoursePages, Page):
    """The waivers that the viewer may see, of one flag each and standing ones."""

    course = WAIVER_COURSE
    row_name = "waiver"
    roles = EVERYBODY
    place = "waivers"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Waivers"), endpoint="waiver", url="/waivers")

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the standing waivers that the viewer may see."""
        return readable_rows(Waiver)

    def heading(self, waiver: Waiver) -> str:
        """Return what a page about a standing waiver is headed by."""
        return f"{what_of(waiver)} · {whom_of(waiver)}"

    @property
    def may_grant(self) -> bool:
        """Whether the viewer has a role by which waivers are granted."""
        return may_begin(db.session(), self.course, self._granting, self._attempt({}))

    @property
    def _granting(self) -> Verb:
        return self.course.verb(_GRANT)

    @page("")
    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """List waivers, those first that end soonest."""
        asked = Asked.read(request.args)
        number = min(read_id(request.args.get("page", "0")) or 0, _MOST_PAGES)
        found = listed(asked, number, today())
        if wants_json():
            lines = [dict(line.plain) for line in found.lines]
            return jsonify({"waivers": lines, "further": found.further})
        return self.render(
            "waivers/list.html",
            asked=asked,
            choices=choices(asked.cadre),
            kinds={SINGLE: _("Of one flag"), STANDING: _("Standing")},
            states={each.name: str(each.word) for each in self.course.states},
            found=found,
            number=number,
        )

    @page("/<int:id>")
    def details_view(self, id: int) -> ResponseReturnValue:
        """Show a standing waiver: what it covers, since when, and what became of its end."""
        waiver = db.session.get(Waiver, id)
        standing = None if waiver is None else self._standings([id]).get(id)
        if waiver is None or standing is None or not standing.visible:
            abort(404)
        [line] = standing_lines([waiver])
        if wants_json():
            return jsonify(dict(line.plain))
        return self.render(
            "waivers/waiver.html",
            waiver=waiver,
            line=line,
            drawn=self.drawn(waiver),
            flags=gravest(installed(), _MOST_FLAGS, Flag.waiver_id == id),
        )

    @page("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Show the form, what it would cover, or grant the waiver."""
        attempt = self._attempt(request.form.to_dict())
        if request.method == "GET":
            if not self.may_grant:
                abort(403)
            return self._form(request.args.to_dict())
        try:
            reach = self._reach(attempt)
            if request.form.get("preview") == "1":
                return self._previewed(reach)
            begin_storing(db.session())
            done = carry_out(db.session(), self.course, _GRANT, None, attempt)
            found = (done, done.row.id)
            db.session.commit()
        except UserError as error:
            return self._answer_refused(error, _GRANT, None)
        return self._answer_granted(*found, reach)

    def _reach(self, attempt: Attempt) -> Reach:
        """What the waiver would do; it is stored nowhere."""
        session = db.session()
        with session.no_autoflush:
            waiver = would_begin(session, self.course, self._granting, attempt)
            return reach_of(session, waiver, attempt.day)

    def _previewed(self, reach: Reach) -> ResponseReturnValue:
        preview = preview_of(reach)
        db.session.rollback()
        if wants_json():
            return jsonify(
                {"waiver": None, "flags": preview.flags, "past_year": preview.past_year,
                 "organizations": preview.organizations, "cadres": preview.cadres}
            )  # fmt: skip
        return self._form(request.form.to_dict(), preview=preview)

    def _answer_granted(self, done: Done, waiver_id: int, reach: Reach) -> ResponseReturnValue:
        state, repeated = done.state, done.repeated
        if not repeated:
            evaluate_saved()
        number = covered_by(waiver_id)
        if wants_json():
            return jsonify(
                {"waiver": waiver_id, "flags": number, "past_year": reach.past_year,
                 "state": state}
            )  # fmt: skip
        flash(_("The waiver is granted. Flags that it covers now: %(num)d.", num=number), "success")
        return redirect(self.get_url(".details_view", id=waiver_id), code=303)

    def _form(
        self, values: dict[str, Any], *, preview: Preview | None = None, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        shown = self.render(
            "waivers/new.html",
            values=values,
            choices=choices(str(values.get("cadre", ""))),
            preview=preview,
            wrong=wrong,
            seen=None,
        )
        return shown, 200 if wrong is None else wrong.status

    def _answer_refused(
        self, error: UserError, verb: str, row_id: int | None
    ) -> ResponseReturnValue:
        """Answer as every course does, a form that lacks something with the form."""
        if isinstance(error, Wrong) and verb == _GRANT and not wants_json():
            db.session.rollback()
            return self._form(request.form.to_dict(), wrong=error)
        return super()._answer_refused(error, verb, row_id)
