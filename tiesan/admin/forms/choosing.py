"""Inputs of which the page knows every answer: a day out of few, a row out of few."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup
from wtforms.widgets import html_params

from tiesan.admin.forms.inputs import ChoiceField
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.records.kinds import row_id
from tiesan.words.values import name_of


class FewWidget:
    """A list without a first line for no choice; where there is one answer alone, it is said."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        """Return the markup."""
        choices, present = field.choices(), field.sent()
        options.setdefault("id", field.id)
        if len(choices) == 1:
            [(value, label)] = choices.items()
            hidden = _attributes(type="hidden", name=field.name, value=value)
            shown = _attributes(id=options["id"], class_="only-answer")
            return Markup("<input {}><output {}>{}</output>").format(hidden, shown, label)
        lines = (
            Markup("<option {}>{}</option>").format(
                _attributes(value=value, selected=value == present), label
            )
            for value, label in choices.items()
        )
        attributes = _attributes(name=field.name, **options)
        return Markup("<select {}>{}</select>").format(attributes, Markup("").join(lines))


def _attributes(**given: Any) -> Markup:
    return Markup(html_params(**given))  # noqa: S704 - html_params escapes


class DayChoiceField(ChoiceField):
    """One of some days, the first where nothing is sent; others are refused in words."""

    widget = FewWidget()

    def __init__(
        self,
        label: str | None,
        days: Callable[[date | None], Mapping[date, str]],
        *,
        refusal: str,
        **more: Any,
    ) -> None:
        """Take the days with their words, and what is said of every other day.

        ``days`` is asked with the day that a stored row has.
        """
        self._days, self._refusal = days, refusal
        super().__init__(label, self._choices, **more)

    def _choices(self) -> Mapping[str, str]:
        return {day.isoformat(): label for day, label in self._given().items()}

    def _given(self) -> Mapping[date, str]:
        present = self.object_data
        return self._days(present if isinstance(present, date) else None)

    def sent(self) -> str:
        """Return the present value as it is sent."""
        return self.data.isoformat() if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the day that was sent, if it is one of them."""
        sent = str(valuelist[0]).strip() if valuelist else ""
        days = self._given()
        self.data = next(iter(days)) if not sent else None
        if not sent:
            return
        try:
            day = date.fromisoformat(sent)
        except ValueError:
            raise ValueError(_("No day: %(found)s", found=sent)) from None
        if day > max(days):
            raise ValueError(_("This day is still to come."))
        if day not in days:
            raise ValueError(str(self._refusal))
        self.data = day


class RowChoiceField(ChoiceField):
    """One of some rows, the first where nothing is sent."""

    widget = FewWidget()

    def __init__(self, label: str | None, rows: Callable[[], Sequence[Base]], **more: Any) -> None:
        """Take the rows that may be chosen."""
        self.rows = rows
        super().__init__(label, self._choices, **more)

    def _choices(self) -> Mapping[str, str]:
        return {str(row_id(row)): name_of(row) for row in self.rows()}

    def sent(self) -> str:
        """Return the present value as it is sent."""
        return "" if self.data is None else str(row_id(self.data))

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the row of the id that was sent, if it is one of them."""
        sent = str(valuelist[0]).strip() if valuelist else ""
        rows = {str(row_id(row)): row for row in self.rows()}
        self.data = next(iter(rows.values()), None) if not sent else rows.get(sent)
        if sent and self.data is None:
            raise ValueError(_("There is no such row that you may name."))
