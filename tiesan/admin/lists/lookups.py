"""Look-ups: the rows that a reference may name, found by name or code and only those in scope."""

from collections.abc import Callable
from typing import Any

from flask_admin.model.ajax import AjaxModelLoader
from sqlalchemy import Column, ColumnElement, Select, or_, select

from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, field_columns, row_id
from tiesan.words.values import name_of

_MOST = 50
_LAST_ROW = 1_000_000
_MOST_WORDS = 8
_SHORT = 300
_LARGEST_ID = 2**31 - 1

Condition = Callable[[], ColumnElement[bool]]


class Lookup(AjaxModelLoader):  # type: ignore[misc] # Flask-Admin carries no types.
    """Finds rows of one class among those that a condition lets through.

    The condition is asked in each request, so that it may depend on who asks.
    """

    def __init__(self, name: str, model: type[Base], condition: Condition) -> None:
        """Take the name under which the page asks, the class, and the condition."""
        super().__init__(name, {})
        self.model = model
        self._condition = condition

    def hint(self) -> str:
        """Return by what a row is found, in words."""
        labels = [str(field.label) for field, _column in _short_texts(self.model)]
        *first, last = labels
        return _(" or ").join([_(", ").join(first), last]) if first else last

    def allowed(self) -> ColumnElement[bool]:
        """Return the condition of the rows that may be named in this request."""
        return self._condition()

    def format(self, model: Base | None) -> tuple[int, str] | None:
        """Return the id and the shown text of a row."""
        return None if model is None else (row_id(model), described(model))

    def get_one(self, pk: Any) -> Base | None:
        """Return the row of this id, if it may be named."""
        row_id = read_id(pk)
        if row_id is None:
            return None
        statement = self._select().where(_attribute(self.model, "id") == row_id)
        return db.session.scalars(statement).one_or_none()

    def named(self, code: str) -> Base | None:
        """Return the row of this code, if it may be named."""
        statement = self._select().where(_attribute(self.model, "code") == code)
        return db.session.scalars(statement).one_or_none()

    def get_list(self, query: str | None, offset: int | None = 0, limit: int = 10) -> list[Base]:
        """Return the rows whose name or code holds every word of the query."""
        statement = self._select()
        for word in (query or "").replace("\0", "").split()[:_MOST_WORDS]:
            found = [column.icontains(word, autoescape=True) for column in searched(self.model)]
            statement = statement.where(or_(*found))
        statement = statement.order_by(*_order(self.model))
        start = min(max(offset or 0, 0), _LAST_ROW)
        page = statement.offset(start).limit(min(max(limit, 1), _MOST))
        return list(db.session.scalars(page))

    def _select(self) -> Select[Any]:
        statement = select(self.model).where(self._condition())
        if issubclass(self.model, Record):
            statement = statement.where(self.model.voided_at.is_(None))
        return statement


class CodeLookup(Lookup):
    """Finds rows as every look-up does, and sends their codes."""

    def format(self, model: Base | None) -> tuple[str, str] | None:  # type: ignore[override]
        """Return the code and the shown text of a row."""
        return None if model is None else (str(getattr(model, "code")), described(model))  # noqa: B009 - not every class

    def get_one(self, pk: Any) -> Base | None:
        """Return the row of this code, if it may be named."""
        return self.named(str(pk))


def read_id(text: Any) -> int | None:
    """Return the id that a text is, or None when no row can have it."""
    digits = str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LARGEST_ID))):
        return None
    return int(digits) if int(digits) <= _LARGEST_ID else None


def described(row: Base) -> str:
    """Return a row's name and what tells it from others of that name."""
    match row:
        case Cadre():
            return f"{row.name} · {row.organization.name} · {row.code}"
        case Organization():
            return f"{row.name} · {row.code}"
    further = [text for text in map(str, _telling(row)) if text != name_of(row)]
    return " · ".join([name_of(row), *further])


def _telling(row: Base) -> list[object]:
    """The day and the short texts of a record."""
    kind = fact_kind(type(row))
    dates = [getattr(row, name, None) for name in reversed(kind.principal)]
    known = [day for day in dates if day is not None][:1]
    texts = (getattr(row, name, None) for name in ("title", "name", "topic", "payee"))
    return [*known, *(text for text in texts if text is not None)]


def searched(model: type[Base]) -> list[Any]:
    """Return the columns in which a row's name and code stand: its short texts."""
    return [getattr(model, column.name) for _field, column in _short_texts(model)]


def _short_texts(model: type[Base]) -> list[tuple[Field, Column[object]]]:
    return [
        (field, column)
        for field, column in field_columns(model)
        if field.max_length is not None and field.max_length <= _SHORT
    ]


def _order(model: type[Base]) -> list[Any]:
    if issubclass(model, Record):
        return [model.id.desc()]
    return [_attribute(model, "code")]


def _attribute(model: type[Base], name: str) -> Any:
    return getattr(model, name)
