"""Columns that say what they mean: one declaration serves table, exchange, facts and forms.

Each constructor keeps a ``tiesan.facts.kinds.Field`` with the column, and adds the named
constraints that follow from the field's type. ``tiesan.records.base`` offers them to plugins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Time,
    event,
)
from sqlalchemy.orm import MappedColumn, Relationship, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from tiesan.facts.kinds import Fact, FactKind, Field, FieldType
from tiesan.i18n import _l

FIELD = "field"
# The field by which rows are named; every file that has such a column has it under this name.
CODE = "code"
EMPTY = "empty"
RANGE = "range"
CLOCK = "clock"

# What identifies a row by default.
CODED = ("code",)
CODE_LENGTH = 50
CHOICE_LENGTH = 30
MIN_YEAR, MAX_YEAR = 1900, 2999


@dataclass(frozen=True, slots=True)
class RecordKind:
    """What a class of rows is called and how its rows are told apart.

    ``name`` is the fact kind, ``file`` the exchange file without suffix, ``identity`` the fields
    that identify a row. ``principal`` names the date from which a row is known: the first of these
    fields that is not blank, or the date of the row that it refers to (``session.held_on``).
    ``belongs_to`` are the references of which the first that is given settles a row's district.
    ``unseen`` gives the function that says of a fact, as it reads on a day, that no rule sees it.
    ``letters`` begin the codes that the system gives: 请假 2026 number 196 is ``QJ2026-0196``.
    """

    name: str
    file: str
    title: str
    plural: str
    letters: str = ""
    identity: tuple[str, ...] = CODED
    principal: tuple[str, ...] = ()
    belongs_to: tuple[str, ...] = ()
    unseen: Callable[[FactKind], Callable[[Fact], bool]] | None = None

    @property
    def is_coded(self) -> bool:
        """Whether a row has a code by which others can name it."""
        return self.identity == CODED


@dataclass(frozen=True, slots=True)
class RowCheck:
    """What must not be true of a row's values, beside the CHECK that keeps it out of the table.

    ``broken`` takes the values by field name (references as whatever names the row) and says
    whether the check is broken; ``field`` is the field to blame, ``message`` a lazy text.
    """

    field: str
    broken: Callable[[Mapping[str, Any]], bool]
    message: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Which fields of its row a time goes with (see ``time_column``); empty: none."""

    of_day: str = ""
    next_day: str = ""


def earlier(row: Mapping[str, Any], field: str, than: str) -> bool:
    """Whether both dates are given and the first lies before the second."""
    first, second = row[field], row[than]
    return first is not None and second is not None and first < second


def _column(
    field: Field, of_type: TypeEngine[Any], *args: ForeignKey, **options: Any
) -> MappedColumn[Any]:
    info = {FIELD: field, EMPTY: options.pop(EMPTY, None), CLOCK: options.pop(CLOCK, Clock())}
    return mapped_column(of_type, *args, info=info, **options)


def _checked(column: MappedColumn[Any], name: str, condition: str) -> MappedColumn[Any]:
    """Add a CHECK to the column's table once the column has its name (``{}`` in the condition)."""

    def attach(attached: Column[Any], table: Table) -> None:
        text = condition.format(attached.name)
        table.append_constraint(CheckConstraint(text, name=f"{attached.name}_{name}"))

    event.listen(column.column, "after_parent_attach", attach)
    return column


def code_column() -> MappedColumn[Any]:
    """A code: the name by which a row is known inside its kind."""
    return text_column(_l("Code"), CODE_LENGTH)


def text_column(label: str, length: int, *, name: str = "") -> MappedColumn[Any]:
    """A text of at most ``length`` characters; blank is NULL, never an empty text.

    ``name`` is the field's name where it differs from the column's.
    """
    field = Field(name, FieldType.TEXT, label, max_length=length)
    column = _column(field, String(length))
    return _checked(column, "length", f"length({{}}) BETWEEN 1 AND {length}")


def date_column(label: str, *, planned: bool = False, name: str = "") -> MappedColumn[Any]:
    """A date; a ``planned`` one is known with its row and never blanked as of a day."""
    return _column(Field(name, FieldType.DATE, label, planned=planned), Date())


def time_column(label: str, *, of_day: str = "", next_day: str = "") -> MappedColumn[Any]:
    """A time of day, in whole minutes.

    ``of_day`` is the field with the day that the time belongs to; in files it may then be written
    with that day before it. ``next_day`` is the boolean field that says that the time is one of the
    day after; in files 24:40 and 次日00:40 say so as well.
    """
    clock = Clock(of_day, next_day)
    return _column(Field("", FieldType.TIME, label), Time(), **{CLOCK: clock})


def amount_column(label: str) -> MappedColumn[Any]:
    """An amount in whole fen, never negative."""
    column = _column(Field("", FieldType.AMOUNT, label), BigInteger())
    return _checked(column, "not_negative", "{} >= 0")


def integer_column(label: str, *, least: int, most: int) -> MappedColumn[Any]:
    """A whole number from ``least`` to ``most``, both included."""
    column = _column(Field("", FieldType.INTEGER, label), Integer())
    column.column.info[RANGE] = (least, most)
    return _checked(column, "range", f"{{}} BETWEEN {least} AND {most}")


def year_column(label: str) -> MappedColumn[Any]:
    """A calendar year."""
    return integer_column(label, least=MIN_YEAR, most=MAX_YEAR)


def boolean_column(label: str, *, empty: bool | None = None) -> MappedColumn[Any]:
    """Yes or no; with ``empty`` given, that is what a blank means and NULL is not stored."""
    field = Field("", FieldType.BOOLEAN, label, empty=empty)
    default = {} if empty is None else {"default": empty, EMPTY: empty}
    return _column(field, Boolean(create_constraint=False), **default)


def choice_column(
    label: str, choices: Mapping[str, str], *, name: str = "", blank: str = ""
) -> MappedColumn[Any]:
    """One of the listed values; ``choices`` maps each value to its label.

    ``blank`` says in words what no choice means, where it means something.
    """
    field = Field(name, FieldType.CHOICE, label, choices=choices, blank=blank)
    listed = ", ".join(f"'{value}'" for value in choices)
    return _checked(_column(field, String(CHOICE_LENGTH)), "choice", f"{{}} IN ({listed})")


def reference_column(
    to: str, *, label: str, table: str | None = None, cyclic: bool = False, **options: Any
) -> MappedColumn[Any]:
    """A row of the kind ``to``; the column is named ``<field>_id`` and holds the row's id.

    ``table`` is the table of that kind where it is not the kind's name. A ``cyclic`` reference is
    checked when the transaction ends, because the row that it names may be stored later. Further
    options go to the column (``index``, ``unique``).
    """
    field = Field("", FieldType.REFERENCE, label, to=to)
    target = f"{table or to}.id"
    key = ForeignKey(target)
    if cyclic:
        key = ForeignKey(target, deferrable=True, initially="DEFERRED", use_alter=True)
    return _column(field, Integer(), key, **options)


def referenced(column: Any) -> Relationship[Any]:
    """The relationship beside a ``reference_column``: the row that it names."""
    return relationship(foreign_keys=[column])


def field_of(column: Column[Any]) -> Field | None:
    """The field that a table's column stands for; None for one that is in no file and no fact.

    A column that may not be NULL is required, unless a blank means something.
    """
    field: Field | None = column.info.get(FIELD)
    if field is None:
        return None
    required = not column.nullable and column.info.get(EMPTY) is None
    return replace(field, name=field_name(field, column.name), required=required)


def field_name(field: Field, column: str) -> str:
    """The name of a declared field: the one it was given, else what its column is called."""
    is_reference = field.type is FieldType.REFERENCE
    return field.name or (column.removesuffix("_id") if is_reference else column)
