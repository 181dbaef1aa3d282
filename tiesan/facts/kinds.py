"""Fact kinds: the named, typed shapes of everything that a rule may look at.

A *fact* of a kind is a plain tuple with one value per field, in the order of ``FactKind.fields``.
Blank is ``None``; text is never empty.  The Python type of each field type is given in
``PYTHON_TYPES``; amounts are whole fen, lengths whole half days, references are the code of the row
they name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias


class FieldType(StrEnum):
    """The types of the rules language (rules-language.md, "Conditions").

    A *length* is a number of days in whole half days, measured by a rule; no stored field is one.
    """

    TEXT = "text"
    INTEGER = "integer"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"
    LENGTH = "length"


Value: TypeAlias = str | int | date | time | bool | None
Fact: TypeAlias = tuple[Value, ...]

PYTHON_TYPES: Mapping[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.AMOUNT: int,
    FieldType.DATE: date,
    FieldType.TIME: time,
    FieldType.BOOLEAN: bool,
    FieldType.CHOICE: str,
    FieldType.REFERENCE: str,
    FieldType.LENGTH: int,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact kind.

    ``label`` is a lazy text; ``choices`` maps each value of a choice to its label, and ``blank`` is
    what it means that none of them is given, where that is one more choice; ``to`` is the
    kind that a reference names; a ``planned`` date is known with its row and never blanked
    (institutions.md, "as of D"); a ``derived`` field is computed when facts are collected and is
    in no table or file; ``empty`` is what is stored of a boolean that is left out, where it may be.
    """

    name: str
    type: FieldType
    label: str
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    to: str | None = None
    max_length: int | None = None
    planned: bool = False
    derived: bool = False
    blank: str = ""
    empty: bool | None = None


@dataclass(frozen=True)
class FactKind:
    """A kind of fact: its fields, what identifies a row, and from which date it is known.

    ``principal`` names the date from which a row is known: the first of these fields that is not
    blank (none: always visible, and its dates are never blanked). A single ``session.held_on`` says
    that a row is known with the row that it refers to. ``identity`` are the fields that tell two
    rows apart; ``file`` is the name of its exchange
    file without suffix (None: the kind is in no file). ``unseen`` gives, for this kind, the
    function that says of a fact as it reads on a day that it is as if it were not there.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    identity: tuple[str, ...] = ("code",)
    principal: tuple[str, ...] = ()
    file: str | None = None
    unseen: "Callable[[FactKind], Callable[[Fact], bool]] | None" = None

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The position of each field in a fact of this kind."""
        return {each.name: position for position, each in enumerate(self.fields)}

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {each.name: each for each in self.fields}

    def with_fields(self, extra: Iterable[Field]) -> "FactKind":
        """This kind with further fields behind its own."""
        return replace(self, fields=(*self.fields, *extra))


class FactKinds(Mapping[str, FactKind]):
    """All fact kinds by name, in the order in which they were declared."""

    def __init__(self, kinds: Iterable[FactKind]) -> None:
        """Take the kinds; raises ValueError when they do not fit together.

        Two may not have one name, a reference must name one, and no row has a length of its own.
        """
        self._kinds: dict[str, FactKind] = {}
        for kind in kinds:
            if kind.name in self._kinds:
                message = f"two fact kinds are named {kind.name}"
                raise ValueError(message)
            self._kinds[kind.name] = kind
        for kind in self._kinds.values():
            for each in kind.fields:
                if each.to is not None and each.to not in self._kinds:
                    message = f"{kind.name}.{each.name} refers to an unknown kind {each.to}"
                    raise ValueError(message)
                if each.type is FieldType.LENGTH:
                    message = f"{kind.name}.{each.name} is a length, which only rules measure"
                    raise ValueError(message)

    def __getitem__(self, name: str) -> FactKind:
        """The kind of that name; KeyError when there is none."""
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in order of declaration."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)
