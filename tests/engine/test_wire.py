"""Lines on the wire: one object of JSON per fact, whatever the values."""

from datetime import date, time
from typing import Any

import orjson
import pytest

from tests.engine.support import path
from tiesan.engine.slots import INTEGER_LIMIT, TEXT_LIMIT, PathSlot, Slot
from tiesan.engine.wire import Written, bodies, lines


def slot(text: str) -> Slot:
    return PathSlot(text, path(text))


def read(*columns: tuple[Written, list[Any]], count: int) -> list[Any]:
    """The lines of facts as an engine reads them, None for one that is unfit."""
    written, unfit = lines(bodies("m", columns, count), 5)
    found = [orjson.loads(line) for line in written]
    assert [each["id"] for each in found] == [str(5 + at) for at in range(count)]
    assert all(each == {"id": each["id"]} for each in (found[at] for at in unfit))
    return [None if at in unfit else each for at, each in enumerate(found)]


def test_blanks_are_left_out_of_every_kind_of_column() -> None:
    texts, numbers = ['a,"b', None, "},{"], [None, -1, INTEGER_LIMIT - 1]
    days, times = [date(1, 1, 1), None, date.max], [time(0, 0), time(17, 30), None]
    columns: list[tuple[Written, list[Any]]] = [
        (Written("a", slot("note")), texts),
        (Written("b", slot("amount")), numbers),
        (Written("c", slot("spent_on")), days),
        (Written("d", slot("starts_at")), times),
        (Written("e"), ["0", "1", "1"]),
        (Written("f", slot("urgent")), [True, False, None]),
    ]
    assert read(*columns, count=3) == [
        {"id": "5", "m": 1, "a": 'a,"b', "c": 1, "d": 0, "e": "0", "f": True},
        {"id": "6", "m": 1, "b": -1, "d": 1050, "e": "1", "f": False},
        {"id": "7", "m": 1, "a": "},{", "b": 2**53 - 1, "c": date.max.toordinal(), "e": "1"},
    ]


def test_without_columns_and_without_facts() -> None:
    assert read(count=2) == [{"id": "5", "m": 1}, {"id": "6", "m": 1}]
    assert read((Written("b", slot("amount")), []), count=0) == []


@pytest.mark.parametrize(
    ("text", "fit", "unfit"),
    [
        ("amount", -INTEGER_LIMIT + 1, -INTEGER_LIMIT),
        ("count", INTEGER_LIMIT - 1, 2**70),
        ("note", "x" * (TEXT_LIMIT - 2), "x" * (TEXT_LIMIT - 1)),
        ("note", "\n" * (TEXT_LIMIT // 2 - 1), "\n" * (TEXT_LIMIT // 2)),
        ("note", "\ufffd", "\ud800"),
    ],
)
def test_only_the_fact_with_the_unfit_value_is_left_out(text: str, fit: Any, unfit: Any) -> None:
    written = Written("a", slot(text))
    for _time in range(2):
        found = read((written, [fit, unfit, None, fit]), count=4)
        assert found == [
            {"id": "5", "m": 1, "a": fit},
            None,
            {"id": "7", "m": 1},
            {"id": "8", "m": 1, "a": fit},
        ]


def test_what_was_written_is_forgotten_before_it_is_too_much() -> None:
    written = Written("a", slot("note"))
    for start in range(0, 40_000, 1_000):
        texts = [None, *map(str, range(start, start + 1_000))]
        found = read((written, texts), count=1_001)
        assert [each.get("a") for each in found] == texts
        assert len(written) <= 10_002
