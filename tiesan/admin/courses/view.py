"""CourseView: the pages of records that go through a course.

Whoever enters a record about themselves does it by a verb, whose dates are the system's; late
entries (补录) are for others' records and stay with the form of all fields.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import abort, flash, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, literal, or_

from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import (
    Drawn,
    badge,
    drawn,
    empty_case,
    verb_form,
    verbs_for_many,
)
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, Filter
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.records.view import RecordView
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.admin.shell.pages import page
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt, carry_out, look, may_begin, person_for
from tiesan.courses.errors import CourseError, NotThere, Refused, Wrong
from tiesan.courses.installed import courses_of
from tiesan.courses.many import Results, carry_out_many, named_all
from tiesan.courses.standing import Standing, read_standings, state_of
from tiesan.courses.values import NEW, Course, Done, Verb
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.policy import Verb as Doing

R = TypeVar("R", bound=Record)

STATE = "state"
# The course says who may do what here, row by row.
_OWN_PAGES = frozenset({"verb_view", "bulk_view"})


class StateFilter(ChoiceFilter):
    """One of the states of a course."""

    def __init__(self, course: Course) -> None:
        """Take the course."""
        expression = state_of(course)
        super().__init__(
            STATE,
            _l("State"),
            lambda: {each.name: str(each.word) for each in course.states},
            lambda name: expression == name,
        )

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """Narrow a query to the rows that are in the state today."""
        return super().apply(query, value, alias).params(day=today())


class CourseView(RecordView[R]):
    """The pages of a kind of record that its plugin has a course for."""

    list_template = "courses/list.html"
    details_template = "courses/details.html"
    verb_template = "courses/verb.html"
    refused_template = "courses/refused.html"
    results_template = "courses/results.html"

    def __init__(self, plugin: Plugin) -> None:
        """Take the plugin, which must have a course for the class."""
        self.course = next(each for each in courses_of(plugin) if each.of is self.record)
        super().__init__(plugin)

    # --- lists ------------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list, the state behind the first."""
        first, *others = super().make_columns()
        return [first, Column(STATE, _l("State"), self._badge, self._word), *others]

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters, that by state first."""
        yield StateFilter(self.course)
        yield from super().make_filters()

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups; a form of all fields is not for records about oneself."""
        lookups = super().make_lookups()
        own = lookups.get(self.own_reference or "")
        if own is not None:
            lookups[own.name] = Lookup(own.name, own.model, _of_others(own))
        return lookups

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """Return the rows of a page, having read at once how they stand."""
        count, rows = super().get_list(*arguments, **options)
        if options.get("execute", True):
            rows = list(rows)
            g.standings = self._standings([row.id for row in rows])
        return count, rows

    def _standings(self, ids: list[int]) -> Mapping[int, Standing]:
        account_id = current_viewer().account_id
        return read_standings(db.session(), self.course, ids, account_id, today())

    def _badge(self, row: Record) -> str:
        standing: Standing = g.standings[row.id]
        return badge(self.course, standing.state)

    def _word(self, row: Record) -> str:
        standing: Standing = g.standings[row.id]
        return str(self.course.state(standing.state).word)

    def token(self, row: Record) -> str:
        """Return a row of the list as a form names it, with what was seen of it."""
        standing: Standing = g.standings[row.id]
        return f"{row.id}:{standing.seen(self.course).token}"

    def verbs_for_many(self) -> list[Verb]:
        """Return the verbs that can be carried out on several rows of the page."""
        return verbs_for_many(self.course, g.standings.values())

    def verbs_for(self, row: Record) -> list[Verb]:
        """Return those of them that fit one row."""
        return verbs_for_many(self.course, [g.standings[row.id]])

    # --- who may do what --------------------------------------------------------------------------

    def condition(self) -> ColumnElement[bool]:
        """Return the rows that the viewer may read, or may see in the course."""
        who, day = literal(current_viewer().account_id), literal(today())
        return or_(super().condition(), self.course.visible(self.record, who, day))

    def may(self, verb: Doing, row: Record) -> bool:
        """Whether the viewer may do this; nobody corrects a record about themselves."""
        own = getattr(row, f"{self.own_reference}_id") == (current_viewer().cadre_id or 0)
        return not (own and verb is Doing.EDIT) and super().may(verb, row)

    def _handle_view(self, name: str, **options: Any) -> Any:
        return None if name in _OWN_PAGES else super()._handle_view(name, **options)

    @property
    def verbs_that_begin(self) -> list[Verb]:
        """The verbs by which the viewer may make a row of their own."""
        attempt = self._attempt({})
        return [
            verb
            for verb in self.course.verbs
            if verb.from_ is NEW and may_begin(db.session(), self.course, verb, attempt)
        ]

    @property
    def may_create(self) -> bool:
        """Whether the viewer may enter rows about others."""
        return super().may_create and not self.enters_own_only

    # --- pages ------------------------------------------------------------------------------------

    def drawn(self, row: Record) -> Drawn:
        """Return what the page of a row shows of its course."""
        return drawn(self.course, self._standings([row.id])[row.id])

    @staticmethod
    def new_once() -> str:
        """Return what tells a form from every other one, so that sent twice it acts once."""
        return secrets.token_hex(8)

    @page("/new/<verb>", methods=("GET", "POST"))
    def begin_view(self, verb: str) -> ResponseReturnValue:
        """Show the form of a verb that makes a row; carry it out."""
        return self._verb(verb, None)

    @page("/<int:row_id>/<verb>", methods=("GET", "POST"))
    def verb_view(self, row_id: int, verb: str) -> ResponseReturnValue:
        """Show the form of a verb on a row; carry it out."""
        return self._verb(verb, row_id)

    @page("/bulk/<verb>", methods=("POST",))
    def bulk_view(self, verb: str) -> ResponseReturnValue:
        """Carry a verb out on many rows and say what became of each."""
        named = named_all(request.form.getlist("ids"))
        attempt = self._attempt(request.form.to_dict())
        try:
            results = carry_out_many(db.session(), self.course, verb, named, attempt)
        except UserError as error:
            return self._answer_refused(error, verb, None)
        if results.done:
            evaluate_saved()
        return self._answer_many(verb, results)

    def _verb(self, verb: str, row_id: int | None) -> ResponseReturnValue:
        attempt = self._attempt(request.form.to_dict())
        try:
            if request.method == "GET":
                return self._show_form(self._known(verb, row_id), row_id, attempt)
            done = carry_out(db.session(), self.course, verb, row_id, attempt)
            found = (done, done.row.id)
            db.session.commit()
        except UserError as error:
            return self._answer_refused(error, verb, row_id)
        return self._answer_done(*found)

    def _attempt(self, form: Mapping[str, Any]) -> Attempt:
        return Attempt(current_viewer().actor, today(), now, form)

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
        case = empty_case(self.course, verb, standing, attempt)
        if standing is not None:
            person_for(case, standing)
        elif not may_begin(session, self.course, verb, attempt):
            abort(403)
        form = verb_form(verb, case)
        if wrong is not None and wrong.field in form:
            form[wrong.field].errors = [wrong.sentence]
        shown = self.render(
            self.verb_template,
            verb=verb,
            form=form,
            row=None if standing is None else standing.row,
            seen=None if standing is None else standing.seen(self.course),
            remark=None if verb.remark is None else verb.remark(case),
            wrong=wrong,
        )
        return shown, 200 if wrong is None else wrong.status

    # --- answers ----------------------------------------------------------------------------------

    def _answer_done(self, done: Done, row_id: int) -> ResponseReturnValue:
        word, state = str(done.verb.done), done.state
        if not done.repeated:
            evaluate_saved()
        if wants_json():
            return jsonify({self.kind.name: row_id, "state": state})
        flash(_("Done: %(what)s.", what=word), "success")
        return redirect(self.get_url(".details_view", id=row_id), code=303)

    def _answer_many(self, verb: str, results: Results) -> ResponseReturnValue:
        if wants_json():
            return jsonify(
                {
                    "done": [
                        {self.kind.name: row_id, "state": state} for row_id, state in results.done
                    ],
                    "refused": [
                        {self.kind.name: row_id, "error": " ".join(error.lines)}
                        for row_id, error in results.refused
                    ],
                }
            )
        ids = [row_id for row_id, _ in (*results.done, *results.refused)]
        rows = db.session.query(self.record).filter(self.record.id.in_(ids), self.condition())
        return self.render(
            self.results_template,
            verb=self.course.verb(verb),
            results=results,
            rows={row.id: row for row in rows},
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
        back = self.get_url(".index_view")
        if row_id is not None:
            back = self.get_url(".details_view", id=row_id)
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


def _of_others(lookup: Lookup) -> Callable[[], ColumnElement[bool]]:
    """The rows of a look-up but for the cadre who asks."""

    def others() -> ColumnElement[bool]:
        return lookup.allowed() & (Cadre.id != (current_viewer().cadre_id or 0))

    return others
