"""A field's value in words: choices by label, references by name, amounts in yuan, 是 and 否."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from markupsafe import Markup

from tiesan.clock import SHANGHAI
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _, current_language
from tiesan.money import format_amount
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import fact_kind

Row = Base
YES_NO = ("yes", "no")
# A list names the same days again and again.
_MOST_DAYS = 4_096


def yuan(fen: int) -> str:
    """Return an amount of fen as yuan, its thousands apart: 123456 gives ``1,234.56``."""
    whole, _point, decimals = format_amount(fen).partition(".")
    return f"{int(whole):,}.{decimals}"


def day(value: date) -> str:
    """Return a day as the reader's language writes it."""
    return _day(value, current_language())


@lru_cache(_MOST_DAYS)
def _day(value: date, language: str) -> str:
    return str(format_date(value, "medium", locale=language))


def moment(value: datetime) -> str:
    """Return a moment on the clocks of Asia/Shanghai, to the minute."""
    local = value.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value itself is shown
    """Return 是 or 否."""
    return _("Yes") if value else _("No")


def yes_and_no() -> dict[str, str]:
    """Return the two choices of a yes-or-no question, as they are sent, with their labels."""
    return dict(zip(YES_NO, (_("Yes"), _("No")), strict=True))


def words(field: Field) -> dict[str, str]:
    """Return the choices of a field with their labels in the current language."""
    return {value: str(label) for value, label in field.choices.items()}


def in_words(field: Field, value: Any) -> str:
    """Return a field's value as a person reads it; a blank is what it means, or an empty text.

    A reference is given as the row that it names, all else as stored.
    """
    if value is None:
        return str(field.blank)
    match field.type:
        case FieldType.BOOLEAN:
            return yes_or_no(value)
        case FieldType.AMOUNT:
            return yuan(value)
        case FieldType.CHOICE:
            return str(field.choices.get(value, value))
        case FieldType.REFERENCE:
            return name_of(value)
    return plain_words(value)


def plain_words(value: Any) -> str:
    """Return a date, time, number or text as a person reads it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def sentence(text: object) -> str:
    """Return what is said of a field as a sentence, its full stop added where it had none."""
    if isinstance(text, Markup):
        # It is one already, and goes on with a link.
        return text
    said = str(text)
    if not said or not (said[-1].isalnum() or said[-1] in ")）”"):
        return said
    return said + _(".")


def name_of(row: Row) -> str:
    """Return the name by which a row is known: a name, a code, or what identifies it."""
    if isinstance(row, Organization | Cadre):
        return row.name
    kind = fact_kind(type(row))
    if kind.identity == ("code",):
        return str(getattr(row, "code"))  # noqa: B009 - not every record has a code
    parts = (in_words(kind.by_name[name], getattr(row, name)) for name in kind.identity)
    return " · ".join(parts)
