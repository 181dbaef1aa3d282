"""What an import wrote, row by row, so that it can be undone.

A new row is kept with the mark of what it says, a changed one with what it said before as well. The
postings of a person are one thing, however many rows they are: they are kept under the person.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.people.models import Posting
from tiesan.people.postings import Span
from tiesan.records.exchange.checking import Planning
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.marks import mark_of, marked_columns
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.progress import Progress
from tiesan.records.exchange.storing import Storing
from tiesan.records.imports.models import ImportRow
from tiesan.records.kinds import record_kind, table_of

POSTINGS = record_kind(Posting).name
SPANS, MARK = "spans", "mark"
_PIECE = 2_000
_FEW = 400


@dataclass(slots=True)
class Keeping:
    """Stores what is planned and keeps what was written; ``known`` gives the ids of new rows."""

    session: Session
    actor: Actor
    at: datetime
    known: Callable[[int], int] = lambda planned_id: planned_id
    _newest: dict[str, int] = field(default_factory=dict)

    def store(self, planning: Planning, progress: Progress) -> None:
        """Store what is planned; the caller commits, or takes it back."""
        for plan in planning.plans:
            newest = select(func.max(plan.file.table.c.id))
            self._newest[plan.file.stem] = self.session.scalar(newest) or 0
        storing = Storing(self.session, self.actor, self.at, progress)
        storing.store(planning.plans, planning.postings)
        self.known = storing.known

    def keep(self, planning: Planning, import_id: int) -> None:
        """Keep what was stored as what an import wrote."""
        for plan in planning.plans:
            if plan.file.model is not Posting:
                self._keep_changed(plan, import_id)
                self._keep_new(plan, import_id)
        self._keep_postings(planning, import_id)

    def written(self, plan: Plan) -> Iterator[list[int]]:
        """The ids of the rows of a file that were written, in pieces."""
        yield [each.id for each in (*plan.changed, *plan.added) if each.id > 0]
        yield from self._new_ids(plan)

    def _keep_changed(self, plan: Plan, import_id: int) -> None:
        befores = {each.id: _before(plan.file, each) for each in plan.changed}
        self._keep(plan.file, import_id, befores)

    def _keep_new(self, plan: Plan, import_id: int) -> None:
        back = [each.id for each in plan.added if each.id > 0]
        self._keep(plan.file, import_id, dict.fromkeys(back))
        for some in self._new_ids(plan):
            self._keep(plan.file, import_id, dict.fromkeys(some))

    def _new_ids(self, plan: Plan) -> Iterator[list[int]]:
        """The ids that new rows were given, in pieces: the newest of their table that are ours."""
        if all(each.id > 0 for each in plan.added):
            return
        table, last = plan.file.table, self._newest[plan.file.stem]
        is_ours = self._is_ours(plan)
        columns = [plan.file.columns[place] for place in plan.file.identity]
        while True:
            statement = select(table.c.id, *columns).where(table.c.id > last)
            if plan.file.is_record:
                statement = statement.where(table.c.recorded_at == self.at)
            found = self.session.execute(statement.order_by(table.c.id).limit(_PIECE)).all()
            if not found:
                return
            last = found[-1].id
            yield [row_id for row_id, *key in found if is_ours(tuple(key))]

    def _is_ours(self, plan: Plan) -> Callable[[tuple[Any, ...]], bool]:
        """Of rows that do not say when they were written, ours are those that the files name."""
        if plan.file.is_record:
            return lambda _key: True
        places, references = plan.file.identity, {place for place, _kind in plan.file.references}
        keys = {
            tuple(
                self.known(each.values[at]) if at in references else each.values[at]
                for at in places
            )
            for each in plan.added
        }
        return lambda key: key in keys

    def _keep(
        self, file: ExchangeFile, import_id: int, befores: Mapping[int, dict[str, Any] | None]
    ) -> None:
        ids = list(befores)
        for start in range(0, len(ids), _FEW):
            columns = marked_columns(file)
            some = columns[0].in_(ids[start : start + _FEW])
            rows = [
                _row(import_id, file.kind.name, row_id, befores[row_id], mark_of(values))
                for row_id, *values in self.session.execute(select(*columns).where(some))
            ]
            self.session.execute(insert(table_of(ImportRow)), rows)

    def _keep_postings(self, planning: Planning, import_id: int) -> None:
        """Keep the postings of everybody whose own row or postings were brought."""
        before = {self.known(each): spans for each, spans in planning.postings.every_before()}
        after = read_spans(self.session, before)
        rows = [
            _row(
                import_id,
                POSTINGS,
                cadre_id,
                {SPANS: plain_spans(spans)},
                mark_of(plain_spans(after[cadre_id])),
            )
            for cadre_id, spans in before.items()
            if plain_spans(spans) != plain_spans(after[cadre_id])
        ]
        for start in range(0, len(rows), _PIECE):
            self.session.execute(insert(table_of(ImportRow)), rows[start : start + _PIECE])


def _row(
    import_id: int, kind: str, row_id: int, before: dict[str, Any] | None, mark: str
) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "kind": kind,
        "row_id": row_id,
        "before": before,
        "after": {MARK: mark},
    }


def _before(file: ExchangeFile, planned: Planned) -> dict[str, Any]:
    values = () if planned.before is None else planned.before.values
    names = [column.name for column in file.columns]
    return {name: plain(value) for name, value in zip(names, values, strict=True)}


def plain(value: Any) -> Any:
    """A value of a column as plain JSON."""
    return value.isoformat() if isinstance(value, date | time) else value


def plain_spans(spans: Iterable[Span]) -> list[list[Any]]:
    """Postings as plain JSON: where, from when, until when."""
    return [[each.organization_id, plain(each.from_on), plain(each.until_on)] for each in spans]


def read_spans(session: Session, cadre_ids: Iterable[int]) -> dict[int, list[Span]]:
    """The stored postings of persons, in order."""
    table, wanted = table_of(Posting), sorted(cadre_ids)
    found: dict[int, list[Span]] = {each: [] for each in wanted}
    for some in _pieces(wanted):
        statement = select(table).where(table.c.cadre_id.in_(some)).order_by(table.c.from_on)
        for row in session.execute(statement):
            span = Span(row.organization_id, row.from_on, row.until_on, row.id)
            found[row.cadre_id].append(span)
    return found


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _FEW):
        yield ids[start : start + _FEW]
