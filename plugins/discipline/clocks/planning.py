"""What becomes of what clocks say: rows that are new, changed, withdrawn, or left as they are.

Rows are made of everything that sources have said of a cadre, whenever it was brought in, so that
neither the order of files nor how they are split makes a difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from plugins.discipline.clocks.cells import A_DAY
from plugins.discipline.clocks.punches import Said, Span, days_read
from plugins.discipline.models import Attendance
from tiesan.audit import AuditEntry
from tiesan.records.imports.models import ImportSaid
from tiesan.records.imports.storing import SOURCE
from tiesan.records.imports.values import RowChange, Setting
from tiesan.records.kinds import record_kind, table_of

# How what is said adds up: punches do, of days the latest counts, a row that was there is a base.
PUNCHES, DAY, BASE = "punches", "day", "base"
KIND = record_kind(Attendance).name
_ROW, _SAID, _ENTRY = table_of(Attendance), table_of(ImportSaid), table_of(AuditEntry)
_COLUMNS = (_ROW.c.clock_in, _ROW.c.clock_out, _ROW.c.clock_out_next_day)
_MOST_AT_ONCE = 400
_AN_HOUR = 60

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored piece of what a source said of a day."""

    source: str
    form: str
    punches: frozenset[int] = frozenset()
    span: Span | None = None

    @property
    def values(self) -> list[Any]:
        """As it is stored."""
        return [sorted(self.punches), None if self.span is None else list(self.span)]


@dataclass(slots=True)
class Stored:
    """What is stored of some cadres: what was said by day, and their rows."""

    said: dict[int, dict[int, list[Kept]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    rows: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    by_hand: set[Key] = field(default_factory=set)


@dataclass(slots=True)
class Rows:
    """What becomes of the rows of some cadres; ``left`` are those that a person has entered."""

    changes: list[RowChange] = field(default_factory=list)
    bases: list[tuple[Key, Kept]] = field(default_factory=list)
    left: list[tuple[Key, Span]] = field(default_factory=list)
    unchanged: int = 0
    touched: set[Key] = field(default_factory=set)

    def touches(self, key: Key) -> bool:
        """Whether the row of a cadre's day is changed, or would be if nobody had entered it."""
        return key in self.touched


def read_stored(
    setting: Setting, cadre_ids: Iterable[int], days: tuple[date, date], *, without: int = 0
) -> Stored:
    """Read what sources said of cadres in these days, without one import, and their rows."""
    stored = Stored()
    wanted = sorted(set(cadre_ids))
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        some = wanted[start : start + _MOST_AT_ONCE]
        _read_said(setting, some, days, stored, without)
        _read_rows(setting, some, days, stored)
    return stored


def _read_said(
    setting: Setting, some: Sequence[int], days: tuple[date, date], stored: Stored, without: int
) -> None:
    statement = (
        select(_SAID.c.cadre_id, _SAID.c.day, _SAID.c.source, _SAID.c.form, _SAID.c["values"])
        .where(_SAID.c.kind == KIND, _SAID.c.cadre_id.in_(some), _SAID.c.day.between(*days))
        .where(or_(_SAID.c.import_id != without, _SAID.c.stays))
        .order_by(_SAID.c.import_id, _SAID.c.id)
    )
    for cadre_id, day, source, form, values in setting.session.execute(statement):
        punches, span = values
        pair = None if span is None else (span[0], span[1])
        stored.said[cadre_id][day.toordinal()].append(Kept(source, form, frozenset(punches), pair))


def _read_rows(
    setting: Setting, some: Sequence[int], days: tuple[date, date], stored: Stored
) -> None:
    of_these: tuple[ColumnElement[bool], ...] = (
        _ROW.c.cadre_id.in_(some),
        _ROW.c.day.between(*days),
    )
    columns = (_ROW.c.id, _ROW.c.cadre_id, _ROW.c.day, _ROW.c.district_id, _ROW.c.source, *_COLUMNS)
    live = select(*columns).where(*of_these, _ROW.c.voided_at.is_(None))
    for row in setting.session.execute(live).mappings():
        stored.rows[row["cadre_id"], row["day"].toordinal()] = dict(row)
    # Who corrected or voided a row has an entry of their own in the trail; an import has not.
    touched = (
        select(_ROW.c.cadre_id, _ROW.c.day)
        .join(_ENTRY, _ENTRY.c.object_id == _ROW.c.id)
        .where(_ENTRY.c.object_kind == KIND, _ENTRY.c.verb.in_(("update", "void")), *of_these)
    )
    stored.by_hand |= {(who, day.toordinal()) for who, day in setting.session.execute(touched)}
    stored.by_hand |= {key for key, row in stored.rows.items() if row["source"] == "web"}


def spans_of(said: Mapping[int, Sequence[Kept]]) -> dict[int, Span]:
    """The rows that come of everything said of one cadre."""
    return days_read(each for day, kept in said.items() for each in _united(day, kept))


def _united(day: int, kept: Iterable[Kept]) -> Iterator[Said]:
    """What each source says of a day: its punches together, and of its days the latest."""
    punches: dict[str, frozenset[int]] = defaultdict(frozenset)
    latest: dict[str, Kept] = {}
    for each in kept:
        if each.form == PUNCHES:
            punches[each.source] |= each.punches
        else:
            latest[each.source] = each
    for source in dict.fromkeys((*punches, *latest)):
        whole = latest.get(source)
        more = frozenset() if whole is None else whole.punches
        yield Said(source, day, punches[source] | more, None if whole is None else whole.span)


def plan_cadre(
    stored: Stored, cadre_id: int, district_id: int, new: Mapping[int, Sequence[Kept]]
) -> Rows:
    """What becomes of a cadre's rows when something new is said of some days.

    A row that was there before any clock said anything is a source of its own.
    """
    before = stored.said.get(cadre_id, {})
    near = sorted({day + step for day in new for step in (-1, 0, 1)})
    rows = Rows()
    together = {day: [*kept] for day, kept in before.items()}
    for day, kept in new.items():
        together.setdefault(day, []).extend(kept)
    known = spans_of(before)
    for day in near:
        base = _base(stored, (cadre_id, day), together)
        if base is not None:
            together.setdefault(day, []).append(base)
            rows.bases.append(((cadre_id, day), base))
    wanted = spans_of(together)
    for day in near:
        _plan_day(stored, rows, (cadre_id, day), district_id, (known.get(day), wanted.get(day)))
        same = wanted.get(day) is not None and not rows.touches((cadre_id, day))
        rows.unchanged += day in new and same
    rows.bases = [(key, kept) for key, kept in rows.bases if key[1] in new or rows.touches(key)]
    return rows


def _base(stored: Stored, key: Key, together: Mapping[int, Sequence[Kept]]) -> Kept | None:
    row = stored.rows.get(key)
    if row is None or key in stored.by_hand:
        return None
    if any(each.form == BASE for each in together.get(key[1], ())):
        return None
    earlier = stored.said.get(key[0], {}).get(key[1])
    if earlier:
        return None
    return Kept("", BASE, span=span_of(row))


def _plan_day(
    stored: Stored, rows: Rows, key: Key, district_id: int, spans: tuple[Span | None, Span | None]
) -> None:
    known, wanted = spans
    row = stored.rows.get(key)
    present = None if row is None else span_of(row)
    if wanted == present:
        return
    if key in stored.by_hand or (known is not None and present != known):
        # A person entered, corrected or voided it.
        if wanted is not None:
            rows.left.append((key, wanted))
            rows.touched.add(key)
        return
    rows.changes.append(change_of(key, district_id, row, wanted))
    rows.touched.add(key)


def change_of(
    key: Key, district_id: int, row: Mapping[str, Any] | None, wanted: Span | None
) -> RowChange:
    """The change that brings a row to what is wanted."""
    cadre_id, day = key
    after = None
    if wanted is not None:
        after = {"cadre_id": cadre_id, "day": date.fromordinal(day), **columns_of(wanted)}
    before = None if row is None else {column.name: row[column.name] for column in _COLUMNS}
    place = district_id if row is None else row["district_id"]
    return RowChange(cadre_id, place, None if row is None else row["id"], before, after)


def columns_of(span: Span) -> dict[str, Any]:
    """What a row says of coming and going."""
    came, went = span
    return {
        "clock_in": None if came is None else _time(came),
        "clock_out": None if went is None else _time(went % A_DAY),
        "clock_out_next_day": went is not None and went >= A_DAY,
    }


def span_of(row: Mapping[str, Any]) -> Span:
    """When somebody came and went by a row."""
    came, went = row["clock_in"], row["clock_out"]
    later = A_DAY if row["clock_out_next_day"] else 0
    return (
        None if came is None else _minutes(came),
        None if went is None else _minutes(went) + later,
    )


def _time(minutes: int) -> time:
    return time(minutes // _AN_HOUR, minutes % _AN_HOUR)


def _minutes(moment: time) -> int:
    return moment.hour * _AN_HOUR + moment.minute


def written(span: Span) -> str:
    """A row in words: 08:55–18:02, past midnight as 次日."""
    return "–".join("    " if each is None else _clock(each) for each in span)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % A_DAY, _AN_HOUR)
    return f"{'次日' if minutes >= A_DAY else ''}{hour:02d}:{minute:02d}"


def count_changes(changes: Iterable[RowChange]) -> Counter[str]:
    """How many rows are new, changed and withdrawn."""
    return Counter(
        "withdrawn" if each.after is None else "new" if each.row_id is None else "changed"
        for each in changes
    )


__all__ = [
    "BASE",
    "DAY",
    "KIND",
    "PUNCHES",
    "SOURCE",
    "Kept",
    "Rows",
    "Stored",
    "change_of",
    "columns_of",
    "count_changes",
    "plan_cadre",
    "read_stored",
    "span_of",
    "spans_of",
    "written",
]
