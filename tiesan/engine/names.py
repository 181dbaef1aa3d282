"""Names on the wire that the engine tells apart.

durable_rules compares property names, fact ids and join keys by a 32-bit FNV-1a hash alone
(``costarring`` and ``liquid`` are one to it), so no name of a field or code of a row ever gets
there: slots are given short names here, chosen so that no two hashes meet.
"""

from collections.abc import Iterator
from itertools import count

_OFFSET_BASIS = 0x811C9DC5
_PRIME = 16777619
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# What the engine itself knows by hash, and what frames and facts are called in a ruleset.
RESERVED = (
    *("id", "sid", "all", "any", "pri", "count", "cap", "dist", "name", "true", "false", "m", "n"),
    *("$s", "$m", "$i", "$l", "$r", "$forward", "$time", "$baseTime", "$timerName", "$pulse"),
    *("$and", "$or", "$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$ex", "$nex"),
    *("$mt", "$imt", "$iall", "$iany", "$add", "$sub", "$mul", "$div"),
)


def hash_of(name: str) -> int:
    """The 32-bit FNV-1a hash of a name's UTF-8 bytes, as the engine computes it for ASCII."""
    value = _OFFSET_BASIS
    for byte in name.encode():
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return value


class Names:
    """Gives out short names, each with a hash of its own."""

    def __init__(self) -> None:
        """Start with the names that are taken."""
        self._taken = {hash_of(name) for name in RESERVED}
        self._candidates = _candidates()

    def new(self) -> str:
        """A name that was not given before and whose hash no other name has."""
        for name in self._candidates:
            value = hash_of(name)
            if value not in self._taken:
                self._taken.add(value)
                return name
        raise AssertionError("there are always more names")


def _candidates() -> Iterator[str]:
    """``a`` to ``z``, ``aa`` to ``zz`` and so on."""
    for number in count():
        name, rest = "", number
        while rest >= 0:
            name = _LETTERS[rest % len(_LETTERS)] + name
            rest = rest // len(_LETTERS) - 1
        yield name
