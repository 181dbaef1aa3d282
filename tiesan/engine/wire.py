"""Facts on the wire: one line of JSON per fact, flat, only the slots that rules use.

A blank slot is left out. Whatever the engine could not compare exactly (a text that is too long or
no text at all, an integer beyond 53 bits) makes its whole fact unfit: it is not sent, and the plain
evaluator decides about it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, TypeAlias

import orjson

from tiesan.engine.slots import TEXT_LIMIT, PathSlot, SettledSlot
from tiesan.facts.kinds import Fact, FactKind, FieldType
from tiesan.rules import Binding

# The values of one slot for a run of facts, None where it is blank.
Column: TypeAlias = Sequence[Any]
Reader: TypeAlias = Callable[[Sequence[Fact]], Column]

_STRICT = orjson.OPT_STRICT_INTEGER


def reader(slot: PathSlot | SettledSlot, binding: Binding, shape: FactKind) -> Reader:
    """The function that reads a slot of facts of a shape."""
    if isinstance(slot, PathSlot):
        return _path_reader(slot, binding, shape)
    test, values = binding.test(slot.condition, shape, shape), slot.values
    return lambda facts: [test(fact, fact, values) for fact in facts]


def _path_reader(slot: PathSlot, binding: Binding, shape: FactKind) -> Reader:
    read, of_type = binding.getter(slot.path, shape), slot.path.type
    if of_type is FieldType.DATE:
        return lambda facts: [None if day is None else day.toordinal() for day in map(read, facts)]
    if of_type is FieldType.TIME:
        return lambda facts: [
            None if at is None else at.hour * 60 + at.minute for at in map(read, facts)
        ]
    return lambda facts: list(map(read, facts))


def lines(
    columns: Mapping[str, Column], mark: str, first_id: int, count: int
) -> tuple[list[bytes], list[int]]:
    """The lines of a run of facts, and the positions of those that are unfit.

    The ids count from ``first_id``. An unfit fact has a line that matches nothing.
    """
    keys = ("id", mark, *columns)
    ids = map(str, range(first_id, first_id + count))
    rows = [
        {key: value for key, value in zip(keys, row, strict=True) if value is not None}
        for row in zip(ids, repeat(1, count), *columns.values(), strict=True)
    ]
    try:
        written = [orjson.dumps(row, None, _STRICT) for row in rows]
    except TypeError:
        return _without_unfit(rows)
    if max(map(len, written), default=0) > TEXT_LIMIT:
        return _without_unfit(rows)
    return written, []


def _without_unfit(rows: Iterable[dict[str, Any]]) -> tuple[list[bytes], list[int]]:
    written, unfit = [], []
    for position, row in enumerate(rows):
        line = written_fit(row)
        if line is None:
            unfit.append(position)
            line = orjson.dumps({"id": row["id"]})
        written.append(line)
    return written, unfit


def written_fit(row: dict[str, Any]) -> bytes | None:
    """The line of one fact, None when it is unfit for the engine."""
    try:
        line = orjson.dumps(row, None, _STRICT)
        too_long = len(line) > TEXT_LIMIT and any(
            isinstance(value, str) and len(orjson.dumps(value)) > TEXT_LIMIT
            for value in row.values()
        )
    except TypeError:
        return None
    return None if too_long else line
