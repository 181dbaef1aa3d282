"""What storing a file would do: which rows are new, which change, and what is wrong with them.

Nothing is written here. A planned row has the values of the table's columns: references are ids,
those of rows yet to be stored negative.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from tiesan.columns import RowCheck
from tiesan.i18n import _
from tiesan.records.exchange.coming_back import taken_back
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.parsing import ParsedFile, Row
from tiesan.records.exchange.problems import shown
from tiesan.records.exchange.targets import Registry, narrowed

Values = list[Any]


@dataclass(slots=True)
class Stored:
    """A row in the database."""

    id: int
    values: tuple[Any, ...]
    district_id: int | None
    voided: bool


@dataclass(slots=True)
class Planned:
    """A row as it is to be stored; ``before`` is the row that it changes, None for a new one.

    A new one with the id of a stored row brings that one back.
    """

    id: int
    values: Values
    row: Row
    before: Stored | None = None
    district_id: int | None = None


@dataclass(slots=True)
class Plan:
    """What storing one file would do."""

    parsed: ParsedFile
    added: list[Planned] = field(default_factory=list)
    changed: list[Planned] = field(default_factory=list)
    same: list[int] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """How many rows are as they were."""
        return len(self.same)

    @property
    def file(self) -> ExchangeFile:
        """The file whose rows these are."""
        return self.parsed.file

    def keep(self, planned: Planned) -> None:
        """Put a row where it belongs: new, changed or as it was."""
        if planned.before is None:
            self.added.append(planned)
        elif tuple(planned.values) != planned.before.values:
            self.changed.append(planned)
        else:
            self.same.append(planned.id)


class _UnreadableError(Exception):
    """A check asked for a field that is wrong, so that it has nothing to say."""


class _Readable(dict[str, Any]):
    """The values of a row by field; those that are wrong cannot be read."""

    wrong: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        if name in self.wrong:
            raise _UnreadableError(name)
        return super().__getitem__(name)


class Planner:
    """Plans the rows of one file, one by one."""

    def __init__(self, session: Session, registry: Registry, parsed: ParsedFile) -> None:
        """Read the rows in the database that the file may change."""
        self.parsed = parsed
        self.file = parsed.file
        self._registry = registry
        self._names = [each.name for each in self.file.fields]
        self._references = [(place, registry[kind]) for place, kind in self.file.references]
        self._absent = [i for i, there in enumerate(parsed.header.present) if not there]
        self._defaults = [
            (i, each) for i, each in enumerate(self.file.defaults) if each is not None
        ]
        clocks = self.file.clocks.items()
        self._next_days = {
            self.file.position[clock.next_day]: at for at, clock in clocks if clock.next_day
        }
        self._live: dict[tuple[Any, ...], Stored] = {}
        self._voided: dict[tuple[Any, ...], list[Stored]] = {}
        self._read_stored(session)
        self._coming_back = self._taken_back(session)

    def _taken_back(self, session: Session) -> set[int]:
        """The voided rows that a file may bring again: they went with the import of theirs."""
        if self.file.coded:
            return self._registry[self.file.kind.name].comes_back
        voided = {each.id for twins in self._voided.values() for each in twins}
        return taken_back(session, self.file, voided)

    def _read_stored(self, session: Session) -> None:
        identity = self.file.identity
        # An organization or cadre has its district by way of the tree.
        known = self._registry[self.file.kind.name].district
        for row_id, district_id, voided_at, *values in session.execute(self._statement()):
            district = district_id or known.get(row_id)
            stored = Stored(row_id, tuple(values), district, voided_at is not None)
            key = tuple([values[place] for place in identity])
            if stored.voided:
                self._voided.setdefault(key, []).append(stored)
            else:
                self._live[key] = stored

    def _statement(self) -> Select[Any]:
        """The rows that have the first part of the identity of one of the file's rows."""
        columns = self.file.table.c
        bookkeeping: tuple[Any, Any] = (null(), null())
        if self.file.is_record:
            bookkeeping = (columns.district_id, columns.voided_at)
        elif self.file.can_be_voided:
            bookkeeping = (null(), columns.voided_at)
        place = self.file.identity[0]
        wanted = {self._resolved(place, row.values[place]) for row in self.parsed.rows} - {None}
        statement: Select[Any] = select(columns.id, *bookkeeping, *self.file.columns)
        return narrowed(statement, self.file.columns[place], list(wanted))

    def _resolved(self, place: int, value: Any) -> Any:
        for reference, targets in self._references:
            if reference == place:
                return targets.ids.get(value)
        return value

    def plan_rows(self) -> list[Planned]:
        """Plan every sound row of the file, and note what else is wrong with the others."""
        planned = [self._plan(row) for row in self.parsed.rows]
        return [each for each in planned if each is not None and each.row.sound]

    def _plan(self, row: Row) -> Planned | None:
        """Plan one row; what is wrong with it is noted, and None when it cannot be planned."""
        values: Values = list(row.values)
        voided_targets = self._resolve(row, values)
        if not row.sound:
            # What the file leaves alone is not known here.
            row.wrong |= {self._names[place] for place in self._absent}
            self._check(row, values)
            return None
        for place, default in self._defaults:
            if values[place] is None:
                values[place] = default
        key = tuple([values[place] for place in self.file.identity])
        before = self._live.get(key)
        if before is None and self._voided:
            before = self._voided_twin(row, key, values)
        if before is not None:
            self._leave_alone(values, before)
        same = before is not None and tuple(values) == before.values
        if voided_targets and not same:
            self._blame_voided(row, voided_targets)
        self._check(row, values)
        return Planned(self._id(row, before), values, row, before)

    def _leave_alone(self, values: Values, before: Stored) -> None:
        """Take what the file does not say from the stored row.

        That a time is one of the next day goes with the time: it stays only where the time does.
        """
        for place in self._absent:
            time_at = self._next_days.get(place)
            same = time_at is None or values[time_at] == before.values[time_at]
            if same and not values[place]:
                values[place] = before.values[place]

    def _resolve(self, row: Row, values: Values) -> list[int]:
        """Put ids for codes; returns the places of references to voided rows."""
        found = []
        for place, targets in self._references:
            code = values[place]
            if code is None:
                continue
            target = values[place] = targets.ids.get(code)
            if target is None:
                self._blame_unknown(row, place, whole=targets.whole)
            elif target in targets.voided:
                found.append(place)
        return found

    def _blame_unknown(self, row: Row, place: int, *, whole: bool) -> None:
        """Note a reference to nothing; where the file of its kind is unreadable, that says it."""
        if not whole:
            row.sound = False
            row.wrong |= {self._names[place]}
            return
        text = _("there is no such row, neither in the files nor in the database: %(found)s")
        self.parsed.blame(row, self._names[place], text % {"found": shown(row.values[place])})

    def _voided_twin(self, row: Row, key: tuple[Any, ...], values: Values) -> Stored | None:
        """A voided row that says the same, so that an old file does not bring it back.

        A row with a code that says something else is a problem: codes are not given twice.
        """
        twins = self._voided.get(key, [])
        if any(twin.id in self._coming_back for twin in twins):
            return None
        for twin in twins:
            merged = list(values)
            for place in self._absent:
                merged[place] = twin.values[place]
            if tuple(merged) == twin.values:
                return twin
        if twins and self.file.coded:
            text = _("the row of this code was voided; give the new row another code")
            self.parsed.blame(row, "code", text)
        return None

    def _blame_voided(self, row: Row, places: Sequence[int]) -> None:
        for place in places:
            text = _("the row was voided: %(found)s", found=shown(row.values[place]))
            self.parsed.blame(row, self._names[place], text)

    def _check(self, row: Row, values: Values) -> None:
        if not self.file.checks:
            return
        by_name = _Readable(zip(self._names, values, strict=True))
        by_name.wrong = row.wrong
        for check in self.file.checks:
            try:
                broken = check.broken(by_name)
            except _UnreadableError:
                continue
            if broken:
                text = self._broken(row, values, check)
                self.parsed.blame(row, check.field, text)

    def _broken(self, row: Row, values: Values, check: RowCheck) -> str:
        """What is wrong and what was found: in the file or, where it has no such column, stored."""
        message, place = check.message, self.file.position[check.field]
        stored = place in self._absent and not self.file.fields[place].to
        found = values[place] if stored else row.values[place]
        if found is None:
            return str(message)
        return _("%(wrong)s; found: %(found)s", wrong=message, found=shown(found))

    def _id(self, row: Row, before: Stored | None) -> int:
        if before is not None:
            return before.id
        if self.file.coded:
            code = row.values[self.file.position["code"]]
            return self._registry[self.file.kind.name].ids[str(code)]
        return self._registry.fresh_id()


def settle_districts(planned: Iterable[Planned], plan: Plan, registry: Registry) -> None:
    """Find the district of every planned row, and refuse rows that would change theirs.

    A row whose target's district is not known, because the target is wrong, is left alone.
    """
    places = [plan.file.position[name] for name in plan.file.kind.belongs_to]
    kinds = dict(plan.file.references)
    own = registry[plan.file.kind.name] if plan.file.coded else None
    for each in planned:
        place = next((p for p in places if each.values[p] is not None), None)
        if place is not None:
            each.district_id = registry[kinds[place]].district.get(each.values[place])
        earlier = None if own is None else own.district.get(each.id)
        if own is not None and each.district_id is not None:
            own.district[each.id] = each.district_id
        refuse_another_district(each, plan.parsed, earlier)


def refuse_another_district(
    planned: Planned, parsed: ParsedFile, earlier: int | None = None
) -> None:
    """Note a row in the database that the file would carry off to another district.

    One that comes back belongs to the ``earlier`` district.
    """
    district_id = earlier if planned.before is None else planned.before.district_id
    if district_id is None or planned.district_id is None:
        return
    if district_id != planned.district_id:
        column = parsed.file.kind.identity[0]
        found = planned.row.values[parsed.file.position[column]]
        text = _("this is a row of another district; found: %(found)s", found=shown(found))
        parsed.blame(planned.row, column, text)
