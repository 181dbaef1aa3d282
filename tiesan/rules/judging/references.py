"""Which stored rows a fact is, and which it refers to: what a flag rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tiesan.facts.kinds import Fact, FactKind, FactKinds, FieldType, Value
from tiesan.rules.literals import raw_text

# A kind of rows, and what tells one of them from the others, as evidence has it.
Reference: TypeAlias = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Pointers:
    """Where a fact of one kind says which row it is, and to which rows it refers by code."""

    own: tuple[tuple[int, FieldType], ...]
    others: tuple[tuple[str, int], ...]


class References:
    """Reads references from facts."""

    def __init__(self, kinds: FactKinds) -> None:
        """Take the kinds of the facts."""
        self._kinds = kinds
        self._known: dict[str, _Pointers] = {}

    def own(self, kind: str, fact: Fact) -> Iterator[Reference]:
        """The row that a fact is; none when a part of its identity is blank."""
        pointers = self._pointers(kind)
        parts = [_text(fact[position], type_) for position, type_ in pointers.own]
        if parts and all(parts):
            yield kind, tuple(parts)

    def named(self, kind: str, fact: Fact) -> Iterator[Reference]:
        """The row that a fact is, and those to which it refers by their codes."""
        yield from self.own(kind, fact)
        for to, position in self._pointers(kind).others:
            code = fact[position]
            if code is not None:
                yield to, (str(code),)

    def _pointers(self, kind: str) -> _Pointers:
        if kind not in self._known:
            self._known[kind] = _pointers(self._kinds[kind])
        return self._known[kind]


def _pointers(kind: FactKind) -> _Pointers:
    own = tuple((kind.index[name], kind.by_name[name].type) for name in kind.identity)
    others = tuple(
        (str(field.to), position)
        for position, field in enumerate(kind.fields)
        if field.to is not None
    )
    return _Pointers(own, others)


def _text(value: Value, kind: FieldType) -> str:
    return "" if value is None else raw_text(value, kind)
