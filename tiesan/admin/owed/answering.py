"""Which form or verb answers what is owed, and whether the viewer may use it.

The plugins say by what their records are answered (``tiesan.records.answers``), the rule says what
the record has to hold. Who may do it is asked where it is settled: of the form and of the verb.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select

from tiesan.access.installation import installed
from tiesan.access.viewer import Viewer
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.forms.sending import new_once
from tiesan.admin.grids.view import GridPages
from tiesan.admin.records.view import OWN_FORM, RecordView
from tiesan.admin.shell.navigation import switched_off
from tiesan.columns import CODE
from tiesan.courses.carrying import ONCE, held_back, verbs_open_to
from tiesan.courses.installed import running_courses
from tiesan.courses.standing import Standing, read_standings
from tiesan.courses.values import Case, Course, Verb
from tiesan.extensions import db
from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.duties import answer_in
from tiesan.i18n import _
from tiesan.money import format_amount
from tiesan.records.answers import SUBJECT, TODAY, Answer, Filled
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind
from tiesan.records.policy import Verb as Act
from tiesan.rules import Deadline, Owed, Rule
from tiesan.words.values import YES_NO


@dataclass(frozen=True, slots=True)
class Button:
    """The button of a line: its word, and where it leads; ``posts`` is a verb done by one tap.

    ``hidden`` are the names and values that the posted form carries besides the token.
    """

    word: str
    url: str
    posts: bool = False
    hidden: tuple[tuple[str, str], ...] = ()


def answer_of(rule: Rule) -> Answer | None:
    """Return how what a rule asks for is done; None where no plugin says so."""
    return answer_in(installed(), rule)


class Answering:
    """Says of things that are owed how the viewer does them; what it asks, it asks of all at once.

    ``day`` is the running one.
    """

    def __init__(self, viewer: Viewer, day: date, owed: Iterable[Owed]) -> None:
        """Take what is owed, of which every rule has an answer."""
        self._viewer, self._day = viewer, day
        self._rows = _rows_behind(owed)

    def row(self, owed: Owed) -> Record | None:
        """The record by which a deadline runs, if there is one that the viewer may read."""
        return self._rows.get((_anchor(owed), owed.record))

    def verb(self, owed: Owed) -> Verb | None:
        """The verb that answers, if one does."""
        answer, course = _said(owed.rule), self._course(owed)
        if answer.verb is None or course is None:
            return None
        return next((each for each in course.verbs if each.name == answer.verb), None)

    def button(self, owed: Owed, *, own: bool) -> tuple[Button | None, str]:
        """Return the button that does it, and what is to be known where there is none.

        ``own`` says that the viewer owes it, or chairs the organization that does.
        """
        answer = _said(owed.rule)
        view = self._views.get(answer.kind)
        if view is None or not view.is_accessible():
            return None, _by_supervisor()
        if answer.field is None:
            return self._form(owed, answer, view, own=own)
        row = self.row(owed)
        if row is None:
            return None, _by_supervisor()
        verb = self.verb(owed)
        if verb is not None and isinstance(view, CoursePages):
            button, said = self._carried_out(view, verb, row)
            # Where nobody carries the verb out, as in a place without a chair, who answers for it
            # enters what the verb would set.
            if button is not None or own or not view.may(Act.EDIT, row):
                return button, said
        if own or not view.may(Act.EDIT, row):
            return None, _by_supervisor()
        word = _("Enter: %(kind)s", kind=str(fact_kind(type(row)).by_name[answer.field].label))
        return Button(word, url_for(f"{view.endpoint}.edit_view", id=row.id)), ""

    def _form(
        self, owed: Owed, answer: Answer, view: RecordView[Any], *, own: bool
    ) -> tuple[Button | None, str]:
        address: dict[str, Any] = dict(filled(owed, answer, view.fields, self._day))
        address[OWN_FORM] = int(own)
        if own and isinstance(view, GridPages) and not view.grid.has_head and view.fills:
            # Who keeps what the rows are about fills in a grid of them, and no single form.
            url = url_for(f"{view.endpoint}.grid_view", organization=owed.subject, **address)
            return Button(view.filling_words, url), ""
        if view.enters_own if own else view.enters_for_others:
            url = url_for(f"{view.endpoint}.create_view", **address)
            return Button(view.entering_words, url), ""
        return None, _by_supervisor()

    def _carried_out(self, view: CoursePages, verb: Verb, row: Record) -> tuple[Button | None, str]:
        course, session = view.course, db.session()
        standing = self._standings(course)[row.id]
        asked = session, course, standing, self._viewer.actor, self._day
        case = next((case for each, case in verbs_open_to(*asked) if each is verb), None)
        if case is not None:
            return _verb_button(view, verb, case, standing), ""
        for each, refused in held_back(*asked):
            if each is verb:
                return None, str(refused)
        return None, _("Done by: %(who)s") % {"who": _persons(verb)}

    def _standings(self, course: Course) -> Mapping[int, Standing]:
        """How the rows of a course stand, read for all of them when the first is asked for."""
        if course.name not in self._known:
            ids = [row.id for row in self._rows.values() if isinstance(row, course.of)]
            session, account_id = db.session(), self._viewer.account_id
            self._known[course.name] = read_standings(session, course, ids, account_id, self._day)
        return self._known[course.name]

    @cached_property
    def _known(self) -> dict[str, Mapping[int, Standing]]:
        return {}

    @cached_property
    def _views(self) -> Mapping[str, RecordView[Any]]:
        """The pages by kind, but for those of plugins that are switched off."""
        views: list[RecordView[Any]] = current_app.extensions["record_views"]
        off = switched_off()
        return {each.kind.name: each for each in views if each.plugin.name not in off}

    @staticmethod
    def _course(owed: Owed) -> Course | None:
        model = installed().records.get(_said(owed.rule).kind)
        return None if model is None else running_courses().of(model)


def _said(rule: Rule) -> Answer:
    answer = answer_of(rule)
    if answer is None:
        message = f"nothing answers {rule.id}"
        raise LookupError(message)
    return answer


def _by_supervisor() -> str:
    return _("Entered by your supervisor")


def _persons(verb: Verb) -> str:
    return _(", ").join(str(who.word) for who in verb.who)


# --- the records by which deadlines run -----------------------------------------------------------


def _anchor(owed: Owed) -> str:
    form = owed.rule.form
    return form.anchor.kind if isinstance(form, Deadline) else ""


def _rows_behind(owed: Iterable[Owed]) -> dict[tuple[str, str | None], Record]:
    """The records by which deadlines run, by kind and code; only those that the viewer may read."""
    codes: dict[str, set[str]] = {}
    for each in owed:
        if each.record is not None:
            codes.setdefault(_anchor(each), set()).add(each.record)
    found: dict[tuple[str, str | None], Record] = {}
    for kind, wanted in codes.items():
        model: Any = installed().records.get(kind)
        if model is not None:
            rows = db.session.scalars(select(model).where(getattr(model, CODE).in_(sorted(wanted))))
            found |= {(kind, row.code): row for row in rows}
    return found


# --- what a button carries ------------------------------------------------------------------------


def _verb_button(view: CoursePages, verb: Verb, case: Case, standing: Standing) -> Button:
    """One tap where nothing has to be given, else the form of the verb."""
    address = f"record_{record_kind(view.course.of).name}.verb_view"
    url = url_for(address, row_id=standing.row.id, verb=verb.name)
    if any(each.is_required(case) for each in verb.given):
        return Button(str(verb.word), url)
    seen = standing.seen(view.course)
    hidden = (
        (ONCE, new_once()),
        ("seen_state", seen.state),
        (view.course.seen_version, seen.version),
        ("seen_events", str(seen.events)),
    )
    return Button(str(verb.word), url, posts=True, hidden=hidden)


def filled(
    owed: Owed, answer: Answer, fields: Iterable[Field], day: date
) -> Iterator[tuple[str, str]]:
    """Yield what the address of a form says, by the plugin and by the rule."""
    by_name = {field.name: field for field in fields if not field.derived}
    for name, value in {**answer.prefill, **owed.filled}.items():
        if name in by_name:
            said = _meant(owed, value, by_name[name], day)
            if said is not None:
                yield name, _written(by_name[name], said)


def _meant(owed: Owed, value: Any, field: Field, day: date) -> Any:
    """A value, or what it stands for; None where it stands for nothing here."""
    if value is SUBJECT:
        return owed.subject if field.to == owed.subject_kind else None
    if not isinstance(value, Filled):
        return value
    if owed.first_day is None or owed.last_day is None:
        return day
    if value is TODAY:
        # What is dated today would count for another period.
        return day if day <= owed.last_day else None
    return day if owed.first_day <= day <= owed.last_day else owed.last_day


def _written(field: Field, value: Any) -> str:
    """A value as the address of a form has it: references by code, all else as in files."""
    if isinstance(value, bool):
        return YES_NO[0] if value else YES_NO[1]
    if field.type is FieldType.AMOUNT:
        return format_amount(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
