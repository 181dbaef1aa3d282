"""Bulletins: the list, a page for each, its editor, and the documents of a draft."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from tiesan.access.criterion import readable_rows, visible_bulletins
from tiesan.access.viewer import current_viewer
from tiesan.admin.bulletins.downloads import numbers_book
from tiesan.admin.bulletins.page import bulletin_page, document_of, shown_tables, state_badge
from tiesan.admin.bulletins.rows import counted_rows
from tiesan.admin.bulletins.writing import editor, read_written
from tiesan.admin.courses.offers import empty_case, verb_form
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.documents.downloads import document_file
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, Filter
from tiesan.admin.lists.lookups import Lookup, read_id
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.pages import page
from tiesan.bulletins.models import (
    BULLETIN,
    Bulletin,
    BulletinDemand,
    BulletinReceipt,
    BulletinState,
    bulletin_reference,
)
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt
from tiesan.courses.errors import Changed, CourseError, Wrong
from tiesan.courses.queue import queue
from tiesan.courses.values import Verb
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization, OrganizationKind
from tiesan.records.policy import ADMINISTRATORS, EVERYBODY, SUPERVISORS
from tiesan.reports.bulletins.composing import title_of
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.demanding import become_notice, fitting_notices, flags_for, settle
from tiesan.reports.bulletins.editing import write_in
from tiesan.reports.bulletins.given import AS_OF, CORRECTS, PERIOD
from tiesan.reports.bulletins.series import BULLETIN_SERIES
from tiesan.words.values import day

_DRAFT, _CORRECT = "draft", "correct"
_MOST_WAITING = 100


class BulletinView(CoursePages, ListView):
    """The bulletins that the viewer may see."""

    course = BULLETIN_COURSE
    row_name = BULLETIN
    model_class = Bulletin
    roles = EVERYBODY
    place = "bulletins"
    list_template = "bulletins/list.html"
    details_template = "bulletins/bulletin.html"
    searched = ("introduction",)
    newest_first = ("last_day", "id")
    file_name = "bulletins"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Bulletins"), BULLETIN, "/bulletins")

    @property
    def may_draft(self) -> bool:
        """Whether the viewer is a supervisor at a district."""
        return bool(self._districts(SUPERVISORS))

    def to_do(self) -> int:
        """Return how many bulletins wait for the viewer's signature."""
        viewer = current_viewer()
        if viewer.account_id is None or not (viewer.chaired or viewer.has(SUPERVISORS)):
            return 0
        waiting = queue(db.session(), BULLETIN_COURSE, viewer.account_id, today(), _MOST_WAITING)
        return sum(1 for each in waiting if each.why.why == "sign")

    # --- the list ---------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return _COLUMNS

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-up of the cadres who are praised."""
        return {"cadre": Lookup("cadre", Cadre, lambda: readable_rows(Cadre))}

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (ChoiceFilter("state", _l("State"), _states, lambda value: Bulletin.state == value),)

    def search_hint(self) -> str:
        """Return what the search looks in."""
        return _("Number or introduction")

    def matching(self, word: str) -> Iterable[ColumnElement[bool]]:
        """Find bulletins by their number as well, as it is written."""
        return (bulletin_reference(Bulletin).icontains(word, autoescape=True),)

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the bulletins that the viewer may see."""
        return visible_bulletins(current_viewer())

    def get_query(self) -> Any:
        """Return the query of the list, with the districts and the receipts."""
        found = (selectinload(Bulletin.district), selectinload(Bulletin.receipts))
        return super().get_query().options(*found)

    def series(self) -> list[tuple[Organization, str]]:
        """Return the districts whose prefix the viewer may set, with the present one."""
        places = self._districts(ADMINISTRATORS)
        return [(each, BULLETIN_SERIES.prefix_of(db.session(), each.id)) for each in places]

    @staticmethod
    def _districts(roles: Any) -> Sequence[Organization]:
        """The districts in which, as a whole, the viewer has one of some roles."""
        reach = current_viewer().reach(roles)
        statement = select(Organization).where(Organization.kind == OrganizationKind.DISTRICT.value)
        if not reach.everywhere:
            statement = statement.where(Organization.id.in_(sorted(reach.districts)))
        return db.session.scalars(statement.order_by(Organization.code)).all()

    @page("/prefix", methods=("POST",))
    def prefix_view(self) -> ResponseReturnValue:
        """Set what the numbers of a district's bulletins begin with."""
        code = request.form.get("district", "")
        known = {each.code: each.id for each in self._districts(ADMINISTRATORS)}
        district_id = known.get(code) or abort(404)
        begin_storing(db.session())
        district = db.session.get_one(Organization, district_id)
        prefix = request.form.get("prefix", "")
        return self._stored(
            lambda: BULLETIN_SERIES.set_prefix(
                current_viewer().actor, db.session(), district, prefix, at=now()
            ),
            self.get_url(".index_view"),
        )

    def _stored(self, store: Any, back: str) -> ResponseReturnValue:
        """Store something and lead back, with the reason where it was refused."""
        try:
            store()
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            flash(" ".join(error.lines), "error")
        else:
            flash(_("Saved."), "success")
        return redirect(back, code=303)

    # --- one bulletin -----------------------------------------------------------------------------

    def heading(self, bulletin: Bulletin) -> str:
        """Return what a page about a bulletin is headed by."""
        return bulletin.reference or title_of(bulletin)

    def _bulletin(self, id: int | None) -> Bulletin:
        found: Bulletin = self.row_or_404() if id is None else self.get_one(id) or abort(404)
        return found

    @page("/<int:id>")
    @page("/details/")
    def details_view(self, id: int | None = None) -> ResponseReturnValue:
        """Show a bulletin: its text, how it stands, who has signed for it."""
        bulletin = self._bulletin(id)
        given = bulletin_page(bulletin)
        return self.render(
            self.details_template,
            drawn=self.drawn(bulletin),
            heading=self.heading(bulletin),
            state=state_badge(bulletin),
            may_follow=self._may_follow(bulletin),
            fitting=fitting_notices,
            flags_for=flags_for,
            session=db.session(),
            **given,
        )

    def _may_follow(self, bulletin: Bulletin) -> bool:
        """Whether the viewer follows up demands, and corrects what was issued."""
        standing = self._standings([bulletin.id])[bulletin.id]
        return "supervisor" in standing.holds and bulletin.state == BulletinState.ISSUED

    @page("/<int:id>/preview")
    def preview_view(self, id: int) -> ResponseReturnValue:
        """Show a bulletin as it is printed."""
        bulletin = self._bulletin(id)
        return self.render(
            "bulletins/preview.html", bulletin=bulletin, document=document_of(bulletin)
        )

    @page("/<int:id>/numbers")
    def numbers_view(self, id: int) -> ResponseReturnValue:
        """Show the numbers of a bulletin, each with a link to what it counts."""
        bulletin = self._bulletin(id)
        return self.render(
            "bulletins/numbers.html",
            bulletin=bulletin,
            heading=self.heading(bulletin),
            tables=shown_tables(bulletin),
        )

    @page("/<int:id>/numbers/rows")
    def number_view(self, id: int) -> ResponseReturnValue:
        """Show the rows that a number counts, as far as the viewer may open them."""
        bulletin = self._bulletin(id)
        place, column = request.args.get("organization", ""), request.args.get("column", "")
        found = counted_rows(bulletin, place, column) or abort(404)
        return self.render("bulletins/rows.html", bulletin=bulletin, found=found)

    @page("/<int:id>/numbers.xlsx")
    def book_view(self, id: int) -> ResponseReturnValue:
        """Give the numbers of a bulletin as a workbook."""
        return numbers_book(self._bulletin(id))

    @page("/<int:id>/draft.<kind>")
    def draft_view(self, id: int, kind: str) -> ResponseReturnValue:
        """Give a draft as a document, to be read before it is signed; nothing of it is kept."""
        bulletin = self._bulletin(id)
        if bulletin.state == BulletinState.ISSUED:
            abort(404)
        return document_file(document_of(bulletin), kind)

    # --- drafting ---------------------------------------------------------------------------------

    @page("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Show the form by which a bulletin is drafted; draft it."""
        return self._verb(_DRAFT, None)

    @page("/correct", methods=("GET", "POST"))
    def correct_view(self) -> ResponseReturnValue:
        """Show the form by which an issued bulletin is corrected by a new one; draft it."""
        return self._verb(_CORRECT, None)

    def _attempt(self, form: Mapping[str, Any]) -> Attempt:
        named = request.values.get(CORRECTS)
        return super()._attempt({**form, CORRECTS: named} if named else form)

    def _show_form(
        self, verb: Verb, row_id: int | None, attempt: Attempt, wrong: Wrong | None = None
    ) -> ResponseReturnValue:
        """Show the form of a verb; of a new bulletin it names the one that it corrects, if any."""
        if row_id is not None:
            return super()._show_form(verb, row_id, attempt, wrong)
        if not self.may_draft:
            abort(403)
        case = empty_case(self.course, verb, None, attempt)
        corrects = None
        if verb.name == _CORRECT and not (wrong is not None and wrong.field == CORRECTS):
            corrects = verb.given[0].read(attempt.form, case)
        form = verb_form(verb, case)
        if wrong is not None and wrong.field in form:
            form[wrong.field].errors = [wrong.beside]
        shown = self.render(
            "bulletins/new.html", verb=verb, form=form, corrects=corrects, wrong=wrong,
            asked=(PERIOD, AS_OF),
        )  # fmt: skip
        return shown, 200 if wrong is None else wrong.status

    @page("/<int:id>/write", methods=("GET", "POST"))
    def write_view(self, id: int) -> ResponseReturnValue:
        """Show the editor of a draft; store what was written."""
        bulletin = self._bulletin(id)
        if request.method == "GET":
            if bulletin.state != BulletinState.DRAFTED or not self._may_write(bulletin):
                abort(403)
            return self.render(
                "bulletins/write.html", heading=title_of(bulletin), **editor(bulletin)
            )
        try:
            written = read_written(bulletin, request.form)
            begin_storing(db.session())
            actor, session = current_viewer().actor, db.session()
            write_in(actor, session, id, written, day=today(), at=now())
            session.commit()
        except CourseError as error:
            db.session.rollback()
            return self._not_written(id, error)
        flash(_("Saved."), "success")
        return redirect(self.get_url(".details_view", id=id), code=303)

    def _may_write(self, bulletin: Bulletin) -> bool:
        return "supervisor" in self._standings([bulletin.id])[bulletin.id].holds

    def _not_written(self, id: int, error: CourseError) -> ResponseReturnValue:
        """Show what was written once more, with what is wrong; nothing was stored."""
        if not isinstance(error, Wrong | Changed):
            return self._answer_refused(error, "write", id)
        bulletin = self._bulletin(id)
        given = editor(bulletin, request.form)
        shown = self.render(
            "bulletins/write.html", heading=title_of(bulletin), wrong=error,
            overtaken=isinstance(error, Changed), **given,
        )  # fmt: skip
        return shown, error.status

    @page("/<int:id>/demands/<int:demand_id>", methods=("POST",))
    def demand_view(self, id: int, demand_id: int) -> ResponseReturnValue:
        """Note what became of a demand: the notice that it was made, or that it is met."""
        own = (
            select(func.count())
            .select_from(BulletinDemand)
            .where(BulletinDemand.id == demand_id, BulletinDemand.bulletin_id == id)
        )
        if not db.session.scalar(own):
            abort(404)
        begin_storing(db.session())
        actor, session = current_viewer().actor, db.session()
        chosen = read_id(request.form.get("notice", ""))

        def store() -> None:
            if "notice" in request.form:
                become_notice(actor, session, demand_id, chosen or 0, day=today(), at=now())
            else:
                settle(actor, session, demand_id, day=today(), at=now())

        return self._stored(store, self.get_url(".details_view", id=id))


# --- columns and filters --------------------------------------------------------------------------


def _reference(bulletin: Bulletin) -> str:
    return bulletin.reference or _("not numbered yet")


def _district(bulletin: Bulletin) -> str:
    return bulletin.district.name


def _state_word(bulletin: Bulletin) -> str:
    return str(BULLETIN_COURSE.state(bulletin.state).word)


def _issued(bulletin: Bulletin) -> str:
    return "" if bulletin.issued_on is None else day(bulletin.issued_on)


def _receipts(bulletin: Bulletin) -> str:
    """How many have signed for it, of how many."""
    rows: list[BulletinReceipt] = bulletin.receipts
    done = sum(1 for each in rows if each.received_on is not None)
    return f"{done}/{len(rows)}" if rows else ""


_COLUMNS: Sequence[Column] = (
    Column("reference", _l("Number"), _reference, _reference),
    Column("title", _l("Bulletin"), title_of, title_of, style="long", under=_district),
    Column("state", _l("State"), state_badge, _state_word, "state", "state"),
    Column(
        "issued_on",
        _l("Signed and issued on"),
        _issued,
        lambda row: row.issued_on,
        "issued_on",
        "date",
    ),
    Column("receipts", _l("Signed for"), _receipts, _receipts, style="number"),
)


def _states() -> dict[str, str]:
    return {each.name: str(each.word) for each in BULLETIN_COURSE.states}
