"""The form of a way: an input for each field of its scheme; what is secret is never filled in."""

from collections.abc import Mapping
from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import Length, Optional

from tiesan.admin.forms.inputs import (
    ChoiceField,
    LookupField,
    Needed,
    RecordForm,
    made_form,
    tidy,
)
from tiesan.admin.lists.lookups import Lookup
from tiesan.i18n import _, _l
from tiesan.notifications.sending.models import TITLE_LENGTH, Way
from tiesan.notifications.sending.schemes import Scheme, WayField
from tiesan.notifications.sending.ways import TITLE, Entered

ORGANIZATION = "organization"


def way_form(scheme: Scheme, lookup: Lookup, way: Way | None) -> RecordForm:
    """Return the form of a new way, or of one that is there."""
    inputs: dict[str, Any] = {
        TITLE: StringField(
            _l("Name"),
            [Needed(), Length(max=TITLE_LENGTH)],
            filters=[tidy],
            render_kw={"maxlength": str(TITLE_LENGTH)},
        )
    }
    if scheme.is_of_groups:
        inputs[ORGANIZATION] = LookupField(
            _l("Organization of the group"), lookup, validators=[Optional()]
        )
    inputs |= {field.name: _input(field, is_new=way is None) for field in scheme.fields}
    given = {} if way is None else {**way.fields, TITLE: way.title}
    if way is not None and scheme.is_of_groups:
        given[ORGANIZATION] = way.organization
    defaults = {field.name: field.default for field in scheme.fields if field.default}
    return made_form(inputs)(data={**defaults, **given})


def _input(field: WayField, *, is_new: bool) -> Any:
    needed = field.required and (is_new or not field.secret)
    presence = [Needed() if needed else Optional()]
    if field.choices is not None:
        choices = dict(field.choices)
        return ChoiceField(field.label, lambda: choices, validators=presence)
    if field.secret:
        return PasswordField(
            field.label, presence, filters=[tidy], render_kw={"autocomplete": "new-password"}
        )
    return StringField(field.label, presence, filters=[tidy], render_kw={"autocomplete": "off"})


def hints(scheme: Scheme, way: Way | None) -> Mapping[str, str]:
    """Return what stands below each input."""
    found = {field.name: str(field.hint) for field in scheme.fields if field.hint}
    found[TITLE] = _("By this name persons and administrators tell ways apart.")
    found[ORGANIZATION] = _("Without one the robot is for the whole installation.")
    for field in scheme.fields:
        if field.secret and way is not None:
            found[field.name] = _("Kept, and not shown. Leave it blank to leave it as it is.")
    return found


def entered(scheme: Scheme, form: RecordForm) -> Entered:
    """Return what was entered."""
    values = form.values()
    place = values.get(ORGANIZATION)
    fields = {field.name: values[field.name] or "" for field in scheme.fields}
    return Entered(values[TITLE] or "", fields, None if place is None else place.id)
