"""Filters of lists, derived from the fields of a class; what they are set to stays in the address.

A filter named ``spent_on_from`` is the argument ``flt_spent_on_from``. One that is left empty does
nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_admin.model.filters import BaseFilter
from sqlalchemy import ColumnElement, select

from tiesan.access.belonging import attributes, rows_of_organizations, target_of
from tiesan.admin.lists.lookups import Lookup, described
from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _l
from tiesan.money import parse_amount
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.words.values import YES_NO, day, words, yes_and_no

PREFIX = "flt_"
LOOKUP = "filter_"

Condition = Callable[[Any], ColumnElement[bool]]
_ORGANIZATION = table_of(Organization)


class Filter(BaseFilter):  # type: ignore[misc] # Flask-Admin carries no types.
    """A filter that reads one argument and adds one condition.

    ``widget`` is how it is shown: ``date``, ``choice``, ``amount`` or ``lookup``.
    """

    def __init__(self, key: str, label: str, widget: str, condition: Condition) -> None:
        """Take its name in the address, its label, how it is shown, and the condition."""
        super().__init__(label, key_name=key)
        self.key, self.widget = key, widget
        self._condition = condition

    def operation(self) -> str:
        """Return the comparison in words; the label says it already."""
        return ""

    def clean(self, value: str) -> Any:
        """Return what an argument means; raises ValueError when it means nothing."""
        return value

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """Narrow a query."""
        return query.filter(self._condition(value))

    def shown(self, value: str) -> str:
        """Return an argument in words."""
        return value


class DateFilter(Filter):
    """A day from or until which rows are shown."""

    def clean(self, value: str) -> date:
        """Return the day."""
        return date.fromisoformat(value)

    def shown(self, value: str) -> str:
        """Return the day in words."""
        return day(date.fromisoformat(value))


class AmountFilter(Filter):
    """An amount from or up to which rows are shown."""

    def clean(self, value: str) -> int:
        """Return the fen."""
        return parse_amount(value)


class ChoiceFilter(Filter):
    """One of the listed values."""

    def __init__(
        self, key: str, label: str, choices: Callable[[], dict[str, str]], condition: Condition
    ) -> None:
        """Take the choices besides; they are asked whenever they are shown."""
        super().__init__(key, label, "choice", condition)
        self.choices = choices

    def clean(self, value: str) -> str:
        """Return the value, if it is one of the choices."""
        if value not in self.choices():
            raise ValueError(value)
        return value

    def shown(self, value: str) -> str:
        """Return the value's label."""
        return self.choices()[value]


class LookupFilter(Filter):
    """A row that the rows shown refer to."""

    def __init__(self, key: str, label: str, lookup: Lookup, condition: Condition) -> None:
        """Take the rows to choose from besides."""
        super().__init__(key, label, "lookup", condition)
        self.lookup = lookup

    def clean(self, value: str) -> int:
        """Return the id of a row that may be named."""
        if self.lookup.get_one(value) is None:
            raise ValueError(value)
        return int(value)

    def shown(self, value: str) -> str:
        """Return the row's description."""
        row = self.lookup.get_one(value)
        return "" if row is None else described(row)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Comparisons with one column."""

    column: Any

    def at_least(self, value: Any) -> ColumnElement[bool]:
        return self.column >= value  # type: ignore[no-any-return]

    def at_most(self, value: Any) -> ColumnElement[bool]:
        return self.column <= value  # type: ignore[no-any-return]

    def equal(self, value: Any) -> ColumnElement[bool]:
        return self.column == value  # type: ignore[no-any-return]

    def truth(self, value: str) -> ColumnElement[bool]:
        return self.column.is_(value == YES_NO[0])  # type: ignore[no-any-return]


def filters_of(model: type[Base], lookups: dict[str, Lookup]) -> Iterator[Filter]:
    """Yield the filters of a class: organization first, then its fields as declared."""
    if "organization" in lookups:
        yield _organization_filter(model, lookups["organization"])
    for field, column in field_columns(model):
        if field.to == "organization" and field.name in record_kind(model).belongs_to:
            continue
        yield from _of_field(field, _Compared(getattr(model, column.name)), lookups)


def _of_field(field: Field, column: _Compared, lookups: dict[str, Lookup]) -> Iterator[Filter]:
    name, label = field.name, field.label
    match field.type:
        case FieldType.DATE:
            yield DateFilter(f"{name}_from", _from(label), "date", column.at_least)
            yield DateFilter(f"{name}_to", _until(label), "date", column.at_most)
        case FieldType.AMOUNT:
            yield AmountFilter(f"{name}_from", _least(label), "amount", column.at_least)
            yield AmountFilter(f"{name}_to", _most(label), "amount", column.at_most)
        case FieldType.CHOICE:
            yield ChoiceFilter(name, label, lambda: words(field), column.equal)
        case FieldType.BOOLEAN:
            yield ChoiceFilter(name, label, yes_and_no, column.truth)
        case FieldType.REFERENCE if name in lookups:
            yield LookupFilter(name, label, lookups[name], column.equal)


def _from(label: str) -> str:
    return _l("%(field)s, from", field=label)


def _until(label: str) -> str:
    return _l("%(field)s, until", field=label)


def _least(label: str) -> str:
    return _l("%(field)s, at least", field=label)


def _most(label: str) -> str:
    return _l("%(field)s, at most", field=label)


def _organization_filter(model: type[Base], lookup: Lookup) -> Filter:
    def inside(organization_id: int) -> ColumnElement[bool]:
        ids = with_below(organization_id)
        if model is Cadre:
            return Cadre.organization_id.in_(ids)
        return rows_of_organizations(model, ids, attributes(model))

    return LookupFilter("organization", _l("Organization and below"), lookup, inside)


def with_below(organization_id: int) -> list[int]:
    """Return the ids of an organization and of all below it."""
    table = _ORGANIZATION
    below = select(table.c.id).where(table.c.id == organization_id).cte(recursive=True)
    below = below.union_all(select(table.c.id).join(below, table.c.parent_id == below.c.id))
    return sorted(db.session.scalars(select(below.c.id)))


def reading_lookups(model: type[Base], condition: Callable[[type[Base]], Any]) -> dict[str, Lookup]:
    """Return the look-ups that the filters of a class need, by field; ``condition`` scopes them."""
    found = {"organization": _lookup("organization", Organization, condition)}
    for field, _column in field_columns(model):
        if field.to is not None:
            found.setdefault(
                field.name, _lookup(field.name, target_of(model, field.name), condition)
            )
    return found


def _lookup(name: str, model: type[Base], condition: Callable[[type[Base]], Any]) -> Lookup:
    return Lookup(f"{LOOKUP}{name}", model, lambda: condition(model))
