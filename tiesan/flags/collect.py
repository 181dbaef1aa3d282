"""Stored rows as facts: one query per kind and scope, references as codes, voided rows left out."""

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from tiesan.extensions import Base
from tiesan.facts.kinds import Fact, FieldType
from tiesan.flags.catalog import Catalog
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.base import Record
from tiesan.records.kinds import core_classes, fact_kind, field_columns, table_of

# The condition that a row (its columns, and its class) is in a scope.
_Within: TypeAlias = Callable[[Any, type[Base]], ColumnElement[bool]]

_BATCH = 5_000
# Databases limit the number of values in one statement; this many codes are asked for at a time.
_CODES = 500


@dataclass(frozen=True)
class Scope:
    """What an evaluation is about: a whole district, or some subjects of it.

    ``district`` is its code; ``cadres`` and ``organizations`` are codes, both None for everybody.
    """

    district_id: int
    district: str
    cadres: frozenset[str] | None = None
    organizations: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Whether the scope is the whole district."""
        return self.cadres is None and self.organizations is None

    @property
    def subjects(self) -> Mapping[str, frozenset[str]] | None:
        """The codes of the subjects by kind; None for everybody."""
        if self.whole:
            return None
        return {
            "cadre": self.cadres or frozenset(),
            "organization": self.organizations or frozenset(),
        }


@dataclass(frozen=True)
class Wanted:
    """Which rows of a kind are wanted, where not all are: it is enough that one of these holds.

    ``since`` are fields with the day from which on they count; ``unfilled`` are fields with the day
    by the end of which they are not filled.
    """

    since: tuple[tuple[str, date], ...] = ()
    unfilled: tuple[tuple[str, date], ...] = ()

    def condition(self, model: type[Record]) -> ColumnElement[bool]:
        """The condition of these rows."""
        columns = {field.name: column for field, column in field_columns(model)}
        return or_(
            false(),
            *(columns[name] >= day for name, day in self.since),
            *(columns[name].is_(None) for name, _day in self.unfilled),
            *(columns[name] > day for name, day in self.unfilled),
        )


class Collector:
    """Reads the rows of one scope as facts with stored fields only."""

    def __init__(
        self, session: Session, catalog: Catalog, scope: Scope, *, everybody: bool = True
    ) -> None:
        """Take the session to read with, the installation, and the scope.

        Unless ``everybody`` is wanted, of people only those in scope are read and those whom rows
        name; a scope that is a whole district always wants everybody.
        """
        self._session, self._catalog, self._scope = session, catalog, scope
        self._everybody = everybody or scope.whole

    def rows(self, kinds: Iterable[str]) -> dict[str, list[Fact]]:
        """The rows of these kinds, and of the core's kinds, by kind.

        Rows of other districts that concern somebody in scope are read too (a case against a cadre
        elsewhere pursues a mistake here), and those that others refer to, so that a path over a
        reference finds the same in every scope.
        """
        return self.with_records(self.people(), kinds)

    def people(self) -> dict[str, list[Fact]]:
        """The rows of the core's kinds by kind: of everybody, or of those in scope."""
        if not self._everybody:
            return self._people_named({})
        return {fact_kind(model).name: self._all(model) for model in core_classes()}

    def with_records(
        self,
        people: dict[str, list[Fact]],
        kinds: Iterable[str],
        wanted: Mapping[str, Wanted] = MappingProxyType({}),
    ) -> dict[str, list[Fact]]:
        """The same as ``rows`` beside those of people; of some kinds only the rows ``wanted``."""
        rows: dict[str, list[Fact]] = {}
        names = [name for name in kinds if name in self._catalog.records]
        for name in names:
            rows[name] = self._concerning(self._catalog.records[name], wanted.get(name))
        # A path may cross two references, and what the first leads to names the second.
        for name in (*names, *names):
            self._add_referenced(name, rows)
        return (people if self._everybody else self._people_named(rows)) | rows

    def _all(self, model: type[Base]) -> list[Fact]:
        return list(self._read(_selection(model)))

    def _concerning(self, model: type[Record], wanted: Wanted | None = None) -> list[Fact]:
        """The rows that concern the scope, those of the district itself and others in one order."""
        statements, scope = _concerning(model, scope_is_whole=self._scope.whole), self._scope
        if wanted is not None:
            statements = tuple(each.where(wanted.condition(model)) for each in statements)
        asked = {
            "district": scope.district_id,
            "cadres": sorted(scope.cadres or ()),
            "organizations": sorted(scope.organizations or ()),
        }
        if len(statements) == 1:
            return list(self._read(statements[0], asked))
        parts = [self._read(each, asked) for each in statements]
        return [row[:-1] for row in heapq.merge(*map(list, parts), key=itemgetter(-1))]

    def _read(
        self, statement: Select[Any], asked: Mapping[str, object] | None = None
    ) -> Iterator[Fact]:
        for partition in self._session.execute(statement, asked).partitions():
            yield from map(tuple, partition)

    def _add_referenced(self, name: str, rows: dict[str, list[Fact]]) -> None:
        kind = self._catalog.kinds[name]
        for position, field in enumerate(kind.fields):
            if field.to is None or field.derived or field.to not in self._catalog.records:
                continue
            known = rows.setdefault(field.to, [])
            at = self._catalog.kinds[field.to].index["code"]
            missing = {str(row[position]) for row in rows[name] if row[position] is not None}
            missing -= {str(row[at]) for row in known}
            known.extend(self._by_code(self._catalog.records[field.to], sorted(missing)))

    def _by_code(self, model: type[Record], codes: list[str]) -> Iterator[Fact]:
        table = table_of(model)
        for start in range(0, len(codes), _CODES):
            some = table.c.code.in_(codes[start : start + _CODES])
            yield from self._read(_selection(model).where(some, table.c.voided_at.is_(None)))

    # --- people, where not everybody is wanted ----------------------------------------------------

    def _people_named(self, rows: Mapping[str, list[Fact]]) -> dict[str, list[Fact]]:
        """The cadres in scope and those whom rows name, their postings, and their organizations.

        Of the scope's own district all organizations are read, of others those that are named and
        whatever stands above them: a path over a reference ends where it does for everybody.
        """
        codes: dict[str, set[str]] = {name: set() for name in _PLACED}
        codes["cadre"] |= self._scope.cadres or frozenset()
        codes["organization"] |= self._scope.organizations or frozenset()
        for name in rows:
            self._add_codes(name, rows[name], codes)
        cadres = self._of_codes(_some_cadres(), codes["cadre"])
        self._add_codes("cadre", cadres, codes)
        postings = self._of_codes(_some_postings(), codes["cadre"])
        self._add_codes("posting", postings, codes)
        organizations = self._organizations(codes["organization"])
        return {"organization": organizations, "cadre": cadres, "posting": postings}

    def _add_codes(self, name: str, rows: Iterable[Fact], codes: Mapping[str, set[str]]) -> None:
        """Add which cadres and organizations rows of a kind name."""
        stored = (field for field in self._catalog.kinds[name].fields if not field.derived)
        for position, field in enumerate(stored):
            if field.to is not None and field.to in codes:
                found = (row[position] for row in rows)
                codes[field.to].update(str(code) for code in found if code is not None)

    def _organizations(self, codes: set[str]) -> list[Fact]:
        """Those of the district, those of these codes, and all above them."""
        kind = self._catalog.kinds["organization"].index
        asked = {"district": self._scope.district_id}
        found = {row[kind["code"]]: row for row in self._read(_organizations_there(), asked)}
        missing = codes - found.keys()
        while missing:
            read = self._of_codes(_some_organizations(), missing)
            found |= {row[kind["code"]]: row for row in read}
            missing = {str(row[kind["parent"]]) for row in read if row[kind["parent"]] is not None}
            missing -= found.keys()
        return list(found.values())

    def _of_codes(self, statement: Select[Any], codes: Iterable[str]) -> list[Fact]:
        wanted, found = sorted(codes), list[Fact]()
        for start in range(0, len(wanted), _CODES):
            found.extend(self._read(statement, {"codes": wanted[start : start + _CODES]}))
        return found


def facts_concerning(
    session: Session, model: type[Record], cadres: Collection[str]
) -> Iterator[Fact]:
    """The rows of a class that concern some cadres, by code, as facts with stored fields only."""
    codes = sorted(cadres)
    for start in range(0, len(codes), _CODES):
        asked = {"cadres": codes[start : start + _CODES], "organizations": []}
        for statement in _concerning(model, scope_is_whole=False):
            for partition in session.execute(statement, asked).partitions():
                yield from map(tuple, partition)


# Statements are made once for each class: to make one takes longer than to carry it out for a few
# subjects. The scope is what they are given.
_DISTRICT: BindParameter[int] = bindparam("district", type_=Integer())
_CADRES: BindParameter[Any] = bindparam("cadres", expanding=True)
_ORGANIZATIONS: BindParameter[Any] = bindparam("organizations", expanding=True)
_NAMED: BindParameter[Any] = bindparam("codes", expanding=True)
# The kinds of those whom rows name.
_PLACED = ("organization", "cadre")
_PEOPLE = (Organization, Cadre)


@cache
def _some_cadres() -> Select[Any]:
    return _selection(Cadre).where(table_of(Cadre).c.code.in_(_NAMED))


@cache
def _some_organizations() -> Select[Any]:
    return _selection(Organization).where(table_of(Organization).c.code.in_(_NAMED))


@cache
def _organizations_there() -> Select[Any]:
    return _selection(Organization).where(table_of(Organization).c.district_id == _DISTRICT)


@cache
def _some_postings() -> Select[Any]:
    cadre = table_of(Cadre)
    chosen = select(cadre.c.id).where(cadre.c.code.in_(_NAMED))
    return _selection(Posting).where(table_of(Posting).c.cadre_id.in_(chosen))


@cache
def _concerning(model: type[Record], *, scope_is_whole: bool) -> tuple[Select[Any], ...]:
    """The rows that concern a scope: one statement, or that of its own rows and that of others.

    Where there are two, the id is the last column of both.
    """
    conditions = _conditions(model, scope_is_whole=scope_is_whole)
    if len(conditions) == 1:
        return (_selection(model).where(conditions[0]),)
    numbered = _selection(model).add_columns(table_of(model).c.id)
    return tuple(numbered.where(each) for each in conditions)


def _conditions(model: type[Record], *, scope_is_whole: bool) -> list[ColumnElement[bool]]:
    table = table_of(model)
    alive = table.c.voided_at.is_(None)
    if not scope_is_whole:
        found = [_concerned(model, path, within=_among) for path in model.concerns]
        return [and_(alive, or_(false(), *found))]
    own = and_(alive, table.c.district_id == _DISTRICT)
    paths = _paths_abroad(model)
    if not paths:
        return [own]
    elsewhere = and_(alive, table.c.district_id != _DISTRICT)
    abroad = or_(*(_concerned(model, path, within=_in_district) for path in paths))
    return [own, and_(elsewhere, abroad)]


@cache
def _selection(model: type[Base]) -> Select[Any]:
    """The fields of a class in declared order, each reference as the code of its row.

    The rows come in the order in which they were stored, so that two evaluations of the same
    database read the same sequence.
    """
    table = table_of(model)
    source: FromClause = table
    columns: list[ColumnElement[Any]] = []
    for field, column in field_columns(model):
        if field.type is FieldType.REFERENCE:
            target = next(iter(column.foreign_keys)).column.table.alias()
            source = source.outerjoin(target, column == target.c.id)
            columns.append(target.c.code)
        else:
            columns.append(column)
    statement = select(*columns).select_from(source).order_by(table.c.id)
    if model in _PEOPLE:
        # An import that is undone leaves them behind.
        statement = statement.where(table.c.voided_at.is_(None))
    return statement.execution_options(yield_per=_BATCH)


def _paths_abroad(model: type[Record]) -> list[str]:
    """The paths to whom a row concerns that may lead to another district than the row's own."""
    belongs_to = model.record_kind.belongs_to
    if len(belongs_to) > 1:
        return list(model.concerns)
    return [path for path in model.concerns if path.split(".")[0] not in belongs_to]


def _concerned(model: type[Base], path: str, within: _Within) -> ColumnElement[bool]:
    """The condition that the row at the end of a path of relationships is in a scope.

    Each step is a set of ids that does not depend on the row, so that indexes of the row are used.
    """
    name, *rest = path.split(".")
    relation = getattr(model, name).property
    column: ColumnElement[Any]
    (column,) = relation.local_columns
    target: type[Base] = relation.mapper.class_
    if rest:
        inner = _concerned(target, ".".join(rest), within)
        return column.in_(select(table_of(target).c.id).where(inner))
    other = table_of(target).alias()
    return column.in_(select(other.c.id).where(within(other.c, target)))


def _among(other: Any, target: type[Base]) -> ColumnElement[bool]:
    """The condition that an organization or a cadre (by its columns) is one of some subjects."""
    codes = _ORGANIZATIONS if target is Organization else _CADRES
    found: ColumnElement[bool] = other.code.in_(codes)
    return found


def _in_district(other: Any, target: type[Base]) -> ColumnElement[bool]:
    """The condition that an organization or a cadre (by its columns) is in a district."""
    within: ColumnElement[bool]
    if target is Organization:
        within = other.district_id == _DISTRICT
    else:
        posted = table_of(Organization).alias()
        there = select(posted.c.id).where(posted.c.district_id == _DISTRICT)
        within = other.organization_id.in_(there)
    return within


def district_subjects(
    catalog: Catalog, rows: Mapping[str, list[Fact]], district: str
) -> Mapping[str, frozenset[str]]:
    """The codes of a district's organizations and of the cadres posted to them."""
    organization, cadre = catalog.kinds["organization"], catalog.kinds["cadre"]
    code, parent = organization.index["code"], organization.index["parent"]
    parents = {row[code]: row[parent] for row in rows["organization"]}
    inside = frozenset(str(each) for each in parents if _root(each, parents) == district)
    code, posted = cadre.index["code"], cadre.index["organization"]
    cadres = frozenset(str(row[code]) for row in rows["cadre"] if row[posted] in inside)
    return {"organization": inside, "cadre": cadres}


def _root(code: Any, parents: Mapping[Any, Any]) -> Any:
    while parents.get(code) is not None:
        code = parents[code]
    return code
