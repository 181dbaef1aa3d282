"""What holds for signing in: own phones and one-time codes; for who administers everything."""

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import ROLE_TITLES, RoleName
from tiesan.people.sign_in_settings import (
    MOST_DAYS,
    MOST_IDLE_DAYS,
    PhoneSpan,
    SignInSettings,
    change_settings,
    read_settings,
)
from tiesan.records.policy import ADMINISTRATORS


class SignInSettingsForm(RecordForm):
    """Days on one's own phone."""

    idle_days = IntegerField(
        _l("Days without use"), [InputRequired(), NumberRange(0, MOST_IDLE_DAYS)]
    )
    most_days = IntegerField(_l("Days in all"), [InputRequired(), NumberRange(0, MOST_DAYS)])


class SignInSettingsView(Page):
    """The settings of the whole installation about signing in."""

    roles = ADMINISTRATORS
    place = "sign-in"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Signing in"), endpoint="sign_in_settings", url="/settings/sign-in")

    def is_accessible(self) -> bool:
        """Whoever administers the whole installation."""
        return current_viewer().acting_reach(ADMINISTRATORS).everywhere

    @page("/", methods=("GET", "POST"))
    @page("", methods=("GET", "POST"))
    def index_view(self) -> ResponseReturnValue:
        """Show the settings; set those that the form sends."""
        settings = read_settings(db.session())
        form = _form(settings)
        if form.validate_on_submit():
            begin_storing(db.session())
            change_settings(current_viewer().actor, db.session(), _sent(form), at=now())
            db.session.commit()
            flash(_("Saved. It holds from the next page on."), "success")
            return redirect(self.get_url(".index_view"))
        return self.render("settings/sign_in.html", heading=str(self.name), form=form,
                           roles=list(RoleName))  # fmt: skip


def _form(settings: SignInSettings) -> RecordForm:
    inputs = {
        _name(role): BooleanField(ROLE_TITLES[role], default=role in settings.codes_required)
        for role in RoleName
    }
    form_class = type("SentSettings", (SignInSettingsForm,), inputs)
    phone = settings.phone
    form: RecordForm = form_class(idle_days=phone.idle_days, most_days=phone.most_days)
    return form


def _name(role: RoleName) -> str:
    return f"codes_{role.value}"


def _sent(form: RecordForm) -> SignInSettings:
    required = frozenset(role for role in RoleName if form[_name(role)].data)
    return SignInSettings(
        PhoneSpan(form["idle_days"].data, form["most_days"].data), codes_required=required
    )
