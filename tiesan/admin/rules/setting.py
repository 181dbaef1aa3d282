"""The forms that set values of parameters: one for those of a single value, one for each list."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup
from wtforms import DateField, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms import Field as Input
from wtforms.fields import SelectChoice  # type: ignore[attr-defined] # Its types lack it.
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, html_params

from tiesan.admin.forms.inputs import ChoiceField, Needed, RecordForm, Storable, made_form, tidy
from tiesan.admin.forms.sending import sent_once
from tiesan.clock import today
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import LONGEST_SINGLE_VALUE, Catalog
from tiesan.flags.sharing import sharing_rules
from tiesan.i18n import _, _l, current_language
from tiesan.records.text import unstorable
from tiesan.rules import LONGEST_ITEM, Parameter, Rule, cell_of_items, parse_value

# How many rows without an item stand below those of a list.
_FREE_ROWS = 5
MORE, EFFECT, ALSO = "more", "effect", "also"


def parameter_form(rule: Rule, catalog: Catalog) -> type[RecordForm]:
    """Return the form that sets a value of one of a rule's parameters that are no lists."""
    language = current_language()

    def names() -> dict[str, str]:
        single = (each for each in rule.parameters.values() if not each.is_list)
        return {each.name: each.label.in_language(language) for each in single}

    value = [Needed(), Length(max=LONGEST_SINGLE_VALUE), Storable()]
    inputs: dict[str, Any] = {
        "name": ChoiceField(_l("Parameter"), names, validators=[Needed()]),
        "value": StringField(_l("Value"), value, filters=[tidy]),
        **_day_and_reason(""),
        **_also("", rule, catalog, (each for each in rule.parameters.values() if not each.is_list)),
    }
    return sent_once(made_form(inputs))


def list_form(rule: Rule, parameter: Parameter, catalog: Catalog) -> type[RecordForm]:
    """Return the form that sets a list, with a row for each of its items."""
    label = parameter.label.in_language(current_language())
    inputs: dict[str, Any] = {
        "name": HiddenField(default=parameter.name, id=f"{parameter.name}-name"),
        "value": ItemsField(label, parameter, id=f"{parameter.name}-value"),
        **_day_and_reason(f"{parameter.name}-"),
        **_also(f"{parameter.name}-", rule, catalog, [parameter]),
    }
    return sent_once(made_form(inputs))


def _day_and_reason(before: str) -> dict[str, Any]:
    """From when a value holds, and why; ``before`` tells the inputs of several forms apart."""
    reason = [Length(max=500), Storable()]
    return {
        "valid_from": DateField(
            _l("Valid from"), [Needed()], default=today, id=f"{before}valid_from"
        ),
        "reason": StringField(_l("Reason"), reason, filters=[tidy], id=f"{before}reason"),
    }


def _also(
    before: str, rule: Rule, catalog: Catalog, parameters: Iterable[Parameter]
) -> dict[str, Any]:
    """The other rules that share one of these parameters, to be ticked; nothing where none does."""
    language = current_language()
    choices = {
        other.id: f"{other.title.in_language(language)} · {each.label.in_language(language)}"
        for each in parameters
        for other in sharing_rules(catalog, rule, each.name)
    }
    if not choices:
        return {}
    shown = SelectMultipleField(
        _l("Change it in these rules too"),
        choices=[SelectChoice(value, label) for value, label in choices.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        id=f"{before}{ALSO}",
    )
    return {ALSO: shown}


class ItemsWidget:
    """A row for each item, and some below them that are free."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        """Return the markup."""
        items = [*field.typed(), *("",) * field.free]
        rows = (self._row(field, number, item, options) for number, item in enumerate(items, 1))
        return Markup('<ol class="items" {}>{}</ol>').format(
            Markup(html_params(id=field.id)),  # noqa: S704 - html_params escapes
            Markup("").join(Markup("<li>{}</li>").format(row) for row in rows),
        )

    def _row(self, field: Any, number: int, item: str, options: dict[str, Any]) -> Markup:
        named = {"label": field.label.text, "number": number}
        attributes = {
            **options,
            "name": field.name,
            "aria_label": _("%(label)s, item %(number)d") % named,
        }
        if field.parameter.choices:
            return self._choices(field, item, attributes)
        if field.parameter.type is FieldType.INTEGER:
            attributes["inputmode"] = "numeric"
        shown = Markup(html_params(rows="1", maxlength=LONGEST_ITEM, **attributes))  # noqa: S704
        # The first line end is the markup's own, so that an item that begins with one keeps it.
        return Markup("<textarea {}>\n{}</textarea>").format(shown, item)

    def _choices(self, field: Any, item: str, attributes: dict[str, Any]) -> Markup:
        language = current_language()
        choices = {"": _("(leave blank)")} | {
            value: label.in_language(language) for value, label in field.parameter.choices.items()
        }
        lines = (
            Markup("<option {}>{}</option>").format(
                Markup(html_params(value=value, selected=value == item)),  # noqa: S704
                label,
            )
            for value, label in choices.items()
        )
        shown = Markup(html_params(**attributes))  # noqa: S704 - html_params escapes
        return Markup("<select {}>{}</select>").format(shown, Markup("").join(lines))


class ItemsField(Input):
    """The items of a list, each in a row; rows that are left blank are none.

    Its data is the list in one cell, as services take it.
    """

    widget: Any = ItemsWidget()

    def __init__(self, label: str, parameter: Parameter, **options: Any) -> None:
        """Take the parameter whose items they are."""
        self.parameter, self.free = parameter, _FREE_ROWS
        super().__init__(label, **options)

    def typed(self) -> list[str]:
        """Return the items as they were typed or given, or as they are in force."""
        if self.raw_data:
            return [str(each) for each in self.raw_data if str(each).strip()]
        if self.data:
            return self.parameter.items(parse_value(self.data, self.parameter))
        return self.parameter.items(self.parameter.values[-1][1])

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was typed."""
        items = [tidy(str(each)) for each in valuelist]
        self.data = cell_of_items(item for item in items if item is not None)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: FBT001
        """Refuse a text with a character that cannot be stored."""
        if not validation_stopped and self.data and unstorable(self.data) is not None:
            text = _("There is a character that cannot be stored; delete it and try again.")
            raise ValidationError(text)
