"""Retention: after how many months what is removed, looked at before it is set, with a reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import RecordForm, made_form
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import now, today
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l, ngettext
from tiesan.privacy.kept import months_words
from tiesan.privacy.retention.models import MOST_MONTHS
from tiesan.privacy.retention.services import Standing, previewed, set_retention, standings
from tiesan.privacy.retention.values import Amount, Kind
from tiesan.records.base import REASON_LENGTH
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.attachments import size_in_words
from tiesan.words.values import moment

_REASON = "reason"


class RetentionView(Page):
    """After how many months what is removed, for the administrators of the installation."""

    roles = ADMINISTRATORS
    place = "retention"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Retention"), endpoint="retention", url="/retention")

    def is_accessible(self) -> bool:
        """Whoever administers the whole installation."""
        return current_viewer().administers_all

    @page("/", methods=("GET", "POST"))
    @page("", methods=("GET", "POST"))
    def index_view(self) -> ResponseReturnValue:
        """Show what is set; show what would go by the months sent, or set them."""
        found = standings(db.session())
        form = _form(found)(data={each.kind.name: each.months for each in found})
        amounts: Mapping[str, Amount] = {}
        if form.validate_on_submit():
            if request.form.get("do") == "save":
                if self._saved(form):
                    return redirect(self.get_url(".index_view"), code=303)
                found = standings(db.session())
            else:
                amounts = _preview(form)
        return self.render(
            "privacy/retention.html",
            heading=str(self.name),
            form=form,
            kinds=[_line(each, amounts.get(each.kind.name)) for each in found],
            is_previewed=bool(amounts),
        )

    def _saved(self, form: RecordForm) -> bool:
        """Set what was sent; False with what is wrong beside the reason."""
        reason = form[_REASON]
        begin_storing(db.session())
        try:
            actor = current_viewer().actor
            changed = set_retention(actor, db.session(), _months(form), reason.data or "", at=now())
        except UserError as error:
            db.session.rollback()
            reason.errors = [*reason.errors, *error.lines]
            return False
        db.session.commit()
        if changed:
            flash(ngettext("Saved: %(num)d kind is kept otherwise. The next daily run removes what "
                           "is older.", "Saved: %(num)d kinds are kept otherwise. The next daily "
                           "run removes what is older.", len(changed)), "success")  # fmt: skip
        else:
            flash(_("Nothing was changed."), "warning")
        return True


def _form(found: list[Standing]) -> type[RecordForm]:
    inputs: dict[str, Any] = {each.kind.name: _input(each.kind) for each in found}
    inputs[_REASON] = TextAreaField(
        _l("Reason"), [Optional(), Length(max=REASON_LENGTH)], render_kw={"rows": "2"}
    )
    return made_form(inputs)


def _input(kind: Kind) -> IntegerField:
    words = _("From %(least)d to %(most)d months, or blank.", least=kind.least, most=MOST_MONTHS)
    within = NumberRange(min=kind.least, max=MOST_MONTHS, message=words)
    return IntegerField(
        _l("Months"),
        [Optional(), within],
        render_kw={"inputmode": "numeric", "min": str(kind.least), "max": str(MOST_MONTHS)},
    )


def _months(form: RecordForm) -> dict[str, int | None]:
    return {name: value for name, value in form.values().items() if name != _REASON}


def _preview(form: RecordForm) -> Mapping[str, Amount]:
    return previewed(db.session(), _months(form), Path(current_app.instance_path), today())


def _line(each: Standing, amount: Amount | None) -> dict[str, Any]:
    """A kind as the page shows it: what is set, what would go, and what the last run did."""
    kind = each.kind
    return {
        "name": kind.name,
        "title": str(kind.title),
        "about": str(kind.about),
        "months": months_words(each.months),
        "hint": _("At least %(least)d; blank: never.", least=kind.least),
        "would": None if amount is None else _amount(amount, _("Nothing would go now.")),
        "ran": "" if each.ran_at is None else moment(each.ran_at),
        "removed": _removed(each.removed),
    }


def _removed(amount: Amount) -> str:
    if amount.rows or amount.files:
        return _("removed: %(what)s", what=_amount(amount, ""))
    return _("nothing was removed")


def _amount(amount: Amount, nothing: str) -> str:
    """How much there is, in words."""
    said = []
    if amount.rows:
        said.append(ngettext("%(num)d row", "%(num)d rows", amount.rows))
    if amount.files:
        said.append(ngettext("%(num)d file", "%(num)d files", amount.files))
        said.append(size_in_words(amount.bytes))
    if amount.oldest is not None:
        said.append(_("the oldest of %(when)s", when=moment(amount.oldest)))
    return " · ".join(said) or nothing
