"""CoursePages: the pages of verbs, for every view whose rows go through a course."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.exporting import results_export
from tiesan.admin.courses.offers import Drawn, drawn, empty_case, takes_files, verb_form
from tiesan.admin.forms.scripted import note_repeated
from tiesan.admin.forms.sending import new_once
from tiesan.admin.records.attachments import files_of_form, sent_form
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.admin.shell.pages import page
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt, carry_out, look, may_begin, person_for
from tiesan.courses.errors import CourseError, NotThere, Refused, Wrong
from tiesan.courses.many import Named, Results, carry_out_many, named_all
from tiesan.courses.reminding import tell_if_nobody
from tiesan.courses.standing import Standing, read_standings
from tiesan.courses.standing import row_id as id_of
from tiesan.courses.values import NEW, Case, Course, Done, Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _

# The page of what waits for the viewer, from which verbs may come.
QUEUE = "requests.queue_view"


def came_from_queue() -> bool:
    """Whether the form of this request stood in the queue of requests."""
    return request.form.get("from") == "queue"


class DrawsVerbs:
    """What the templates of verbs ask of the view of a page.

    ``verb_page`` is the endpoint of the verbs' own pages.
    """

    course: Course
    verb_page = ".verb_view"

    @staticmethod
    def new_once() -> str:
        """Return what tells a form from every other one, so that sent twice it acts once."""
        return new_once()


class CoursePages(DrawsVerbs):
    """Carries verbs out and answers, as a page or as JSON.

    ``course`` says how rows go; ``row_name`` is what JSON calls a row. The view gives the condition
    of the rows that the viewer may see, and has a page at ``.details_view`` and a list.
    """

    verb_template = "courses/verb.html"
    asking_template = "requests/asking.html"
    refused_template = "courses/refused.html"
    results_template = "courses/results.html"

    row_name: str
    get_url: Callable[..., str]
    render: Callable[..., str]
    # Of the view: the condition of the rows that the viewer may see.
    condition: Any
    heading: Callable[[Any], str]

    def watched(self, attempt: Attempt, name: str, row_id: int | None) -> Attempt:
        """Return an attempt as it is to be watched over for what it brings the viewer."""
        return attempt

    def _standings(self, ids: list[int]) -> Mapping[int, Standing]:
        account_id = current_viewer().account_id
        return read_standings(db.session(), self.course, ids, account_id, today())

    def drawn(self, row: Any) -> Drawn:
        """Return what the page of a row shows of its course."""
        return drawn(self.course, self._standings([row.id])[row.id])

    @page("/<int:row_id>/<verb>", methods=("GET", "POST"))
    def verb_view(self, row_id: int, verb: str) -> ResponseReturnValue:
        """Show the form of a verb on a row; carry it out."""
        return self._verb(verb, row_id)

    @page("/bulk/<verb>", methods=("POST",))
    def bulk_view(self, verb: str) -> ResponseReturnValue:
        """Carry a verb out on many rows and say what became of each."""
        form = request.form.to_dict() | dict.fromkeys(request.files, True)
        attempt = self._attempt(form)
        try:
            named = self.named(request.form)
            watched = self.watched(attempt, verb, named[0].id if named else None)
            results = carry_out_many(db.session(), self.course, verb, named, watched)
        except UserError as error:
            return self._answer_refused(error, verb, None)
        if results.done:
            evaluate_saved()
        return self._answer_many(verb, results)

    def named(self, form: MultiDict[str, str]) -> list[Named]:
        """Return the rows that a form names, as they were seen."""
        return named_all(form.getlist("ids"))

    def way_back(self, row_id: int | None) -> str:
        """Return where somebody goes from a refusal, or from what became of many rows."""
        if came_from_queue():
            return url_for(QUEUE)
        if row_id is None:
            return self.get_url(".index_view")
        return self.get_url(".details_view", id=row_id)

    def _verb(self, verb: str, row_id: int | None) -> ResponseReturnValue:
        takes = any(each.name == verb and takes_files(each) for each in self.course.verbs)
        attempt = self._attempt(sent_form() if takes else request.form.to_dict())
        try:
            if request.method == "GET":
                return self._show_form(self._known(verb, row_id), row_id, attempt)
            begin_storing(db.session())
            watched = self.watched(attempt, verb, row_id)
            done = carry_out(db.session(), self.course, verb, row_id, watched)
            found = (done, done.row.id)
            db.session.commit()
        except UserError as error:
            return self._answer_refused(error, verb, row_id)
        return self._answer_done(*found)

    def _attempt(self, form: Mapping[str, Any]) -> Attempt:
        return Attempt(current_viewer().actor, today(), now, form, listeners=(tell_if_nobody,))

    def _case(self, verb: Verb, standing: Standing | None, attempt: Attempt) -> Case:
        """The case of a verb for its form."""
        return empty_case(self.course, verb, standing, attempt)

    def _known(self, verb: str, row_id: int | None) -> Verb:
        found = next((each for each in self.course.verbs if each.name == verb), None)
        if found is None or (found.from_ is NEW) != (row_id is None):
            raise NotThere
        return found

    def _show_form(
        self, verb: Verb, row_id: int | None, attempt: Attempt, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        """Show the form of a verb, with what is wrong beside its input; raises what refuses it."""
        session = db.session()
        standing = None
        if row_id is not None:
            standing = look(session, self.course, row_id, attempt.actor, attempt.day)
        case = self._case(verb, standing, attempt)
        if standing is not None:
            person_for(case, standing)
        elif not may_begin(session, self.course, verb, attempt):
            abort(403)
        form = verb_form(verb, case)
        if wrong is not None and wrong.field in form:
            form[wrong.field].errors = [wrong.beside]
        asks = self.course.is_request and verb.from_ is NEW
        shown = self.render(
            self.asking_template if asks else self.verb_template,
            today_is=attempt.day.isoformat(),
            tomorrow_is=(attempt.day + timedelta(days=1)).isoformat(),
            verb=verb,
            form=form,
            row=None if standing is None else standing.row,
            seen=None if standing is None else standing.seen(self.course),
            remark=None if verb.remark is None else verb.remark(case),
            wrong=wrong,
            sent_files=files_of_form() if takes_files(verb) else [],
        )
        return shown, 200 if wrong is None else wrong.status

    # --- answers ----------------------------------------------------------------------------------

    def _answer_done(self, done: Done, row_id: int) -> ResponseReturnValue:
        word, state = str(done.verb.done), done.state
        if done.repeated:
            note_repeated(another=False)
        else:
            evaluate_saved()
        if wants_json():
            return jsonify({self.row_name: row_id, "state": state})
        flash(_("Done: %(what)s.", what=word), "success")
        return redirect(self.way_on(row_id), code=303)

    def way_on(self, row_id: int) -> str:
        """Return where somebody goes who has carried a verb out: where they came from.

        Who decided in the queue has the next one there; so has a deputy, who sees no more of what
        is decided.
        """
        if request.form.get("from") == "own":
            return url_for("requests.index_view")
        standing = self._standings([row_id]).get(row_id)
        if came_from_queue() or standing is None or not standing.visible:
            return url_for(QUEUE)
        return self.get_url(".details_view", id=row_id)

    def _answer_many(self, verb: str, results: Results) -> ResponseReturnValue:
        if wants_json():
            return jsonify(
                {
                    "done": [
                        {self.row_name: row_id, "state": state} for row_id, state in results.done
                    ],
                    "refused": [
                        {self.row_name: row_id, "error": " ".join(error.lines)}
                        for row_id, error in results.refused
                    ],
                }
            )
        ids = [row_id for row_id, _ in (*results.done, *results.refused)]
        of_course: Any = db.session.query(self.course.of)
        found = of_course.filter(id_of(self.course).in_(ids), self.condition())
        rows = {row.id: row for row in found}
        names = {row_id: self.heading(row) for row_id, row in rows.items()}
        return self.render(
            self.results_template,
            verb=self.course.verb(verb),
            results=results,
            rows=rows,
            back=self.way_back(None),
            export=results_export(self.course, verb, results, names),
        )

    def _answer_refused(
        self, error: UserError, verb: str, row_id: int | None
    ) -> ResponseReturnValue:
        """Answer a verb that was not carried out, having undone everything."""
        db.session.rollback()
        status = error.status if isinstance(error, CourseError) else Refused.status
        if wants_json():
            return json_error(" ".join(error.lines), status, **_further(error))
        if isinstance(error, NotThere):
            abort(404)
        if isinstance(error, Wrong) and not request.endpoint.endswith(".bulk_view"):  # type: ignore[union-attr] # it is set
            return self._answer_wrong(error, verb, row_id)
        back = self.way_back(row_id)
        clause = error.clause if isinstance(error, Refused) else ""
        shown = self.render(self.refused_template, error=error, clause=clause, back=back)
        return shown, status

    def _answer_wrong(self, wrong: Wrong, verb: str, row_id: int | None) -> ResponseReturnValue:
        attempt = self._attempt(request.form.to_dict())
        try:
            return self._show_form(self._known(verb, row_id), row_id, attempt, wrong)
        except UserError as error:
            return self._answer_refused(error, verb, row_id)


def _further(error: UserError) -> dict[str, str]:
    """What JSON says of a refusal besides the sentence."""
    match error:
        case Wrong(field=field):
            return {"field": field}
        case Refused(clause=clause) if clause:
            return {"clause": clause}
    return {}
