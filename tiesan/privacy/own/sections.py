"""The values of what is given to a person: sections with columns and rows, and files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from tiesan.clock import SHANGHAI
from tiesan.courses.installed import Courses
from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.catalog import Catalog
from tiesan.money import format_amount
from tiesan.people.models import Account, Cadre, Organization
from tiesan.privacy.own.secret import Secret
from tiesan.records.kinds import table_of
from tiesan.words.rows import who

Row: TypeAlias = dict[str, Any]
Titles: TypeAlias = Mapping[str, str]
_ACCOUNT, _CADRE, _PLACE = table_of(Account), table_of(Cadre), table_of(Organization)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what is kept: its name, what it is called, and its rows by named columns."""

    name: str
    title: str
    columns: Titles
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that goes with it: under which name, and the SHA-256 of the content that is kept."""

    path: str
    digest: str


@dataclass
class Own:
    """Whose data it is, as of one state of the database; ``ids`` are their rows by kind."""

    session: Session
    catalog: Catalog
    courses: Courses
    account_id: int
    cadre_id: int | None
    secret: Secret
    ids: dict[str, set[int]] = field(default_factory=dict)

    @cached_property
    def accounts(self) -> Mapping[int, str]:
        """Whom accounts stand for, by id: the cadre's name, or without one the user name."""
        named = select(_ACCOUNT.c.id, _CADRE.c.name, _ACCOUNT.c.username).select_from(
            _ACCOUNT.outerjoin(_CADRE, _CADRE.c.id == _ACCOUNT.c.cadre_id)
        )
        return {row_id: name or user for row_id, name, user in self.session.execute(named)}

    @cached_property
    def cadres(self) -> Mapping[int, str]:
        """The names of cadres by id."""
        return self._names(_CADRE, "id")

    @cached_property
    def cadre_codes(self) -> Mapping[str, str]:
        """The names of cadres by code."""
        return self._names(_CADRE, "code")

    @cached_property
    def places(self) -> Mapping[int, str]:
        """The names of organizations by id."""
        return self._names(_PLACE, "id")

    @cached_property
    def place_codes(self) -> Mapping[str, str]:
        """The names of organizations by code."""
        return self._names(_PLACE, "code")

    def _names(self, table: Table, key: str) -> Mapping[Any, str]:
        named = select(table.c[key], table.c.name)
        return {found: str(name) for found, name in self.session.execute(named)}

    def by(self, account_id: int | None, name: str = "") -> str:
        """Who did something: a person by name, or what is no account by what it is called."""
        return who(name) if account_id is None else self.accounts.get(account_id, name)

    def own(self, kind: str, ids: set[int]) -> set[int]:
        """Keep which rows of a kind are the person's own; returns them."""
        self.ids[kind] = self.ids.get(kind, set()) | ids
        return ids


Gather: TypeAlias = Callable[[Own], Iterator[Section]]


def plain(value: Any) -> Any:
    """Return a stored value as JSON has it; moments in the time of Shanghai, to the second."""
    match value:
        case datetime():
            return value.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
    return value


def of_field(own: Own, each: Field, value: Any, codes: Mapping[int, str]) -> Any:
    """Return the value of a field: references as names, choices as words, amounts in yuan.

    ``codes`` are those of the rows that a reference to a record names.
    """
    if value is None:
        return None
    if each.type is FieldType.REFERENCE:
        names = {"cadre": own.cadres, "organization": own.places}.get(str(each.to), codes)
        return names.get(value)
    if each.type is FieldType.AMOUNT:
        return format_amount(value)
    return str(each.choices[value]) if value in each.choices else plain(value)


def kept_value(own: Own, each: Field | None, value: Any) -> Any:
    """Return a value as the trail or the evidence keeps it, other persons as names."""
    if isinstance(value, list):
        return [kept_value(own, each, one) for one in value]
    if not isinstance(value, str):
        return value
    if each is None or each.to == "cadre":
        return own.cadre_codes.get(value, value)
    if each.to == "organization":
        return own.place_codes.get(value, value)
    return str(each.choices[value]) if value in each.choices else value
