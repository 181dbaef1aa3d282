"""Random tallies, and what they say read word by word: nothing is sorted, summed up or kept.

Nothing here is shared with the rules language: each group is looked at anew on each day.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any

from tests.rules.naive_rules import Naive, plain
from tests.rules.random_worlds import Draw, Row

# Subject, key, occurred on.
Found = tuple[str, str, date]
GROWING = {"count": True, "count_distinct": True, "sum": True, "max": True, "min": False}
UP = {"at_least": True, "more_than": True, "at_most": False, "less_than": False}
DATES = {"expense": "spent_on", "attendance": "day", "leave": "first_day"}
NUMBERS = {
    "expense": ("amount", (50, 9_999, 10_000, 20_000, 30_001)),
    "attendance": ("clock_in", (time(8, 20), time(8, 30), time(8, 31))),
    # In half days, as they are counted.
    "leave": ("days", (1, 2, 3, 10, 12, 83)),
}
DIFFERENT = {
    "expense": ("payee", "payee.folded", "spent_on.weekday"),
    "attendance": ("clock_in", "day.month"),
    "leave": ("kind", "days"),
}
PARTS = {
    "expense": ("amount", "lt", 10_000),
    "attendance": ("clock_in", "gt", time(8, 30)),
    "leave": ("kind", "eq", "sick"),
}


@dataclass
class Drawn:
    """A tally: its bounds are side, measure, path and value; ``numbers`` the parameter's values."""

    fact: str
    by: list[str]
    bounds: list[tuple[str, str, str | None, Any]]
    every: str | None = None
    within: Any = None
    owed_by: bool = False
    professional: bool = False
    excused: str = "leave"
    in_force: tuple[date, date] | None = None
    unit: str = "days"
    numbers: list[tuple[date, int]] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether it is judged with its period."""
        return self.owed_by or not all(
            UP[side] is GROWING.get(kind) for side, kind, _path, _value in self.bounds
        )


def draw_tally(draw: Draw) -> Drawn:
    """A tally as the language allows it."""
    fact = draw.one(*DATES)
    form = draw.one("every", "every", "within", "within", "owed", "alone")
    by = draw.one(["cadre"], ["cadre"], ["cadre.organization"])
    if fact == "expense" and form != "owed":
        by = draw.one(by, ["cadre", "payee.folded"], ["cadre", "payee"])
    drawn = Drawn(fact, ["cadre"] if form == "owed" else by, [])
    drawn.unit = draw.one("days", "working_days")
    drawn.numbers = [(date.min, draw.one(1, 2, 3))]
    drawn.numbers += sorted((draw.day(), draw.one(1, 2, 3)) for _number in draw.some(3))
    if draw.chance(0.3):
        first = draw.day()
        drawn.in_force = (first, first + timedelta(days=draw.one(0, 10, 60)))
    kinds = ["count", "count", "count_distinct", "sum", "min", "max", "avg", "share"]
    if form == "within":
        drawn.within = draw.one(1, 2, 5, 30, "$n")
        kinds = kinds[:4]
    elif form != "alone":
        drawn.every = draw.one("month", "week", "quarter", "half_year", "working_day")
    drawn.owed_by, drawn.professional = form == "owed", draw.chance(0.5)
    drawn.excused = draw.one("leave", "leave_or_outing", "never")
    for kind in draw.random.sample(sorted(set(kinds)), draw.one(1, 1, 2)):
        drawn.bounds += _bounds(draw, drawn, kind, growing=form in ("within", "alone"))
    return drawn if drawn.bounds else draw_tally(draw)


def _bounds(
    draw: Draw, drawn: Drawn, kind: str, *, growing: bool
) -> Iterator[tuple[str, str, str | None, Any]]:
    path, values = NUMBERS[drawn.fact]
    if kind == "sum" and drawn.fact == "attendance":
        return
    if kind == "count_distinct":
        path = draw.one(*DIFFERENT[drawn.fact])
    for side in draw.random.sample(sorted(UP), draw.one(1, 1, 1, 2)):
        if growing and UP[side] is not GROWING.get(kind):
            continue
        if kind == "share":
            yield side, kind, None, draw.one(0, 33, 34, 50, 66, 67, 100)
        elif kind in ("count", "count_distinct"):
            # With one fact below, or none at all, a bound is an error of the file.
            least = 2 if side == "less_than" else 1
            value = draw.one(least, 3, "$n") if side != "less_than" else draw.one(least, 3)
            yield side, kind, None if kind == "count" else path, value
        else:
            yield side, kind, path, draw.one(*values)


def as_rule(drawn: Drawn) -> dict[str, Any]:
    """The rule as it would be written."""
    of: dict[str, Any] = {"fact": drawn.fact}
    if drawn.fact == "leave":
        halves = ["first_half", "last_half"]
        span = {"span": ["first_day", "last_day"], "halves": halves, "unit": drawn.unit}
        of["lengths"] = {"days": span}
    tally: dict[str, Any] = {"of": of, "by": drawn.by, "date": DATES[drawn.fact]}
    if drawn.every is not None:
        tally["every"] = drawn.every
    if drawn.within is not None:
        tally["within"] = {"days": drawn.within}
    if drawn.owed_by:
        professional = {"field": "professional", "op": "eq", "value": True}
        where = [professional] if drawn.professional else []
        tally |= {"owed_by": {"fact": "cadre", "where": where}, "excused": drawn.excused}
    for side, kind, path, value in drawn.bounds:
        tally.setdefault(side, {})[kind] = _as_written(drawn, kind, path, value)
    rule: dict[str, Any] = {"tally": tally, "subject": drawn.by[0]}
    rule |= {} if (key := key_of(drawn)) is None else {"key": key}
    if drawn.in_force is not None:
        first, last = drawn.in_force
        rule["in_force"] = {"from": first.isoformat(), "until": last.isoformat()}
    if "$n" in (drawn.within, *(value for *_bound, value in drawn.bounds)):
        values = {str(day): value for day, value in dict(drawn.numbers).items()}
        label = {"zh": "数", "en": "Number"}
        rule["parameters"] = {"n": {"type": "integer", "label": label, "values": values}}
    return rule


def _as_written(drawn: Drawn, kind: str, path: str | None, value: Any) -> Any:
    if kind == "share":
        name, op, against = PARTS[drawn.fact]
        where = [{"field": name, "op": op, "value": text_of(name, against)}]
        return {"where": where, "percent": value}
    if path is None or kind == "count_distinct":
        return value if path is None else {path: value}
    return {path: text_of(path, value)}


def text_of(name: str, value: Any) -> str:
    """A value as a file has it."""
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if name == "amount":
        return f"{value // 100}.{value % 100:02d}"
    return f"{value // 2}{'.5' if value % 2 else ''}" if name == "days" else str(value)


def key_of(drawn: Drawn) -> str | None:
    """The key that the rule needs."""
    if drawn.every is None and drawn.within is None:
        return "cadre" if drawn.by[0] == "cadre" and len(drawn.by) == 1 else f"{{{drawn.by[-1]}}}"
    if len(drawn.by) == 1:
        return None
    return f"{{{'period' if drawn.every else 'occurred_on'}}}/{{{drawn.by[1]}}}"


class NaiveTally:
    """The flags of one tally in a world."""

    def __init__(self, naive: Naive, drawn: Drawn) -> None:
        self.naive, self.drawn, self.date = naive, drawn, DATES[drawn.fact]
        self.rows = naive.rows[drawn.fact]

    def flags(self) -> set[Found]:
        """Each flag once: two of one subject and key are the one that occurred first."""
        first: dict[tuple[str, str], date] = {}
        for subject, key, day in self._found():
            if self._tracked(subject) <= day <= self.naive.as_of:
                first[subject, key] = min(day, first.get((subject, key), day))
        return {(subject, key, day) for (subject, key), day in first.items()}

    def _found(self) -> Iterator[Found]:
        if self.drawn.within is not None:
            yield from self._windows()
        elif self.drawn.every is None:
            for group, rows in self._groups(self.rows):
                latest = max(row[self.date] for row in rows)
                yield from self._reached(group, "", rows, latest)
        else:
            for label, first, last in self._periods():
                inside = [row for row in self.rows if first <= row[self.date] <= last]
                if self.drawn.owed_by:
                    yield from self._owed(label, first, last, inside)
                else:
                    yield from self._in_period(label, first, last, inside)

    def _in_period(self, label: str, first: date, last: date, inside: list[Row]) -> Iterator[Found]:
        for group, rows in self._groups(inside):
            if not self.drawn.settled:
                yield from self._reached(group, label, rows, min(last, self.naive.as_of))
            elif self._tracked(group[0]) <= first and last <= self.judged_until:
                yield from self._settled(group, label, rows, last)

    @property
    def judged_until(self) -> date:
        return self.naive.world.judged_until

    def _reached(
        self, group: tuple[str, ...], label: str, rows: list[Row], counted_from: date
    ) -> Iterator[Found]:
        if not self._in_force(counted_from) or not self._holds(rows, counted_from):
            return
        for day in sorted({row[self.date] for row in rows}):
            if self._holds([row for row in rows if row[self.date] <= day], counted_from):
                yield group[0], self._key(group, label), day
                return

    def _settled(
        self, group: tuple[str, ...], label: str, rows: list[Row], last: date
    ) -> Iterator[Found]:
        if self._in_force(last) and self._holds(rows, last):
            yield group[0], self._key(group, label), last

    def _owed(self, label: str, first: date, last: date, inside: list[Row]) -> Iterator[Found]:
        naive, drawn = self.naive, self.drawn
        worked = [day for day in naive.days(first, last) if naive.works(day)]
        if last > self.judged_until or (drawn.every in ("week", "working_day") and not worked):
            return
        for who, cadre in naive.cadres.items():
            asked = not drawn.professional or cadre["professional"]
            stood = naive.in_post(who, first) and naive.in_post(who, last)
            if not asked or not stood or first < self._tracked(who):
                continue
            outings = drawn.excused == "leave_or_outing"
            away = all(naive.on_leave(who, day, outings=outings) for day in worked)
            if worked and away and drawn.excused != "never":
                continue
            rows = [row for row in inside if row["cadre"] == who]
            yield from self._settled((who,), label, rows, last)

    def _windows(self) -> Iterator[Found]:
        for group, all_rows in self._groups(self.rows):
            since = self._tracked(group[0])
            rows = [row for row in all_rows if row[self.date] >= since]
            before = False
            for day in sorted({row[self.date] for row in rows}):
                length = self._value(self.drawn.within, day)
                inside = [row for row in rows if 0 <= (day - row[self.date]).days < length]
                fills = self._in_force(day) and self._holds(inside, day)
                if fills and not before:
                    yield group[0], self._key(group, day.isoformat()), day
                before = fills

    # --- groups and periods ----------------------------------------------------------------------

    def _groups(self, rows: list[Row]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
        for group in sorted({self._group(row) for row in rows}):
            yield group, [row for row in rows if self._group(row) == group]

    def _group(self, row: Row) -> tuple[str, ...]:
        values = {
            "cadre": row["cadre"],
            "cadre.organization": self.naive.cadres[row["cadre"]]["organization"],
            "payee": row.get("payee"),
            "payee.folded": plain(row.get("payee") or ""),
        }
        return tuple(values[name] for name in self.drawn.by)

    def _periods(self) -> Iterator[tuple[str, date, date]]:
        every, seen = self.drawn.every, set()
        for day in self.naive.days(date(2025, 7, 1), self.naive.as_of):
            year, quarter, half = day.year, (day.month - 1) // 3 + 1, 1 if day.month <= 6 else 2
            months = {"month": (day.month, day.month), "quarter": (3 * quarter - 2, 3 * quarter)}
            months |= {"half_year": (6 * half - 5, 6 * half)}
            if every == "working_day":
                found = (day.isoformat(), day, day)
            elif every == "week":
                monday = day - timedelta(days=day.isoweekday() - 1)
                number = day.isocalendar()
                found = (f"{number[0]}-W{number[1]:02d}", monday, monday + timedelta(days=6))
            else:
                begin, end = months[str(every)]
                label = {"month": f"{day.month:02d}", "quarter": f"Q{quarter}"}
                last = date(year, end, monthrange(year, end)[1])
                found = (f"{year}-{label.get(str(every), f'H{half}')}", date(year, begin, 1), last)
            if found not in seen:
                seen.add(found)
                yield found

    def _key(self, group: tuple[str, ...], label: str) -> str:
        named = group[-1].replace("\\", "\\\\").replace("/", "\\/") if label else group[-1]
        parts = [label] if label else []
        return "/".join(parts if len(group) == 1 and label else [*parts, named])

    def _tracked(self, subject: str) -> date:
        cadre = self.naive.cadres.get(subject, {})
        return max(self.naive.tracked, cadre.get("assessed_from") or date.min)

    def _in_force(self, day: date) -> bool:
        first, last = self.drawn.in_force or (date.min, date.max)
        return first <= day <= last

    def _value(self, value: Any, day: date) -> Any:
        known = dict(self.drawn.numbers)
        return known[max(since for since in known if since <= day)] if value == "$n" else value

    # --- measures --------------------------------------------------------------------------------

    def _holds(self, rows: list[Row], day: date) -> bool:
        return all(
            self._lies(side, self._measure(kind, path, rows), self._value(value, day))
            for side, kind, path, value in self.drawn.bounds
        )

    def _lies(self, side: str, value: Any, bound: Any) -> bool:
        if value is None:
            return False
        bound = self._number(bound)
        above, below = value > bound, value < bound
        sides = {"at_least": not below, "more_than": above, "at_most": not above}
        return bool(sides.get(side, below))

    def _number(self, value: Any) -> int:
        return value.hour * 60 + value.minute if isinstance(value, time) else int(value)

    def _measure(self, kind: str, path: str | None, rows: list[Row]) -> Any:
        if kind == "count":
            return len(rows)
        if kind == "share":
            met = sum(1 for row in rows if self._part(row))
            return Fraction(100 * met, len(rows)) if rows else None
        values = [value for row in rows if (value := self._read(row, str(path))) is not None]
        if kind == "count_distinct":
            return len({str(value) for value in values})
        numbers = [self._number(value) for value in values]
        if kind == "sum":
            return sum(numbers)
        if not numbers:
            return None
        return {
            "min": min(numbers),
            "max": max(numbers),
            "avg": Fraction(sum(numbers), len(numbers)),
        }[kind]

    def _part(self, row: Row) -> bool:
        name, op, against = PARTS[self.drawn.fact]
        if row[name] is None:
            return False
        holds = {"lt": row[name] < against, "gt": row[name] > against}
        return bool(holds.get(op, row[name] == against))

    def _read(self, row: Row, path: str) -> Any:
        if path == "days":
            return self._half_days(row)
        name, *part = path.split(".")
        value = row[name]
        if not part or value is None:
            return value
        if part[0] == "folded":
            return plain(value)
        return value.isoweekday() if part[0] == "weekday" else value.month

    def _half_days(self, row: Row) -> int:
        halves = 0
        for day in self.naive.days(row["first_day"], row["last_day"]):
            if self.drawn.unit == "days" or self.naive.works(day):
                halves += 2
                halves -= day == row["first_day"] and row["first_half"] == "pm"
                halves -= day == row["last_day"] and row["last_half"] == "am"
        return halves
