"""Forms derived from the fields of a class: one input per field, of the kind that suits its type.

What a form yields are field values by name, as the services take them: blank texts are None,
amounts are fen, references are the rows that they name.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import g
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    DateField,
    IntegerField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms import Field as Input
from wtforms.validators import Length, Optional, StopValidation
from wtforms.widgets import html_params

from tiesan.admin.lists.lookups import Lookup
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.money import AmountTooLargeError, format_amount, parse_amount
from tiesan.records.kinds import row_id
from tiesan.records.text import clean_text, unstorable
from tiesan.words.values import YES_NO, words, yes_and_no

_WIDE_TEXT, _LONG_TEXT = 300, 500
_YES, _NO = YES_NO
SEEN = "seen"
ONCE = "once"
ANSWERED = "answered"
_HIDDEN = frozenset({"csrf_token", SEEN, ONCE, ANSWERED})


class RecordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types.
    """The base of every form that writes: with a token against requests from elsewhere.

    One that comes back because it could not be stored is filled with what was sent.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # Flask-WTF carries no types.
        """Where the values of the inputs come from."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent; of a form that comes back, what was kept of it."""
            kept = g.get("kept") if formdata is not None else None
            return super().wrap_formdata(form, formdata) if kept is None else kept

    # Whether the row was changed by somebody else while the form lay open.
    overtaken = False
    # What is asked before it is stored; whoever sends the form once more has answered.
    questions: Sequence[str] = ()

    def values(self) -> dict[str, Any]:
        """Return the values of the inputs by field."""
        return {each.short_name: each.data for each in self.shown()}

    def shown(self) -> list[Input]:
        """Return the inputs that are filled in; the others travel with the form unseen."""
        return [each for each in self if each.short_name not in _HIDDEN]


def tidy(text: str | None) -> str | None:
    """Return a text as it is stored; None if nothing is left of it."""
    return clean_text(text) if text else None


class Storable:
    """A text that every database and spreadsheet can hold."""

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a text with a character that cannot be stored."""
        if field.data and unstorable(field.data) is not None:
            text = _("There is a character that cannot be stored; delete it and try again.")
            raise ValidationError(text)


class AmountField(StringField):
    """An amount in yuan with at most two decimals, as fen."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_amount(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; full-width digits and thousands separators are understood."""
        text = tidy(unicodedata.normalize("NFKC", valuelist[0]) if valuelist else None)
        self.data = None
        if text is None:
            return
        try:
            self.data = parse_amount(text.replace(",", ""))
        except AmountTooLargeError:
            raise ValueError(_("The amount is too large; please check it.")) from None
        except ValueError:
            raise ValueError(_("Not an amount in yuan with at most two decimals.")) from None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: FBT001
        """Refuse what is below zero."""
        if not validation_stopped and self.data is not None and self.data < 0:
            raise ValidationError(_("An amount cannot be negative."))


class ChoiceWidget:
    """A list to choose from, with a first line for no choice."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        """Return the markup."""
        nothing = field.blank or (
            _("Please choose") if field.flags.required else _("(leave blank)")
        )
        lines = [("", nothing), *field.choices().items()]
        present = field.sent()
        shown = (
            Markup("<option {}>{}</option>").format(
                _attributes(value=value, selected=value == present), label
            )
            for value, label in lines
        )
        options.setdefault("id", field.id)
        attributes = _attributes(name=field.name, **options)
        return Markup("<select {}>{}</select>").format(attributes, Markup("").join(shown))


def _attributes(**given: Any) -> Markup:
    return Markup(html_params(**given))  # noqa: S704 - html_params escapes


class ChoiceField(Input):
    """One of the listed values, or none; ``choices`` gives their labels in each request."""

    widget: Any = ChoiceWidget()

    def __init__(
        self,
        label: str | None,
        choices: Callable[[], Mapping[str, str]],
        *,
        blank: str = "",
        **options: Any,
    ) -> None:
        """Take the choices, and what none of them means where it means something."""
        self.choices, self.blank = choices, blank
        super().__init__(label, **options)

    def sent(self) -> str:
        """Return the present value as it is sent."""
        return self.data or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the value that was sent, if it is listed."""
        self.data = tidy(valuelist[0]) if valuelist else None
        if self.data is not None and self.data not in self.choices():
            self.data = None
            raise ValueError(_("Not one of the choices."))


class BooleanChoiceField(ChoiceField):
    """Yes or no, neither of them before somebody chose."""

    def __init__(self, label: str | None, **options: Any) -> None:
        """Take what every input takes."""
        super().__init__(label, yes_and_no, **options)

    def sent(self) -> str:
        """Return the present value as it is sent."""
        return {True: _YES, False: _NO}.get(self.data, "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the value that was sent."""
        super().process_formdata(valuelist)
        self.data = {_YES: True, _NO: False}.get(self.data)


class LookupWidget:
    """A text input that finds rows while one types, beside the hidden id that is sent."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        """Return the markup; the page's script makes a list of choices of it."""
        chosen = field.lookup.format(field.data)
        hidden = {"type": "hidden", "name": field.name, "value": chosen[0] if chosen else ""}
        shown = {
            "id": field.id,
            "type": "text",
            "class_": options.get("class_", options.get("class", "")),
            "value": chosen[1] if chosen else "",
            "autocomplete": "off",
            "placeholder": field.lookup.hint(),
            "data-lookup": field.lookup.name,
            "required": field.flags.required or False,
            **{name: value for name, value in options.items() if name.startswith("aria")},
        }
        return Markup("<div class='lookup'><input {}><input {}></div>").format(
            _attributes(**hidden), _attributes(**shown)
        )


class FilesField(Input):
    """Files, which pages draw by themselves (``forms/files.html``)."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Leave what was sent to who reads the form of a verb."""


class LookupField(Input):
    """A row that is referred to; only one that its look-up finds, or the present one."""

    widget = LookupWidget()

    def __init__(self, label: str | None, lookup: Lookup, **options: Any) -> None:
        """Take where the row is looked up."""
        self.lookup = lookup
        super().__init__(label, **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Find the row of the id that was sent."""
        sent = valuelist[0].strip() if valuelist else ""
        present = self.object_data
        if isinstance(present, Base) and sent == str(row_id(present)):
            self.data = present
            return
        self.data = self.lookup.get_one(sent) if sent else None
        if sent and self.data is None:
            raise ValueError(_("There is no such row that you may name."))


def form_class(
    fields: Iterable[Field],
    lookups: Mapping[str, Lookup],
    optional: frozenset[str] = frozenset(),
    presence: Mapping[str, Any] = MappingProxyType({}),
) -> type[RecordForm]:
    """Return a form with an input for each field; those in ``optional`` may be left blank.

    ``presence`` are validators, by field, that say otherwise what may be blank.
    """
    inputs = {
        field.name: _input(
            field,
            lookups,
            presence.get(field.name)
            or _presence(required=field.required and field.name not in optional),
        )
        for field in fields
    }
    return made_form(inputs)


def made_form(inputs: Mapping[str, Any]) -> type[RecordForm]:
    """Return a form with these inputs."""
    form: type[RecordForm] = type("FieldsForm", (RecordForm,), dict(inputs))
    return form


def field_input(field: Field, *, required: bool) -> Any:
    """Return the input of one field that refers to no other row."""
    return _input(field, {}, _presence(required=required))


def _presence(*, required: bool) -> Any:
    return Needed() if required else Optional()


def _input(field: Field, lookups: Mapping[str, Lookup], presence: Any) -> Any:
    validators: list[Any] = [presence]
    match field.type:
        case FieldType.TEXT:
            return _text_input(field, validators)
        case FieldType.CHOICE:
            return ChoiceField(
                field.label, lambda: words(field), blank=field.blank, validators=validators
            )
        case FieldType.REFERENCE:
            return LookupField(field.label, lookups[field.name], validators=validators)
    kind, attributes = _INPUTS[field.type]
    return kind(field.label, validators=validators, render_kw=attributes)


_INPUTS: Mapping[FieldType, tuple[Callable[..., Any], dict[str, Any]]] = {
    FieldType.DATE: (DateField, {}),
    FieldType.TIME: (TimeField, {"step": "60"}),
    FieldType.AMOUNT: (AmountField, {"inputmode": "decimal"}),
    FieldType.INTEGER: (IntegerField, {}),
    FieldType.BOOLEAN: (BooleanChoiceField, {}),
}


def _text_input(field: Field, validators: list[Any]) -> Any:
    most = field.max_length or 0
    validators += [Length(max=most or -1), Storable()]
    long = most > _LONG_TEXT
    kind = TextAreaField if long else StringField
    shape = {"rows": "4"} if long else {"data-wide": "1"} if most > _WIDE_TEXT else {}
    limit = {"maxlength": str(most)} if most else {}
    return kind(field.label, validators=validators, filters=[tidy], render_kw=shape | limit)


class Needed:
    """A value must be given; what was given and could not be read has its own message."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a blank."""
        if field.data is not None:
            return
        if any(text.strip() for text in field.raw_data or ()) and field.errors:
            raise StopValidation
        field.errors[:] = []
        raise StopValidation(_("This field is required."))
