"""What values a record may have, whichever way they come in but for files.

Files have checks of their own, because they name lines and columns; both rest on the same fields
and row checks.
"""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import Column

from tiesan.columns import CODE, EMPTY, RANGE, RowCheck
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.money import LARGEST_AMOUNT
from tiesan.records.kinds import field_columns
from tiesan.records.text import clean_code, clean_text, unstorable

Values = dict[str, Any]

_TYPES: Mapping[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.CHOICE: str,
    FieldType.INTEGER: int,
    FieldType.AMOUNT: int,
    FieldType.DATE: date,
    FieldType.TIME: time,
    FieldType.BOOLEAN: bool,
    FieldType.REFERENCE: Base,
}


class RecordRefused(UserError):  # noqa: N818 - it says what became of the record
    """A record whose values are wrong; ``problems`` pairs a field's name with what is wrong.

    ``existing`` is the id of the row of the same class that has the values already, where who
    writes may know of it.
    """

    def __init__(
        self, model: type[Base], problems: list[tuple[str, str]], existing: int | None = None
    ) -> None:
        """Take the problems; they are shown with the fields' labels."""
        self.model, self.problems, self.existing = model, problems, existing
        labels = {field.name: field.label for field, _column in field_columns(model)}
        super().__init__(f"{labels[name]}: {text}" for name, text in problems)


def checked_values(model: type[Base], values: Mapping[str, Any]) -> Values:
    """The values of all fields of a class, cleaned; raises RecordRefused for wrong ones.

    ``values`` are by field name, references as the rows that they name. A field that is not given
    is blank. TypeError for a name that is no field and for a value of another Python type: those
    are errors of the program.
    """
    fields = field_columns(model)
    unknown = set(values) - {field.name for field, _column in fields}
    if unknown:
        message = f"{model.__name__} has no field {', '.join(sorted(unknown))}"
        raise TypeError(message)
    cleaned = {field.name: _cleaned(field, column, values) for field, column in fields}
    problems = [
        (field.name, text)
        for field, column in fields
        for text in [_problem(field, column, cleaned[field.name])]
        if text is not None
    ]
    if not problems:
        checks: tuple[RowCheck, ...] = getattr(model, "row_checks", ())
        problems = [(each.field, str(each.message)) for each in checks if each.broken(cleaned)]
    if problems:
        raise RecordRefused(model, problems)
    return cleaned


def _cleaned(field: Field, column: Column[Any], values: Mapping[str, Any]) -> Any:
    value = values.get(field.name)
    if isinstance(value, str):
        value = clean_code(value) if field.name == CODE else clean_text(value)
    if value is None:
        return column.info.get(EMPTY)
    if not isinstance(value, _TYPES[field.type]) or (
        isinstance(value, bool) and field.type is not FieldType.BOOLEAN
    ):
        message = f"{field.name} cannot be {value!r}"
        raise TypeError(message)
    return value


def _problem(field: Field, column: Column[Any], value: Any) -> str | None:
    """What is wrong with one value, if anything."""
    if value is None:
        return _("must not be empty") if field.required else None
    if field.type is FieldType.TEXT:
        return _text_problem(field, value)
    if field.type is FieldType.CHOICE and value not in field.choices:
        return _("none of the allowed values")
    if field.type is FieldType.AMOUNT and not 0 <= value <= LARGEST_AMOUNT:
        return _("a negative amount, or one that is too large")
    least, most = column.info.get(RANGE, (None, None))
    if least is not None and not least <= value <= most:
        return _("not between %(least)d and %(most)d", least=least, most=most)
    return None


def _text_problem(field: Field, value: str) -> str | None:
    odd = unstorable(value)
    if odd is not None:
        return _("holds a character that no text has: %(found)s", found=odd)
    if field.max_length is not None and len(value) > field.max_length:
        text = _("longer than %(most)d characters; found: %(number)d")
        return text % {"most": field.max_length, "number": len(value)}
    return None
