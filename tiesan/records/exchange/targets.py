"""The rows that others refer to: those of the same folder and those in the database.

A row that is yet to be stored has a negative id of its own, which stands for it until then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from tiesan.people.models import Cadre, Organization
from tiesan.records.exchange.coming_back import taken_back
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.parsing import ParsedFile
from tiesan.records.kinds import table_of

# Up to so many values a query asks for them one by one; beyond that it reads the whole table.
FEW = 500


@dataclass(slots=True)
class Targets:
    """The rows of one kind that can be referred to, by code.

    ``district`` gives the id of a row's district; a row that is not known to be sound has none.
    Where not all rows are known (not ``whole``), a code that is not here may exist all the same.
    What ``comes_back`` was taken back with its import, and is brought in once more by a file.
    """

    ids: dict[str, int] = field(default_factory=dict)
    voided: set[int] = field(default_factory=set)
    comes_back: set[int] = field(default_factory=set)
    district: dict[int, int] = field(default_factory=dict)
    whole: bool = True


def narrowed(
    statement: Select[Any], column: ColumnElement[Any], wanted: Sequence[Any]
) -> Select[Any]:
    """The statement for the wanted values only, when they are few."""
    return statement.where(column.in_(wanted)) if len(wanted) <= FEW else statement


class Registry:
    """The targets of every kind that the files refer to."""

    def __init__(
        self,
        session: Session,
        files: Mapping[str, ExchangeFile],
        aliases: Mapping[str, int],
    ) -> None:
        """Take the files by the names of their kinds, and the ids of cadres by former codes."""
        self.aliases = aliases
        self._session = session
        self._files = files
        self._targets: dict[str, Targets] = {}
        self._fresh = count(-1, -1)

    def __getitem__(self, kind: str) -> Targets:
        """The targets of a kind."""
        return self._targets.setdefault(kind, Targets())

    def fresh_id(self) -> int:
        """An id for a row that is yet to be stored."""
        return next(self._fresh)

    def read(self, parsed: Iterable[ParsedFile]) -> None:
        """Find every row that one of the files refers to or brings."""
        wanted = _codes_by_kind(parsed)
        for kind, codes in wanted.items():
            self._read_stored(self._files[kind], codes)
        for each in parsed:
            self[each.file.kind.name].whole = each.whole
            if each.file.coded:
                self._add_new(each)
                self._bring_back(each)

    def _read_stored(self, file: ExchangeFile, codes: set[str]) -> None:
        targets = self[file.kind.name]
        statement = _statement(file)
        # Which districts there are, every check of the tree wants to know whole.
        if file.model not in {Organization, Cadre}:
            statement = narrowed(statement, file.table.c.code, sorted(codes))
        for row_id, code, district_id, voided_at in self._session.execute(statement):
            targets.ids[code] = row_id
            targets.district[row_id] = district_id
            if voided_at is not None:
                targets.voided.add(row_id)
        if file.model is Cadre:
            targets.ids.update(self.aliases)

    def _add_new(self, parsed: ParsedFile) -> None:
        targets = self[parsed.file.kind.name]
        place = parsed.file.position["code"]
        for row in parsed.rows:
            code = row.values[place]
            if not isinstance(code, str):
                continue
            if code not in targets.ids:
                targets.ids[code] = self.fresh_id()
            if not row.sound:
                targets.district.pop(targets.ids[code], None)

    def _bring_back(self, parsed: ParsedFile) -> None:
        """Find which of a file's rows were taken back with the import that brought them."""
        targets, place = self[parsed.file.kind.name], parsed.file.position["code"]
        named = {targets.ids.get(code) for code in _texts(parsed, place)}
        voided = {each for each in named if each in targets.voided}
        targets.comes_back = taken_back(self._session, parsed.file, voided)
        targets.voided -= targets.comes_back


def _statement(file: ExchangeFile) -> Select[Any]:
    """Id, code, district and void of the rows of a kind."""
    columns: Any = file.table.c
    if file.model is Cadre:
        organization = table_of(Organization)
        joined = file.table.join(organization, columns.organization_id == organization.c.id)
        district = organization.c.district_id
        statement = select(columns.id, columns.code, district, columns.voided_at)
        return statement.select_from(joined)
    return select(columns.id, columns.code, columns.district_id, columns.voided_at)


def _codes_by_kind(parsed: Iterable[ParsedFile]) -> dict[str, set[str]]:
    """The codes that files refer to, and those of the rows that they bring."""
    wanted: dict[str, set[str]] = {}
    for each in parsed:
        places = list(each.file.references)
        if each.file.coded:
            places.append((each.file.position["code"], each.file.kind.name))
        for place, kind in places:
            codes = wanted.setdefault(kind, set())
            codes.update(_texts(each, place))
    return wanted


def _texts(parsed: ParsedFile, place: int) -> Iterator[str]:
    for row in parsed.rows:
        value = row.values[place]
        if isinstance(value, str):
            yield value
