"""Cadres with their postings: entered, changed, moved, leaving and coming back."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from wtforms import DateField

from tiesan.access.installation import installed, rule_problems
from tiesan.access.merging import bar_to_merging
from tiesan.access.of_people import visible_cadres
from tiesan.access.placing import refuse_posting
from tiesan.access.viewer import current_viewer
from tiesan.admin.core.sending import Asks
from tiesan.admin.core.view import REASON
from tiesan.admin.forms.asking import asking
from tiesan.admin.forms.inputs import LookupField, Needed, RecordForm, made_form
from tiesan.admin.forms.sending import sent_once
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.people.announcing import READ_BY_RULES, Announcing
from tiesan.admin.people.merging import MergingPages
from tiesan.admin.people.view import people
from tiesan.admin.records.forms import not_ahead, reason_input
from tiesan.admin.records.storing import with_version
from tiesan.admin.shell.pages import page
from tiesan.clock import now, today
from tiesan.extensions import Base, db
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre
from tiesan.records.organizations import (
    NewPost,
    create_cadre,
    end_service,
    move_cadre,
    resume_service,
    update_cadre,
)
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.rows import Block, Entry
from tiesan.words.values import day


class CadreView(MergingPages):
    """Cadres, with their postings."""

    model_class = Cadre
    place = "people"
    searched = ("code", "name", "post", "organization.name")
    columns_shown = ("name", "code", "organization", "post", "professional", "joined_on", "left_on")
    details_template = "people/cadre.html"
    read_by_rules = READ_BY_RULES

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__("/people/cadres")

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the cadres that the viewer may see."""
        return visible_cadres(current_viewer())

    @property
    def may_create(self) -> bool:
        """Whether the viewer administers any organization."""
        return not current_viewer().acting_reach(ADMINISTRATORS).is_empty

    def writable(self) -> ColumnElement[bool]:
        """Return the condition of the cadres that the viewer administers."""
        return people(Cadre)

    def candidates(self, model: type[Base]) -> ColumnElement[bool]:
        """Return the condition of organizations to be posted to."""
        return people(model)

    # --- forms ------------------------------------------------------------------------------------

    def form_of(self, row: Cadre | None) -> RecordForm:
        """Return the form, with what "assessed from" does below it."""
        form = super().form_of(row)
        form["assessed_from"].description = _(
            "Nothing that lies before this day is held against the person. Left blank, everything "
            "from the day of joining is."
        )
        return form

    def first_values(self) -> Mapping[str, Any]:
        """Return what an empty form says: who is entered late is assessed from today on."""
        return {"assessed_from": today()}

    def stored(self, values: Mapping[str, Any]) -> Cadre:
        """Store a new cadre."""
        return create_cadre(current_viewer().actor, db.session(), values, at=now())

    def changed(self, row: Cadre, values: Mapping[str, Any], reason: str | None) -> bool:
        """Change a cadre."""
        refuse_posting(row.organization, values["organization"])
        return update_cadre(current_viewer().actor, db.session(), row, values, **_because(reason))

    def watch(self, row: Cadre | None, form: RecordForm) -> Asks[Cadre]:
        """Return what says which flags saving a cadre would raise and clear."""
        if rule_problems() or not (row is None or _touches(form)):
            return super().watch(row, form)
        places = [] if row is None else [row.organization]
        wanted = form["organization"].data if "organization" in form else None
        places += [wanted] if wanted is not None else []
        return Announcing(row, places, tells_duties=_is_posting(form))

    # --- moving, leaving, coming back -------------------------------------------------------------

    @page("/move/", methods=("GET", "POST"))
    def move_view(self) -> ResponseReturnValue:
        """Post a cadre to another organization from a day on."""
        row, inputs = self._changeable(), {"organization": self._place(), "from_on": _first_day()}

        def move(values: Mapping[str, Any]) -> bool:
            refuse_posting(row.organization, values["organization"])
            post = NewPost(values["organization"], values["from_on"])
            return move_cadre(
                current_viewer().actor, db.session(), row, post, **_because(values[REASON])
            )

        return self._service_page(row, _("Move %(who)s", who=row.name), inputs, move)

    @page("/leave/", methods=("GET", "POST"))
    def leave_view(self) -> ResponseReturnValue:
        """Let a cadre leave."""
        row = self._changeable()
        left_on = DateField(_l("First day out of post"), [Needed()], default=today)

        def leave(values: Mapping[str, Any]) -> bool:
            left = values["left_on"]
            return end_service(
                current_viewer().actor, db.session(), row, left, **_because(values[REASON])
            )

        heading = _("%(who)s leaves", who=row.name)
        return self._service_page(row, heading, {"left_on": left_on}, leave)

    @page("/return/", methods=("GET", "POST"))
    def return_view(self) -> ResponseReturnValue:
        """Let a cadre who left come back; the earlier postings stay."""
        row, inputs = self._changeable(), {"organization": self._place(), "joined_on": _first_day()}

        def come_back(values: Mapping[str, Any]) -> bool:
            refuse_posting(row.organization, values["organization"])
            post = NewPost(values["organization"], values["joined_on"])
            return resume_service(
                current_viewer().actor, db.session(), row, post, **_because(values[REASON])
            )

        return self._service_page(row, _("%(who)s comes back", who=row.name), inputs, come_back)

    def in_post(self, row: Cadre) -> bool:
        """Whether a cadre is in post without an end."""
        return bool(row.postings) and row.postings[-1].until_on is None

    def _changeable(self) -> Cadre:
        row: Cadre = self.row_or_404()
        return row if self.may_change(row) else abort(403)

    def _place(self) -> LookupField:
        return LookupField(_l("Organization"), self.lookups["organization"], validators=[Needed()])

    def _service_page(
        self,
        row: Cadre,
        heading: str,
        inputs: Mapping[str, Any],
        change: Callable[[Mapping[str, Any]], bool],
    ) -> ResponseReturnValue:
        """Show a form that changes when a cadre is in post and where; do what it sends."""
        reason = reason_input(_l("Reason for the change"), Needed())
        form = with_version(asking(sent_once(made_form({**inputs, REASON: reason}))), row)()
        if form.validate_on_submit():
            answer = self.send_change(row, form, lambda: change(form.values()))
            if answer is not None:
                return answer
        return self.render(self.form_template, form=form, row=row, heading=heading)

    def blocks(self, row: Cadre) -> list[Block]:
        """Return the fields and the postings."""
        postings = [
            Entry(each.organization.name, _span(each.from_on, each.until_on))
            for each in row.postings
        ]
        merges = self.merges_of(row) if self.may_merge(row) else []
        return [*super().blocks(row), Block(_("Postings"), postings), *merges]

    def may_merge(self, row: Cadre) -> bool:
        """Whether the viewer may merge other entries into one."""
        return self.may_change(row) and bar_to_merging(row) is None

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups, with that of entries to be merged."""
        return {**super().make_lookups(), **self.lookup_of_merging()}


def _touches(form: RecordForm) -> bool:
    """Whether a form changes what rules read: one without all of these is that of a posting."""
    return any(
        name not in form or form[name].data != form[name].object_data for name in READ_BY_RULES
    )


def _is_posting(form: RecordForm) -> bool:
    """Whether a form is that of a posting, of leaving or of coming back."""
    return any(name not in form for name in READ_BY_RULES)


def _first_day() -> DateField:
    return DateField(_l("In post from"), [Needed(), not_ahead], default=today)


def _because(reason: str | None) -> dict[str, Any]:
    """What every change of a cadre is stored with."""
    return {"records": installed().plugins.records, "at": now(), "reason": reason}


def _span(first: Any, last: Any) -> str:
    return f"{day(first)} – {day(last) if last else ''}"
