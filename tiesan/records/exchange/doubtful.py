"""Remarks on rows that an import adds or changes: what they say is taken, but hardly meant.

Source: exchange.md; what is doubtful of which record is said by its class (``records.doubts``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.records.doubts import ODD_YEAR, Doubt, Overlap, odd_year, overlap
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.problems import Remark
from tiesan.records.exchange.service_planning import CADRE, Postings
from tiesan.records.exchange.targets import narrowed
from tiesan.records.settings import WORKING, CalendarException, read_exceptions

Values = Mapping[str, Any]


def doubtful_rows(session: Session, plans: Sequence[Plan], postings: Postings) -> list[Remark]:
    """The remarks on all rows that are new or changed."""
    setting = _Setting(session, plans, postings)
    return [remark for plan in plans for remark in _of_file(session, plan, setting)]


class _Setting:
    """The calendar and the postings as they will be when everything is stored."""

    def __init__(self, session: Session, plans: Iterable[Plan], postings: Postings) -> None:
        exceptions = read_exceptions(session)
        for plan in plans:
            if plan.file.model is CalendarException:
                day, kind = plan.file.position["day"], plan.file.position["kind"]
                written = _written(plan)
                exceptions |= {each.values[day]: each.values[kind] == WORKING for each in written}
        self._calendar = WorkingCalendar(exceptions)
        self._postings = postings

    def is_working_day(self, day: date) -> bool:
        """Whether a day is a working day."""
        return self._calendar.is_working_day(day)

    def in_post(self, cadre: Any, day: date) -> bool:
        """Whether a cadre, by id, is in post on a day."""
        return any(
            each.from_on <= day <= (each.until_on or date.max)
            for each in self._postings.after(cadre)
        )

    def read(self, cadre_ids: Iterable[int]) -> None:
        """Read the postings of these cadres, so that they can be asked for."""
        self._postings.load(cadre_ids)


def _written(plan: Plan) -> list[Planned]:
    return sorted((*plan.added, *plan.changed), key=lambda planned: planned.row.line)


def _of_file(session: Session, plan: Plan, setting: _Setting) -> Iterator[Remark]:
    names = [field.name for field in plan.file.fields]
    rows = [(each, dict(zip(names, each.values, strict=True))) for each in _written(plan)]
    if CADRE in names and rows:
        setting.read({values[CADRE] for _each, values in rows if values[CADRE] is not None})
    sober = []
    for each, values in rows:
        odd = [name for name, value in values.items() if odd_year(value)]
        if odd:
            yield from (
                plan.parsed.remark(each.row, name, str(ODD_YEAR), values[name]) for name in odd
            )
        else:
            # Of a day that is not meant there is nothing further to say.
            sober.append((each, values))
    for doubt in plan.file.doubts:
        if isinstance(doubt, Doubt):
            yield from _single(plan, doubt, sober, setting)
        else:
            yield from _Overlapping(session, plan, doubt).remarks(sober)


def _single(
    plan: Plan, doubt: Doubt, rows: Iterable[tuple[Planned, Values]], setting: _Setting
) -> Iterator[Remark]:
    for each, values in rows:
        if doubt.doubtful(values, setting):
            found = each.row.values[plan.file.position[doubt.field]]
            yield plan.parsed.remark(each.row, doubt.field, str(doubt.message), _plain(found))


def _plain(value: object) -> object:
    return value if isinstance(value, str | date) else None


class _Overlapping:
    """Finds rows that lie over others of the same file, or over stored ones."""

    def __init__(self, session: Session, plan: Plan, doubt: Overlap) -> None:
        self._session, self._plan, self._doubt = session, plan, doubt

    def remarks(self, rows: Sequence[tuple[Planned, Values]]) -> Iterator[Remark]:
        """The remarks on these rows; of two of them the later one in the file gets it."""
        doubt, file = self._doubt, self._plan.file
        written = {each.id for each, _values in rows}
        known = self._stored({values[doubt.of] for _each, values in rows}, written)
        for each, values in rows:
            span, others = doubt.span(values), known[values[doubt.of]]
            name = file.kind.identity[0]
            over = next((code for other, code in others if overlap(span, other)), None)
            if over is not None:
                yield self._plan.parsed.remark(each.row, doubt.field, str(doubt.message), over)
            others.append((span, values[name]))

    def _stored(
        self, wanted: set[Any], written: set[int]
    ) -> dict[Any, list[tuple[tuple[int, int] | None, Any]]]:
        """The spans of stored rows that are not written now, with what names the row."""
        file, doubt = self._plan.file, self._doubt
        found: dict[Any, list[tuple[tuple[int, int] | None, Any]]] = defaultdict(list)
        names = [field.name for field in file.fields]
        column = file.columns[file.position[doubt.of]]
        live = file.table.c.voided_at.is_(None)
        statement = select(file.table.c.id, *file.columns).where(live)
        stored = [each for each in wanted if each is not None and each > 0]
        if not stored:
            return found
        for row_id, *values in self._session.execute(narrowed(statement, column, stored)):
            row = dict(zip(names, values, strict=True))
            if row_id not in written:
                found[row[doubt.of]].append((doubt.span(row), row[file.kind.identity[0]]))
        return found
