"""Ways out: set up, tried and switched off by the administrators of the whole installation."""

from collections.abc import Iterable
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.pages import page
from tiesan.admin.ways.asking import have_sent, keeping
from tiesan.admin.ways.forms import entered, hints, way_form
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.notifications.sending.models import Purpose, Sending, Way
from tiesan.notifications.sending.queue import queue_test
from tiesan.notifications.sending.schemes import SCHEMES, FieldError, Scheme, checked_value
from tiesan.notifications.sending.ways import (
    change_way,
    create_way,
    switch_way,
    trouble_of,
)
from tiesan.notifications.sending.wording import TROUBLES, reason_words, scheme_of, state_of
from tiesan.people.models import Organization
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.rows import Block, Entry
from tiesan.words.values import moment


def administers_everything() -> bool:
    """Whether the viewer administers the whole installation."""
    return current_viewer().acting_reach(ADMINISTRATORS).everywhere


class WayView(ListView):
    """The ways out of the whole installation."""

    model_class = Way
    roles = ADMINISTRATORS
    place = "ways"
    newest_first = ("id",)
    file_name = "ways"
    list_template = "ways/list.html"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Ways out"), "way", "/ways")

    def is_accessible(self) -> bool:
        """Whoever administers the whole installation."""
        return administers_everything()

    # --- the list ---------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list; what is secret is in none."""
        return (
            Column("title", _l("Name"), lambda row: row.title, lambda row: row.title, "title",
                   "name"),
            Column("scheme", _l("Kind"), scheme_of, scheme_of, "scheme", "place"),
            Column("organization", _l("Organization"), _place, _place, None, "place"),
            Column("state", _l("State"), _state, _state, None, "state"),
        )  # fmt: skip

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-up of the organization of a robot."""
        return {"organization": Lookup("organization", Organization, true)}

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the ways: all of them."""
        return true()

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows the list shows."""
        return ("organization",)

    def schemes(self) -> Iterable[tuple[str, list[Scheme]]]:
        """Return what a new way can be, those to persons first."""
        every = list(SCHEMES.values())
        yield _("To persons"), [each for each in every if not each.is_of_groups]
        yield _("To groups"), [each for each in every if each.is_of_groups]

    def in_trouble(self) -> list[tuple[Way, str]]:
        """Return the ways that are switched on and cannot be used, with why."""
        keep = keeping()
        ways = db.session.scalars(select(Way).where(Way.active).order_by(Way.id))
        found = ((way, trouble_of(way, keep)) for way in ways)
        return [(way, str(TROUBLES[trouble])) for way, trouble in found if trouble is not None]

    # --- setting up -------------------------------------------------------------------------------

    @page("/new/<scheme>", methods=("GET", "POST"))
    def create_view(self, scheme: str) -> ResponseReturnValue:
        """Set up a way of a scheme."""
        chosen = SCHEMES.get(scheme) or abort(404)
        form = way_form(chosen, self.lookups["organization"], None)
        if form.validate_on_submit():
            begin_storing(db.session())
            actor, session = current_viewer().actor, db.session()
            try:
                given = entered(chosen, form)
                way = create_way(actor, session, chosen, given, keeping(), at=now())
                way_id = way.id
                session.commit()
            except UserError as error:
                _refuse(form, error)
            else:
                flash(_("The way was set up. Try it now."), "success")
                return redirect(self.get_url(".details_view", id=way_id))
        return self._form(chosen, form, None)

    @page("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Enter a way anew; what is secret stays as it is where it is left blank."""
        way: Way = self.row_or_404()
        scheme = SCHEMES[way.scheme]
        form = way_form(scheme, self.lookups["organization"], way)
        if form.validate_on_submit():
            begin_storing(db.session())
            way = self.row_or_404()
            given = entered(scheme, form)
            try:
                actor, session = current_viewer().actor, db.session()
                change_way(actor, session, way, given, keeping(), at=now())
                way.organization_id = given.organization_id
                session.commit()
            except UserError as error:
                _refuse(form, error)
                way = self.row_or_404()
            else:
                flash(_("The way was changed. Try it now."), "success")
                return redirect(self.get_url(".details_view", id=way.id))
        return self._form(scheme, form, way)

    def _form(self, scheme: Scheme, form: RecordForm, way: Way | None) -> str:
        heading = str(scheme.title) if way is None else way.title
        cancel = (
            self.get_url(".index_view") if way is None else self.get_url(".details_view", id=way.id)
        )
        return self.render(
            "ways/form.html",
            form=form,
            hints=hints(scheme, way),
            heading=heading,
            about=str(scheme.about),
            cancel=cancel,
        )

    # --- one way ----------------------------------------------------------------------------------

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show a way without what is secret, and what came of the last tests."""
        way: Way = self.row_or_404()
        trouble = trouble_of(way, keeping())
        tests = select(Sending).where(Sending.way_id == way.id, Sending.purpose == Purpose.TEST)
        last = db.session.scalars(tests.order_by(Sending.id.desc()).limit(3)).all()
        return self.render(
            "ways/way.html",
            way=way,
            heading=way.title,
            blocks=[_block(way)],
            trouble=None if trouble is None else str(TROUBLES[trouble]),
            address=SCHEMES[way.scheme].address,
            tests=[(each, state_of(each), reason_words(each.reason)) for each in last],
        )

    @page("/test/", methods=("POST",))
    def test_view(self) -> ResponseReturnValue:
        """Send a test by a way, and show what was answered."""
        begin_storing(db.session())
        way: Way = self.row_or_404()
        try:
            sending_id = _queued_test(way)
        except UserError as error:
            db.session.rollback()
            flash(" ".join(error.lines), "error")
            return redirect(self.get_url(".details_view", id=request.args["id"]))
        have_sent(sending_id)
        return redirect(self.get_url("sending.details_view", id=sending_id), code=303)

    @page("/switch/", methods=("POST",))
    def switch_view(self) -> ResponseReturnValue:
        """Switch a way on or off."""
        begin_storing(db.session())
        way: Way = self.row_or_404()
        active = request.form.get("active") == "1"
        switch_way(current_viewer().actor, db.session(), way, active=active, at=now())
        db.session.commit()
        flash(_("The way was switched on.") if active else _("The way was switched off."),
              "success")  # fmt: skip
        return redirect(self.get_url(".details_view", id=request.args["id"]))


def _queued_test(way: Way) -> int:
    """Write down a test; raises UserError for a way that cannot be used and for no address."""
    keep = keeping()
    trouble = trouble_of(way, keep)
    if trouble is not None:
        raise UserError(str(TROUBLES[trouble]))
    if not way.active:
        raise UserError(_("The way is switched off."))
    field = SCHEMES[way.scheme].address
    sealed = None
    if field is not None:
        address = checked_value(field, request.form.get("address", ""))
        sealed = keep.seal.seal({"address": address})
    return queue_test(current_viewer().actor, db.session(), way, sealed, at=now())


def _refuse(form: RecordForm, error: UserError) -> None:
    """Say what is wrong: beside its input where it is about one."""
    db.session.rollback()
    field: Any = form[error.field] if isinstance(error, FieldError) else None
    if field is None:
        flash(" ".join(error.lines), "error")
        return
    field.errors = [*field.errors, *error.lines]


def _place(way: Way) -> str:
    if way.organization is not None:
        return way.organization.name
    return _("Installation")


def _state(way: Way) -> str:
    if not way.active:
        return _("Switched off")
    return _("Switched on") if trouble_of(way, keeping()) is None else _("Cannot be used")


def _block(way: Way) -> Block:
    scheme = SCHEMES[way.scheme]
    shown = [
        Entry(
            str(field.label),
            _("kept, not shown") if field.secret else way.fields.get(field.name, ""),
        )
        for field in scheme.fields
    ]
    return Block(
        "",
        [
            Entry(_("Kind"), scheme_of(way)),
            Entry(_("For"), _place(way)),
            Entry(_("State"), _state(way)),
            *shown,
            Entry(_("Set up"), moment(way.created_at)),
        ],
    )
