"""Formulas: constant terms over slots, joined by "all" and "any", with the negation pushed inside.

What the engine is given of a condition. The measures at the end are those that its limits are
stated in (durable_rules 2.0.28: a stack of 64 matches, 32 entries per pattern).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Any, TypeAlias

from tiesan.engine.slots import Constant, Slot


class Compare(StrEnum):
    """The comparisons of the engine; each is false of a blank slot, except ``NEX``."""

    EQ = "$eq"
    NEQ = "$neq"
    LT = "$lt"
    LTE = "$lte"
    GT = "$gt"
    GTE = "$gte"
    EX = "$ex"
    NEX = "$nex"


@dataclass(frozen=True, slots=True)
class Term:
    """A slot compared with a constant (1 for ``EX`` and ``NEX``)."""

    slot: Slot
    compare: Compare
    value: Constant = 1


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; there are at least two."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; there are at least two."""

    parts: tuple["Formula", ...]


Formula: TypeAlias = bool | Term | Every | Some


def every(parts: Iterable[Formula]) -> Formula:
    """All of the parts, flat, without what is always true."""
    flat: dict[Formula, None] = {}
    for part in parts:
        if part is False:
            return False
        if part is not True:
            flat.update(dict.fromkeys(part.parts if isinstance(part, Every) else (part,)))
    if not flat:
        return True
    return next(iter(flat)) if len(flat) == 1 else Every(tuple(flat))


def some(parts: Iterable[Formula]) -> Formula:
    """At least one of the parts, flat, without what is never true."""
    flat: dict[Formula, None] = {}
    for part in parts:
        if part is True:
            return True
        if part is not False:
            flat.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    if not flat:
        return False
    return next(iter(flat)) if len(flat) == 1 else Some(tuple(flat))


def branches(formula: Formula) -> int:
    """In how many ways a formula can hold at most: the engine may match once for each."""
    if isinstance(formula, Every):
        return prod(map(branches, formula.parts))
    if isinstance(formula, Some):
        return sum(map(branches, formula.parts))
    return 1


def gates(formula: Formula) -> int:
    """How many "all" and "any" the formula has: the engine notes each one twice in a pattern."""
    if isinstance(formula, Every | Some):
        return 1 + sum(map(gates, formula.parts))
    return 0


def conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """The parts that must all hold; none for what is always true."""
    if isinstance(formula, Every):
        return formula.parts
    return () if formula is True else (formula,)


def slots_of(formula: Formula) -> Iterable[Slot]:
    """The slots that a formula looks at, in order, possibly repeated."""
    if isinstance(formula, Term):
        yield formula.slot
    elif isinstance(formula, Every | Some):
        for part in formula.parts:
            yield from slots_of(part)


def as_durable(formula: Formula, names: Mapping[Slot, str]) -> dict[str, Any]:
    """A formula as durable_rules reads it; ValueError for one that is constantly true or false."""
    if isinstance(formula, bool):
        raise ValueError("the engine decides no constants")  # noqa: TRY004 - the value is wrong.
    if isinstance(formula, Every):
        return {"$and": [as_durable(part, names) for part in formula.parts]}
    if isinstance(formula, Some):
        return {"$or": [as_durable(part, names) for part in formula.parts]}
    comparison = {names[formula.slot]: formula.value}
    if formula.compare is Compare.EQ:
        return comparison
    return {str(formula.compare): comparison}
