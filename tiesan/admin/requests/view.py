"""The pages of requests: one's own, the queue of who decides, many at once, reminders."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tiesan.access.deputies import may_name
from tiesan.access.viewer import current_viewer
from tiesan.admin.requests.deputies import DeputyPages
from tiesan.admin.requests.lines import COUNTED, Card, cards, decides, waiting
from tiesan.admin.requests.own_lines import askings, own_lines
from tiesan.admin.requests.places import course_named, view_of
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt
from tiesan.courses.errors import CourseError, NotThere
from tiesan.courses.given import fields
from tiesan.courses.many import MOST, Results, carry_out_many, named_all
from tiesan.courses.reminding import remind
from tiesan.courses.values import Counting, Course, Input, Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.records.policy import EVERYBODY

_ON_PAGE = 20
_FINISHED = 10
_MOST_OPEN = 50
_REFUSED = 409


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the chosen rows of one course."""

    course: Course
    results: Results


class RequestsView(DeputyPages, Page):
    """What the viewer has asked for, and what waits for them."""

    roles = EVERYBODY
    place = "request"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Requests"), endpoint="requests", url="/requests")

    def is_accessible(self) -> bool:
        """Whoever is signed in: also a deputy who has no role decides what waits for them."""
        return not current_viewer().is_stranger

    def entries(self) -> Iterator[Entry]:
        """Yield one's own requests, and for whoever decides the queue with how much waits."""
        viewer = current_viewer()
        if viewer.is_stranger:
            return
        if viewer.cadre_id is not None:
            yield Entry("request", _l("My requests"), "requests.index_view", alone=True)
        if decides(viewer):
            yield Entry(
                "decide",
                _l("Requests that wait for me"),
                "requests.queue_view",
                lambda: len(waiting(viewer, COUNTED)),
                alone=True,
            )

    @staticmethod
    def new_once() -> str:
        """Return what tells a form from every other one, so that sent twice it acts once."""
        return secrets.token_hex(8)

    @page("/")
    def index_view(self) -> str:
        """Show what the viewer has asked for, what is open first, and what they may ask for."""
        viewer = current_viewer()
        return str(
            self.render(
                "requests/own.html",
                askings=askings(),
                opened=own_lines(viewer, is_open=True, most=_MOST_OPEN),
                finished=own_lines(viewer, is_open=False, most=_FINISHED),
                waits=len(waiting(viewer, 1)),
                names_deputies=may_name(viewer),
            )
        )

    @page("/queue")
    def queue_view(self) -> ResponseReturnValue:
        """Show what waits for the viewer, what is for today or tomorrow first, then the oldest."""
        viewer = current_viewer()
        found = waiting(viewer, _ON_PAGE + 1)
        shown = cards(found[:_ON_PAGE])
        if wants_json():
            lines = [{"course": each.request.course.name, "row": each.request.id,
                      "why": each.request.why.why} for each in shown]  # fmt: skip
            return jsonify({"requests": lines, "further": len(found) > _ON_PAGE})
        return str(
            self.render(
                "requests/queue.html",
                cards=shown,
                further=len(found) > _ON_PAGE,
                for_many=_verbs_for_many(shown),
                names_deputies=may_name(viewer),
            )
        )

    @page("/queue/<verb>", methods=("POST",))
    def many_view(self, verb: str) -> ResponseReturnValue:
        """Carry a verb out on many requests of any course and say what became of each."""
        try:
            outcomes = list(self._outcomes(verb, request.form.getlist("ids")))
        except NotThere:
            abort(404)
        except UserError as error:
            return self._refused(error)
        if any(each.results.done for each in outcomes):
            evaluate_saved()
        if wants_json():
            return jsonify(_plain(outcomes))
        found = _headings(outcomes)
        return str(self.render("requests/results.html", outcomes=outcomes, headings=found))

    def _outcomes(self, verb: str, tokens: Sequence[str]) -> Any:
        """Yield the outcome for each course of which rows are named."""
        if len(tokens) > MOST:
            raise UserError(_("At most %(most)d at once.", most=MOST))
        if not tokens:
            raise UserError(_("Choose at least one request."))
        by_course: dict[str, list[str]] = {}
        for token in tokens:
            name, _colon, named_row = str(token).partition(":")
            by_course.setdefault(name, []).append(named_row)
        for name, rows in by_course.items():
            course = course_named(name) or _not_there()
            named = named_all(rows)
            attempt = self._attempt(request.form.to_dict())
            watched = view_of(course).watched(attempt, verb, named[0].id if named else None)
            yield Outcome(course, carry_out_many(db.session(), course, verb, named, watched))

    @page("/<course>/<int:row_id>/remind", methods=("POST",))
    def remind_view(self, course: str, row_id: int) -> ResponseReturnValue:
        """Remind those who can decide a request of the viewer's."""
        found = course_named(course) or abort(404)
        begin_storing(db.session())
        try:
            told = remind(
                db.session(), found, row_id, current_viewer().actor, day=today(), at=now()
            )
            db.session.commit()
        except NotThere:
            db.session.rollback()
            abort(404)
        except UserError as error:
            db.session.rollback()
            return self._refused(error)
        if wants_json():
            return jsonify({"reminded": len(told)})
        flash(_("They were reminded; they see it on their first page."), "success")
        return redirect(url_for(".index_view"), code=303)

    @page("/count/<course>", methods=("POST",))
    def count_view(self, course: str) -> ResponseReturnValue:
        """Say what is counted of what is being typed; stores nothing."""
        viewer = current_viewer()
        found = course_named(course) or abort(404)
        if viewer.cadre_id is None or found.counted is None:
            abort(404)
        values = _typed(found)
        counting = Counting(db.session(), values, viewer.cadre_id, today())
        return jsonify({"lines": found.counted(counting)})

    def _attempt(self, form: dict[str, Any]) -> Attempt:
        return Attempt(current_viewer().actor, today(), now, form)

    def _refused(self, error: UserError) -> ResponseReturnValue:
        status = error.status if isinstance(error, CourseError) else _REFUSED
        if wants_json():
            return json_error(" ".join(error.lines), status)
        back = request.referrer or url_for(".queue_view")
        shown = self.render("requests/refused.html", error=error, back=back)
        return shown, status


def _not_there() -> Course:
    raise NotThere


def _typed(course: Course) -> dict[str, Any]:
    """What is typed, field by field; what cannot be read yet is left out."""
    names = [each.name for each in course.asking.given if each.input is Input.FIELD]
    values: dict[str, Any] = {}
    case: Any = None
    for given in fields(course.of, *names):
        try:
            text = request.form.get(given.name, "").strip()
            values[given.name] = given.reads(text, case) if text else None
        except UserError:
            values[given.name] = None
    return values


def _verbs_for_many(shown: Sequence[Card]) -> list[Verb]:
    """The verbs that can be carried out on several of these cards, the first of each name."""
    found: dict[str, Verb] = {}
    for card in shown:
        for button in card.buttons:
            verb = card.request.course.verb(button.offer.name)
            if all(each.input in {Input.TEXT, Input.FILES} for each in verb.given):
                found.setdefault(verb.name, verb)
    return list(found.values())


def _plain(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "done": [
            {"course": each.course.name, "row": row_id, "state": state}
            for each in outcomes
            for row_id, state in each.results.done
        ],
        "refused": [
            {"course": each.course.name, "row": row_id, "error": " ".join(error.lines)}
            for each in outcomes
            for row_id, error in each.results.refused
        ],
    }


def _headings(outcomes: Sequence[Outcome]) -> dict[tuple[str, int], str]:
    """What the rows of outcomes are called, as far as the viewer may see them still."""
    found = {}
    for each in outcomes:
        ids = [row_id for row_id, _rest in (*each.results.done, *each.results.refused)]
        model: Any = each.course.of
        for row in db.session.query(model).filter(model.id.in_(ids)):
            heading = each.course.brief(row)[0] if each.course.brief else str(row)
            whom = str(getattr(row, "cadre", None) or "")
            found[each.course.name, row.id] = f"{whom} {heading}".strip()
    return found
