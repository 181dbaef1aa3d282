"""Rows that grow import by import are those of all files together, whatever their order."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugins.discipline.clocks.planning import (
    DAY,
    PUNCHES,
    Kept,
    Stored,
    columns_of,
    plan_cadre,
    span_of,
    spans_of,
)
from plugins.discipline.clocks.punches import Span

CADRE, DISTRICT = 1, 1
DAY_1 = date(2026, 10, 29).toordinal()
Piece = tuple[int, Kept]

MINUTES = st.integers(0, 1439)
DAYS = st.integers(DAY_1, DAY_1 + 4)


def punch(source: str, day: int, minute: int) -> Piece:
    return day, Kept(source, PUNCHES, frozenset({minute}))


def whole_day(day: int, came: int, lasted: int) -> Piece:
    return day, Kept("days", DAY, frozenset(), (came, came + lasted))


PIECES = st.lists(
    st.builds(punch, st.sampled_from(["a", "b"]), DAYS, MINUTES), min_size=1, max_size=16
)
# A file of days has one row for each.
WHOLE = st.lists(
    st.builds(whole_day, DAYS, st.integers(0, 1200), st.integers(1, 600)),
    max_size=3,
    unique_by=lambda piece: piece[0],
)


class Shelf:
    """What is stored of one cadre, as the tables have it."""

    def __init__(self) -> None:
        self.stored = Stored()
        self.number = 0

    def bring(self, pieces: list[Piece]) -> None:
        """Plan an import and store it."""
        new: dict[int, dict[tuple[str, str], Kept]] = {}
        for day, kept in pieces:
            of_day = new.setdefault(day, {})
            known = of_day.get((kept.source, kept.form))
            more = frozenset() if known is None else known.punches
            of_day[kept.source, kept.form] = Kept(
                kept.source, kept.form, kept.punches | more, kept.span
            )
        said = {day: [*of_day.values()] for day, of_day in new.items()}
        rows = plan_cadre(self.stored, CADRE, DISTRICT, said)
        assert rows.left == []
        for key, base in rows.bases:
            self.stored.said[CADRE][key[1]].append(base)
        for day, of_day_said in said.items():
            self.stored.said[CADRE][day].extend(of_day_said)
        for change in rows.changes:
            self._write(change.row_id, change.before, change.after)

    def _write(self, row_id: int | None, before: Any, after: Any) -> None:
        assert (row_id is None) == (before is None)
        if after is None:
            gone = [key for key, row in self.stored.rows.items() if row["id"] == row_id]
            self.stored.rows.pop(gone[0])
            return
        if row_id is None:
            self.number += 1
        key = (CADRE, after["day"].toordinal())
        row = {"id": row_id or self.number, "district_id": DISTRICT, "source": "import", **after}
        self.stored.rows[key] = row

    @property
    def rows(self) -> dict[int, Span]:
        """The rows by day."""
        return {day: span_of(row) for (_cadre, day), row in self.stored.rows.items()}


@given(PIECES, WHOLE, st.randoms(use_true_random=False), st.integers(1, 6))
def test_any_order_and_any_split_of_imports_gives_the_same_rows(
    punches: list[Piece], days: list[Piece], random: Any, files: int
) -> None:
    pieces = [*punches, *days]
    together: dict[int, list[Kept]] = {}
    for day, kept in pieces:
        together.setdefault(day, []).append(kept)
    random.shuffle(pieces)
    shelf = Shelf()
    for number in range(files):
        shelf.bring(pieces[number::files])
    assert shelf.rows == spans_of(together)
    before = dict(shelf.rows)
    # And once more changes nothing.
    shelf.bring(pieces)
    assert shelf.rows == before


@given(PIECES, st.integers(DAY_1 - 1, DAY_1 + 5))
def test_a_row_that_was_there_is_a_source_of_its_own(pieces: list[Piece], day: int) -> None:
    shelf = Shelf()
    after = {"day": date.fromordinal(day), "cadre_id": CADRE}
    shelf._write(None, None, {**after, **columns_of((540, 1140))})
    for piece in pieces:
        shelf.bring([piece])
    together: dict[int, list[Kept]] = {day: [Kept("", "base", span=(540, 1140))]}
    for each, kept in pieces:
        together.setdefault(each, []).append(kept)
    assert shelf.rows == spans_of(together)
