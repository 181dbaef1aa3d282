"""Corrections asked for: one's own, and those that wait for the viewer; asking, and deciding."""

from collections.abc import Mapping
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from tiesan.access.criterion import readable_rows
from tiesan.access.viewer import current_viewer
from tiesan.admin.corrections.asking import (
    BEFORE,
    asking_form,
    granting_form,
    now_said,
    plain_wishes,
    problems_of,
    typed_values,
    wishes_in_words,
)
from tiesan.admin.corrections.following import class_of, lines_of
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.courses.watching import watched_over
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.lists.lookups import read_id
from tiesan.admin.records.attachments import sent_form
from tiesan.admin.records.with_files import files_to_send_again
from tiesan.admin.shell.answers import wants_json
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import today
from tiesan.courses.carrying import Attempt, carry_out, look, person_for
from tiesan.courses.errors import Wrong
from tiesan.courses.given import FILES
from tiesan.courses.queue import queue
from tiesan.courses.values import Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.records.base import Record
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.kinds import record_kind
from tiesan.records.policy import EVERYBODY
from tiesan.reviews.correcting import is_about, record_named, record_of
from tiesan.reviews.correction_course import CORRECTION_COURSE, KIND, RECORD, VALUES, VOIDS, WISHED
from tiesan.words.rows import endpoint_of
from tiesan.words.values import name_of

_REQUEST, _GRANT = "request", "grant"
_MOST = 50


class CorrectionView(CoursePages, Page):
    """The requests for corrections that the viewer may see."""

    course = CORRECTION_COURSE
    row_name = CORRECTION
    roles = EVERYBODY
    place = "corrections"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Corrections asked for"), endpoint=CORRECTION, url="/corrections")

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the requests that the viewer may see."""
        return readable_rows(CorrectionRequest)

    def heading(self, asked: CorrectionRequest) -> str:
        """Return what a page about a request is headed by: the record."""
        record = record_of(asked)
        return str(asked) if record is None else _named(record)

    def watched(self, attempt: Attempt, name: str, row_id: int | None) -> Attempt:
        """Return an attempt whose edit is refused where it clears a flag of the viewer's own."""
        return watched_over(attempt) if name == _GRANT else attempt

    def to_do(self) -> int:
        """Return how many requests wait for the viewer."""
        return len(self._waiting())

    def _waiting(self) -> list[int]:
        account_id = current_viewer().account_id
        if account_id is None:
            return []
        found = queue(db.session(), self.course, account_id, today(), _MOST)
        return [each.id for each in found]

    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """List what waits for the viewer, and what they have asked for themself."""
        waiting = self._waiting()
        to_decide = lines_of([CorrectionRequest.id.in_(waiting)], most=_MOST) if waiting else []
        own = CorrectionRequest.account_id == (current_viewer().account_id or 0)
        others = [~own, CorrectionRequest.id.not_in(waiting)]
        return self.render(
            "corrections/list.html",
            to_decide=to_decide,
            mine=lines_of([own], most=_MOST),
            others=lines_of(list(others), most=_MOST),
            heading_of=self.heading,
        )

    @page("/<int:id>")
    def details_view(self, id: int) -> ResponseReturnValue:
        """Show a request: the record, what it should say, and what became of it."""
        standing = self._standings([id]).get(id)
        if standing is None or not standing.visible:
            abort(404)
        record = record_of(standing.row)
        url = None
        if record is not None:
            url = self.get_url(f"{endpoint_of(type(record))}.details_view", id=record.id)
        return self.render(
            "corrections/request.html",
            asked=standing.row,
            wishes=wishes_in_words(standing.row, class_of(standing.row)),
            record_url=url,
            drawn=self.drawn(standing.row),
        )

    # --- asking -----------------------------------------------------------------------------------

    @page("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Show the form, filled with what the record says; store what should be otherwise."""
        record = self._record_or_404()
        if not is_about(record, current_viewer().cadre_id) or current_viewer().left:
            abort(403)
        form = asking_form(record)
        sent = sent_form() if request.method == "POST" else {}
        if not form.validate_on_submit():
            return self._ask(record, form)
        given = {**sent, KIND: record_kind(type(record)).name, RECORD: str(record.id)}
        given |= {VOIDS: form.voids.data, WISHED: plain_wishes(form), "text": form.text.data or ""}
        try:
            begin_storing(db.session())
            done = carry_out(db.session(), self.course, _REQUEST, None, self._attempt(given))
            found = (done, done.row.id)
            db.session.commit()
        except Wrong as error:
            db.session.rollback()
            return self._ask(record, form, error)
        except UserError as error:
            return self._answer_refused(error, _REQUEST, None)
        return self._answer_done(*found)

    def _record_or_404(self) -> Record:
        kind, _colon, number = request.args.get("about", "").partition(":")
        row_id = read_id(number)
        found = None if row_id is None else record_named(db.session(), kind, row_id)
        return found or abort(404)

    def _ask(
        self, record: Record, form: RecordForm, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        """Show the form of a request; nothing that was changed is the one thing a form can lack."""
        status = 200 if not form.errors else Wrong.status
        said = None
        if wrong is not None:
            status = wrong.status
            where = {WISHED: None, FILES: FILES}.get(wrong.field, wrong.field)
            said = wrong.sentence
            if wrong.field == WISHED:
                said = _("Change what should read otherwise, or tick that it should not be there.")
            elif where is not None and where in form:
                form[where].errors = [*form[where].errors, wrong.beside]
        shown = self.render(
            "corrections/new.html",
            form=form,
            record=record,
            heading=_named(record),
            back=self.get_url(f"{endpoint_of(type(record))}.details_view", id=record.id),
            said=said,
            fields=[each for each in form if each.short_name.startswith(BEFORE)],
            sent_files=files_to_send_again(form),
        )
        return shown, status

    # --- deciding ---------------------------------------------------------------------------------

    def _attempt(self, form: Mapping[str, Any]) -> Attempt:
        """Return an attempt; the values of an edit are those that its form sends."""
        asked = self._asked()
        if asked is not None and any(name.startswith(BEFORE) for name in request.form):
            record = record_of(asked)
            edit = None if record is None else granting_form(asked, record)
            if edit is not None:
                edit.validate()
                form = {**form, VALUES: {**typed_values(edit), **problems_of(edit)}}
        return super()._attempt(form)

    def _asked(self) -> CorrectionRequest | None:
        """The request whose grant this request of a browser is about, if it is about one."""
        named = request.view_args or {}
        if named.get("verb") != _GRANT or "row_id" not in named:
            return None
        return db.session.get(CorrectionRequest, named["row_id"])

    def _show_form(
        self, verb: Verb, row_id: int | None, attempt: Attempt, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        """Show the form of a verb; that of a grant is the edit, filled in with what is wished."""
        if verb.name != _GRANT or row_id is None or wants_json():
            return super()._show_form(verb, row_id, attempt, wrong)
        session = db.session()
        standing = look(session, self.course, row_id, attempt.actor, attempt.day)
        person_for(self._case(verb, standing, attempt), standing)
        record = record_of(standing.row) or abort(404)
        form = granting_form(standing.row, record)
        if wrong is not None and BEFORE + wrong.field in form:
            form[BEFORE + wrong.field].errors = [wrong.beside]
        shown = self.render(
            "corrections/grant.html",
            form=form,
            asked=standing.row,
            record=record,
            heading=_named(record),
            seen=standing.seen(self.course),
            wrong=wrong,
            now_said=now_said,
            fields=[each for each in form if each.short_name.startswith(BEFORE)],
        )
        return shown, 200 if wrong is None else wrong.status

    def way_on(self, row_id: int) -> str:
        """Return where somebody goes who has carried a verb out: to the request."""
        return self.get_url(".details_view", id=row_id)


def _named(record: Record) -> str:
    return f"{record_kind(type(record)).title} {name_of(record)}"
