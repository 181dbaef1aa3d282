"""What a person is not told of: confidential rows, what rests on them, and what rests on that.

A confidential flag that was made a case makes the case one, and with it what was entered beside it
or refers to it, flags that rest on these, and notices of such flags.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from tiesan.extensions import Base
from tiesan.flags.catalog import Catalog
from tiesan.flags.follow_up import NOTICE, EscalatedFlag, Notice, NoticeFinding
from tiesan.flags.models import EvidenceLink, Flag, FlagRevision
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.kinds import field_columns, table_of
from tiesan.rules import FLAG, Level, Rule

_FLAG, _LINK, _CASE = table_of(Flag), table_of(EvidenceLink), table_of(EscalatedFlag)
_REVISION, _CADRE, _PLACE = table_of(FlagRevision), table_of(Cadre), table_of(Organization)
_NOTICE, _FINDING = table_of(Notice), table_of(NoticeFinding)
_CORRECTION = table_of(CorrectionRequest)
# Databases limit the number of values in one statement.
_AT_ONCE = 500


def among(column: ColumnElement[Any], ids: Collection[int]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that a column is one of many ids, some at a time."""
    listed = sorted(ids)
    for start in range(0, len(listed), _AT_ONCE):
        yield column.in_(listed[start : start + _AT_ONCE])


class Secret:
    """The rows of an installation that nobody whom they concern is told of, by kind."""

    def __init__(self, session: Session, catalog: Catalog) -> None:
        """Look for them in the database as the session sees it."""
        self._session, self._catalog = session, catalog
        self.kinds = catalog.plugins.confidential
        self._rows: dict[str, set[int]] = defaultdict(set)
        self._rows[FLAG.name] = set(session.scalars(select(_FLAG.c.id).where(_FLAG.c.confidential)))
        for kind in self.kinds:
            self._rows[kind] = set(session.scalars(select(_ids(catalog.records[kind]))))
        # Each round finds what rests on the round before; the last finds nothing more.
        while any([*self._cases(), *self._referring(), *self._resting(), self._counting()]):
            pass
        self._rows[NOTICE] = self._notices()
        self._rows[CORRECTION] = self._corrections()

    def hides(self, kind: str | None, row_id: int | None) -> bool:
        """Whether a row is one of them; of a confidential kind every row is."""
        if kind is None:
            return False
        return kind in self.kinds or row_id in self._rows.get(kind, ())

    def hidden(self, kind: str) -> frozenset[int]:
        """Return the ids of those of a kind."""
        return frozenset(self._rows.get(kind, ()))

    def _add(self, kind: str, found: Iterable[int]) -> bool:
        """Add rows of a kind; whether any is new."""
        new = set(found) - self._rows[kind]
        self._rows[kind] |= new
        return bool(new)

    def _scalars(self, statement: Select[Any], column: Any, ids: Collection[int]) -> set[int]:
        found: set[int] = set()
        for some in among(column, ids):
            found.update(self._session.scalars(statement.where(some)))
        return found

    def _cases(self) -> Iterator[bool]:
        """Cases that such flags were made, and what was entered in the same moment with them."""
        flags = self._rows[FLAG.name]
        cases: dict[str, set[int]] = defaultdict(set)
        for some in among(_CASE.c.flag_id, flags):
            for kind, row_id in self._session.execute(
                select(_CASE.c.kind, _CASE.c.row_id).where(some)
            ):
                cases[kind].add(row_id)
        for kind, ids in sorted(cases.items()):
            yield self._add(kind, ids)
            model = self._catalog.records.get(kind)
            for target, found in () if model is None else self._beside(model, ids):
                yield self._add(target, found)

    def _beside(self, model: type[Record], ids: Collection[int]) -> Iterator[tuple[str, set[int]]]:
        """What cases refer to and what was entered in the same moment as they were."""
        own = table_of(model)
        for name, column, target in _references(model, self._catalog.records):
            other = table_of(target).alias()
            joined = own.join(other, own.c[column] == other.c.id)
            same = select(other.c.id).select_from(joined)
            same = same.where(other.c.recorded_at == own.c.recorded_at)
            yield name, self._scalars(same, own.c.id, ids)

    def _referring(self) -> Iterator[bool]:
        """Records that refer to such records."""
        for kind, model in self._catalog.records.items():
            table = table_of(model)
            for target, column, _class in _references(model, self._catalog.records):
                found = self._scalars(select(table.c.id), table.c[column], self._rows[target])
                yield self._add(kind, found)

    def _resting(self) -> Iterator[bool]:
        """Flags whose evidence rests, or has rested, on such records."""
        for kind in sorted(self._rows.keys() - {FLAG.name}):
            of_kind = select(_LINK.c.flag_id).where(_LINK.c.kind == kind)
            found = self._scalars(of_kind, _LINK.c.row_id, self._rows[kind])
            yield self._add(FLAG.name, found)

    def _counting(self) -> bool:
        """Flags of rules over flags whose evidence, as it was frozen, names such a flag."""
        rules = [each for each, rule in self._catalog.rules.items() if _reads_flags(rule)]
        frozen = select(_REVISION.c.flag_id, _REVISION.c.evidence)
        frozen = frozen.join(_FLAG, _FLAG.c.id == _REVISION.c.flag_id)
        named = self._named()
        found = {
            flag_id
            for flag_id, evidence in self._session.execute(frozen.where(_FLAG.c.rule.in_(rules)))
            if any(_identity(fact) in named for fact in evidence if fact["fact"] == FLAG.name)
        }
        return self._add(FLAG.name, found)

    def _named(self) -> set[tuple[Any, ...]]:
        """By what evidence names such flags."""
        of = _FLAG.outerjoin(_CADRE, _CADRE.c.id == _FLAG.c.cadre_id)
        of = of.outerjoin(_PLACE, _PLACE.c.id == _FLAG.c.organization_id)
        columns = (_FLAG.c.rule, _CADRE.c.code, _PLACE.c.code, _FLAG.c.key)
        return {
            tuple(row)
            for some in among(_FLAG.c.id, self._rows[FLAG.name])
            for row in self._session.execute(select(*columns).select_from(of).where(some))
        }

    def _notices(self) -> set[int]:
        named = select(_FINDING.c.notice_id)
        found = self._scalars(named, _FINDING.c.flag_id, self._rows[FLAG.name])
        secret = select(_NOTICE.c.id).where(_NOTICE.c.confidential)
        return found | set(self._session.scalars(secret))

    def _corrections(self) -> set[int]:
        found: set[int] = set()
        for kind, ids in self._rows.items():
            of_kind = select(_CORRECTION.c.id).where(_CORRECTION.c.kind == kind)
            found |= self._scalars(of_kind, _CORRECTION.c.row_id, ids)
        return found


def _reads_flags(rule: Rule) -> bool:
    return rule.level is not Level.RECORDS


def _identity(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what a fact that is a flag names it; a part that is left out is blank."""
    return tuple(fact.get(name) for name in ("rule", "cadre", "organization", "key"))


def _ids(model: type[Base]) -> ColumnElement[int]:
    return table_of(model).c.id


def _references(
    model: type[Record], records: Mapping[str, type[Record]]
) -> Iterator[tuple[str, str, type[Record]]]:
    """The references of a class to other records: their kind, the column, and their class."""
    for field, column in field_columns(model):
        target = records.get(field.to or "")
        if target is not None:
            yield str(field.to), column.name, target


def owner_of(model: type[Base]) -> list[tuple[str, type[Base]]]:
    """The references by which rows of a class belong to somebody, with the classes they name."""
    names: tuple[str, ...] = getattr(model, "record_kind").belongs_to  # noqa: B009
    return [(f"{name}_id", getattr(model, name).property.mapper.class_) for name in names]


def any_of(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool] | None:
    """One of these holds; None where there is none."""
    found = list(conditions)
    return or_(*found) if found else None
