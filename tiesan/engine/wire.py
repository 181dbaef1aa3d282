"""Facts on the wire: one line of JSON per fact, flat, only the slots that rules use.

A blank slot is left out. Whatever the engine could not compare exactly (a text that is too long or
no text at all, an integer beyond 53 bits) makes its whole fact unfit: it is not sent, and the plain
evaluator decides about it.
"""

from collections.abc import Callable, Sequence
from datetime import date, time
from itertools import repeat
from typing import Any, TypeAlias

import orjson

from tiesan.engine.slots import TEXT_LIMIT, PathSlot, SettledSlot, Slot
from tiesan.facts.kinds import Fact, FactKind, FieldType
from tiesan.rules import Binding

# The values of one slot for a run of facts, None where it is blank.
Values: TypeAlias = Sequence[Any]
Reader: TypeAlias = Callable[[Sequence[Fact]], Values]

_STRICT = orjson.OPT_STRICT_INTEGER
# What a slot of these types carries is written without looking at what was written before.
_NUMBERS = (FieldType.INTEGER, FieldType.AMOUNT, FieldType.LENGTH)
# So many values of a slot are remembered; then it starts anew.
_REMEMBERED = 10_000


class UnfitError(Exception):
    """A value that the engine could not compare exactly."""


class Written(dict[Any, bytes]):
    """The values of one slot as they stand in a line, each written once: most come back often.

    Dates are ordinals, times minutes; a blank is nothing. Looking up a value that is unfit raises
    `UnfitError`.
    """

    def __init__(self, name: str, slot: Slot | None = None) -> None:
        """Take the name on the wire, and the slot (none for a key)."""
        self._begin = b',"%s":' % name.encode()
        self._numbers = isinstance(slot, PathSlot) and slot.path.type in _NUMBERS
        self[None] = b""

    def all(self, values: Values) -> list[bytes]:
        """All values of a run of facts; numbers, which seldom come back, are written at once."""
        if not self._numbers:
            return list(map(self.__getitem__, values))
        try:
            texts = orjson.dumps(values, None, _STRICT)[1:-1].split(b",")
        except TypeError as error:
            raise UnfitError from error
        return [b"" if text == b"null" else self._begin + text for text in texts]

    def __missing__(self, value: object) -> bytes:
        """Write a value that was not asked for before."""
        given = value
        if isinstance(value, date):
            given = value.toordinal()
        elif isinstance(value, time):
            given = value.hour * 60 + value.minute
        try:
            text = orjson.dumps(given, None, _STRICT)
        except TypeError as error:
            raise UnfitError from error
        if len(text) > TEXT_LIMIT:
            raise UnfitError
        if len(self) > _REMEMBERED:
            self.clear()
            self[None] = b""
        written = self[value] = self._begin + text
        return written


# A slot's values, with what writes them.
Column: TypeAlias = tuple[Written, Values]


def reader(slot: PathSlot | SettledSlot, binding: Binding, shape: FactKind) -> Reader:
    """The function that reads a slot of facts of a shape."""
    if isinstance(slot, PathSlot):
        read = binding.getter(slot.path, shape)
        return lambda facts: list(map(read, facts))
    test, values = binding.test(slot.condition, shape, shape), slot.values
    return lambda facts: [test(fact, fact, values) for fact in facts]


def bodies(mark: str, columns: Sequence[Column], count: int) -> list[bytes | None]:
    """The lines of ``count`` facts without their beginning, the id; None for one that is unfit."""
    if not count:
        return []
    begin = b'"%s":1' % mark.encode()
    try:
        written = [each.all(values) for each, values in columns]
    except UnfitError:
        return _one_by_one(begin, columns, count)
    return list(
        map(b"".join, zip(repeat(begin, count), *written, repeat(b"}", count), strict=True))
    )


def _one_by_one(begin: bytes, columns: Sequence[Column], count: int) -> list[bytes | None]:
    def body(position: int) -> bytes | None:
        try:
            return b"".join((begin, *(each[values[position]] for each, values in columns), b"}"))
        except UnfitError:
            return None

    return list(map(body, range(count)))


def lines(written: Sequence[bytes | None], first_id: int) -> tuple[list[bytes], list[int]]:
    """The lines with ids from ``first_id`` on, and the positions of the facts that are unfit.

    An unfit fact has a line that matches nothing.
    """
    unfit = [at for at, body in enumerate(written) if body is None]
    numbered = enumerate(written, first_id)
    if not unfit:
        return [b'{"id":"%d",%s' % each for each in numbered], unfit
    return [
        b'{"id":"%d"}' % number if body is None else b'{"id":"%d",%s' % (number, body)
        for number, body in numbered
    ], unfit
