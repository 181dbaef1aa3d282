"""Rectification notices: the list, a page for each, its print, and how one is issued."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from tiesan.access.criterion import notices_in_scope, readable_rows
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import empty_case, verb_form
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.documents.downloads import document_file
from tiesan.admin.inbox.phrases import REVIEWING
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, DateFilter, Filter, LookupFilter, with_below
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.notices.page import notice_as_json, notice_page
from tiesan.admin.shell.answers import wants_json
from tiesan.admin.shell.pages import page
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt
from tiesan.courses.errors import Wrong
from tiesan.courses.values import Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.follow_up import NOTICE, Notice, reference_of
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS, EVERYBODY
from tiesan.reports.documents.fonts import pdf_possible
from tiesan.reports.documents.notice_letter import notice_letter
from tiesan.reviews.notice_colour import COLOUR_WORDS, UNANSWERED, Colour, last_urgent
from tiesan.reviews.notice_course import NOTICE_COURSE
from tiesan.reviews.notice_issuing import FLAGS, companions, flags_for_notice, named_ids
from tiesan.reviews.notice_series import prefix_of, set_prefix
from tiesan.words.flags import message_of, rule_title
from tiesan.words.notices import (
    colour_badge,
    colour_word,
    state_badge,
    state_word,
    working_calendar,
)
from tiesan.words.values import day

_ISSUE = "issue"
_CADRE = table_of(Cadre)


class NoticeView(CoursePages, ListView):
    """The notices that the viewer may see."""

    course = NOTICE_COURSE
    row_name = NOTICE
    model_class = Notice
    roles = EVERYBODY
    place = "notices"
    list_template = "notices/list.html"
    details_template = "notices/notice.html"
    print_template = "notices/print.html"
    new_template = "notices/new.html"
    searched = ("text", "cadre.name", "organization.name")
    newest_first = ("issued_on", "id")
    file_name = "notices"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Rectification notices"), NOTICE, "/notices")

    @property
    def may_issue(self) -> bool:
        """Whether the viewer reviews flags at all, of which notices are made."""
        return current_viewer().has(REVIEWING)

    # --- the list ---------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return _COLUMNS

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the filters."""
        return {
            "cadre": Lookup("cadre", Cadre, lambda: readable_rows(Cadre)),
            "organization": Lookup(
                "organization", Organization, lambda: readable_rows(Organization)
            ),
        }

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (
            ChoiceFilter("state", _l("State"), _states, lambda value: Notice.state == value),
            ChoiceFilter("colour", _l("Colour"), _colours, _in_colour),
            LookupFilter("organization", _l("Organization and below"),
                         self.lookups["organization"], _of_organization),
            LookupFilter("cadre", _l("Cadre"), self.lookups["cadre"],
                         lambda value: Notice.cadre_id == value),
            DateFilter("due_on_from", _l("Deadline from"), "date",
                       lambda value: Notice.due_on >= value),
            DateFilter("due_on_to", _l("Deadline until"), "date",
                       lambda value: Notice.due_on <= value),
        )  # fmt: skip

    def search_hint(self) -> str:
        """Return what the search looks in."""
        return _("Number, name or text")

    def matching(self, word: str) -> Iterable[ColumnElement[bool]]:
        """Find notices by their number as well, as it is written."""
        return (reference_of(Notice).icontains(word, autoescape=True),)

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the notices that the viewer may see."""
        return notices_in_scope(current_viewer())

    def get_query(self) -> Any:
        """Return the query of the list, with whom the notices are addressed to."""
        cadre = selectinload(Notice.cadre).selectinload(Cadre.organization)
        return super().get_query().options(cadre, selectinload(Notice.organization))

    def series(self) -> list[tuple[Organization, str]]:
        """Return the districts whose prefix the viewer may set, with the present one."""
        places = select(Organization).where(Organization.id.in_(_administered()))
        rows = db.session.scalars(places.order_by(Organization.code)).all()
        return [(row, prefix_of(db.session(), row.id)) for row in rows]

    @page("/prefix", methods=("POST",))
    def prefix_view(self) -> ResponseReturnValue:
        """Set what the numbers of a district's notices begin with."""
        code = request.form.get("district", "")
        places = select(Organization).where(
            Organization.code == code, Organization.id.in_(_administered())
        )
        district_id = (db.session.scalars(places).one_or_none() or abort(404)).id
        begin_storing(db.session())
        district = db.session.get_one(Organization, district_id)
        prefix = request.form.get("prefix", "")
        try:
            set_prefix(current_viewer().actor, db.session(), district, prefix, at=now())
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            flash(" ".join(error.lines), "error")
        else:
            flash(_("Saved."), "success")
        return redirect(self.get_url(".index_view"), code=303)

    # --- one notice -------------------------------------------------------------------------------

    def heading(self, notice: Notice) -> str:
        """Return what a page about a notice is headed by."""
        return notice.reference

    @page("/<int:id>")
    @page("/details/")
    def details_view(self, id: int | None = None) -> ResponseReturnValue:
        """Show a notice: what was found, what is to be done, how it stands."""
        notice = self._notice(id)
        if wants_json():
            return jsonify(notice_as_json(notice, self._standings([notice.id])[notice.id]))
        drawn = self.drawn(notice)
        return self.render(
            self.details_template, drawn=drawn, pdf=pdf_possible(), **notice_page(notice)
        )

    @page("/<int:id>/print")
    def print_view(self, id: int) -> ResponseReturnValue:
        """Show a notice as it is printed."""
        return self.render(self.print_template, **notice_page(self._notice(id)))

    @page("/<int:id>/notice.<kind>")
    def document_view(self, id: int, kind: str) -> ResponseReturnValue:
        """Give a notice in the official form, as DOCX or PDF."""
        return document_file(notice_letter(self._notice(id)), kind)

    def _notice(self, id: int | None) -> Notice:
        found: Notice = self.row_or_404() if id is None else self.get_one(id) or abort(404)
        return found

    # --- issuing ----------------------------------------------------------------------------------

    @page("/new", methods=("GET", "POST"))
    def begin_view(self) -> ResponseReturnValue:
        """Show the form by which a notice is issued; issue it."""
        return self._verb(_ISSUE, None)

    def _attempt(self, form: Mapping[str, Any]) -> Attempt:
        """Return an attempt; a form and an address name several flags by one name."""
        named = request.values.getlist(FLAGS)
        return super()._attempt({**form, FLAGS: ",".join(named)} if named else form)

    def _show_form(
        self, verb: Verb, row_id: int | None, attempt: Attempt, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        """Show the form of a verb; that of a new notice offers further flags of its subject."""
        if row_id is not None:
            return super()._show_form(verb, row_id, attempt, wrong)
        chosen = self._chosen(attempt, wrong)
        form = verb_form(verb, empty_case(self.course, verb, None, attempt))
        if wrong is not None and wrong.field in form:
            form[wrong.field].errors = [wrong.sentence]
        offered: Sequence[Flag] = ()
        if chosen:
            offered = companions(db.session(), chosen[0], attempt.actor, attempt.day)
        shown = self.render(
            self.new_template,
            verb=verb,
            form=form,
            flags=[
                (flag, message_of(flag), rule_title(installed(), flag.rule)) for flag in offered
            ],
            chosen={flag.id for flag in chosen},
            subject=chosen[0].subject if chosen else None,
            wrong=wrong,
        )
        return shown, 200 if wrong is None else wrong.status

    @staticmethod
    def _chosen(attempt: Attempt, wrong: Wrong | None) -> list[Flag]:
        """The flags that an address or a form names; raises what refuses one of them."""
        if wrong is not None and wrong.field == FLAGS:
            return []
        if FLAGS not in attempt.form:
            abort(404)
        ids = named_ids(str(attempt.form[FLAGS]))
        return flags_for_notice(db.session(), ids, attempt.actor, attempt.day)


def _administered() -> Any:
    """The ids of the districts that the viewer administers as a whole."""
    reach = current_viewer().reach(ADMINISTRATORS)
    table = table_of(Organization)
    districts = select(table.c.id).where(table.c.id == table.c.district_id)
    if reach.everywhere:
        return districts
    return districts.where(table.c.id.in_(sorted(reach.districts)))


# --- columns and filters --------------------------------------------------------------------------


def _reference(notice: Notice) -> str:
    return notice.reference


def _subject(notice: Notice) -> str:
    return "" if notice.subject is None else notice.subject.name


def _organization(notice: Notice) -> str:
    return "" if notice.cadre is None else notice.cadre.organization.name


def _colour(notice: Notice) -> str:
    return colour_badge(notice, today())


def _colour_word(notice: Notice) -> str:
    return colour_word(notice, today())


def _due(notice: Notice) -> str:
    return day(notice.due_on)


def _issued(notice: Notice) -> str:
    return day(notice.issued_on)


def _text(notice: Notice) -> str:
    return notice.text


_COLUMNS: Sequence[Column] = (
    Column("reference", _l("Number"), _reference, _reference),
    Column("colour", _l("Colour"), _colour, _colour_word, style="state"),
    Column("state", _l("State"), state_badge, state_word, "state", "state"),
    Column("subject", _l("Subject"), _subject, _subject, style="name", under=_organization),
    Column("due_on", _l("Deadline"), _due, lambda notice: notice.due_on, "due_on", "date"),
    Column(
        "issued_on", _l("Issued on"), _issued, lambda notice: notice.issued_on, "issued_on", "date"
    ),
    Column("text", _l("What is to be done"), _text, _text, style="long"),
)


def _states() -> dict[str, str]:
    return {each.name: str(each.word) for each in NOTICE_COURSE.states}


def _colours() -> dict[str, str]:
    return {each.value: str(word) for each, word in COLOUR_WORDS.items()}


def _in_colour(value: str) -> ColumnElement[bool]:
    day = today()
    urgent = last_urgent(day, working_calendar())
    conditions = {
        Colour.RED: Notice.due_on < day,
        Colour.YELLOW: Notice.due_on.between(day, urgent),
        Colour.BLUE: Notice.due_on > urgent,
    }
    return Notice.state.in_(sorted(UNANSWERED)) & conditions[Colour(value)]


def _of_organization(organization_id: int) -> ColumnElement[bool]:
    inside = with_below(organization_id)
    cadres = select(_CADRE.c.id).where(_CADRE.c.organization_id.in_(inside))
    return or_(Notice.organization_id.in_(inside), Notice.cadre_id.in_(cadres))
