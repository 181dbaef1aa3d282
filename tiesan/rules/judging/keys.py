"""The key of a flag: the values of a rule's key, written so that two keys never look alike."""

import hashlib
from collections.abc import Callable

from tiesan.facts.kinds import Fact, Value
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.measuring import Getter
from tiesan.rules.literals import raw_text
from tiesan.rules.parameters import Values
from tiesan.rules.tree import ParameterRef, Path, Rule

_Read = Callable[[Fact, Values], Value]
# A longer key is cut, and a hash keeps it apart from others that begin alike.
MAX_KEY = 300
_HASH = 16


class KeyWriter:
    r"""Writes the keys of one rule.

    Where a key has several parts, a ``\`` stands in their texts before each character of the
    separators and before ``\`` itself: ``a`` and ``b/c`` are not ``a/b`` and ``c``. Dates and
    numbers need none, since they cannot be read in two ways.
    """

    def __init__(self, rule: Rule, binding: Binding) -> None:
        """Bind the key's paths to the facts of the rule's shape."""
        self._rule, self._binding = rule, binding
        self._escapes = str.maketrans({each: f"\\{each}" for each in _told_apart_by(rule)})
        self._parts = [
            part if isinstance(part, str) else self._part(part) for part in rule.key.parts
        ]

    def key(self, fact: Fact, values: Values) -> str:
        """The key of a fact, with the parameter values that it counts with."""
        return _shortened(
            "".join(each if isinstance(each, str) else each(fact, values) for each in self._parts)
        )

    def _part(self, part: Path | ParameterRef) -> Callable[[Fact, Values], str]:
        read, escapes = self._read(part), self._escapes

        def text(fact: Fact, values: Values) -> str:
            value = read(fact, values)
            written = raw_text(value, part.type)
            return written.translate(escapes) if isinstance(value, str) else written

        return text

    def _read(self, part: Path | ParameterRef) -> _Read:
        if isinstance(part, ParameterRef):
            return lambda _fact, values: part.value_in(values)
        read: Getter = self._binding.getter(part, self._rule.shape)
        return lambda fact, _values: read(fact)


def _shortened(key: str) -> str:
    if len(key) <= MAX_KEY:
        return key
    return key[: MAX_KEY - _HASH - 1] + "#" + hashlib.sha256(key.encode()).hexdigest()[:_HASH]


def _told_apart_by(rule: Rule) -> set[str]:
    r"""The characters between two parts, with ``\``; none for a key with a single part."""
    places = [at for at, part in enumerate(rule.key.parts) if not isinstance(part, str)]
    between = rule.key.parts[places[0] : places[-1]] if places else ()
    characters = {each for part in between if isinstance(part, str) for each in part}
    return characters | {"\\"} if characters else set()
