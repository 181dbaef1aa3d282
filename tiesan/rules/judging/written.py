"""Conditions written out as Python functions: a condition becomes one expression, compiled once.

Nothing that anybody wrote gets into the text. It is put together from the words below, positions in
facts, and names made here (``c0``, ``t1``); every constant, name of a parameter and function that a
condition needs is reached through one of these names. So texts that are alike are common, and each
is compiled once in a process, however often its rules are evaluated.

Blank is no value: where a side may be blank, the text asks for that first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from tiesan.facts.folding import folded
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
)

# Deeper conditions are refused. The language allows eight levels; a form adds one.
MOST_DEPTH = 100
# Python's own compiler takes neither parentheses nor expressions of any depth: what is deeper than
# this within a function, or beyond so many comparisons, becomes a function of its own.
_DEPTH = 10
_COMPARISONS = 400
# A group of more parts is written as a group of groups.
_WIDE = 100
# How many texts are kept compiled.
_KEPT = 256

_FUNCTION = "judge"
# A function reaches nothing but what it was given and these.
_BUILTINS = {"enumerate": enumerate, "zip": zip}

# The ops whose right side is a list.
_LISTS = frozenset({Op.IN, Op.NOT_IN})
_SIGNS: Mapping[Op, str] = {
    Op.EQ: "{left} == {right}",
    Op.NE: "{left} != {right}",
    Op.LT: "{left} < {right}",
    Op.LTE: "{left} <= {right}",
    Op.GT: "{left} > {right}",
    Op.GTE: "{left} >= {right}",
    Op.CONTAINS: "{right} in {left}",
    Op.STARTS_WITH: "{left}.startswith({right})",
}


@dataclass(frozen=True, slots=True)
class Read:
    """How a value is read: the expression, a short one for reading it again, if it is never blank.

    The second expression may be used only where the first was evaluated before.
    """

    first: str
    again: str
    sure: bool = False


# A side of a comparison, as the function being written reads it.
ReadPath: TypeAlias = Callable[[Path], Read]
ReadParameter: TypeAlias = Callable[[ParameterRef], Read]


class Names:
    """The names of one text: constants by name, and names for what is kept while it runs."""

    def __init__(self) -> None:
        """Start without any."""
        self.constants: dict[str, Any] = {}
        self._kept = 0

    def constant(self, value: object) -> str:
        """The name under which the text finds a value."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def kept(self, expression: str) -> Read:
        """The reading that keeps the value of an expression, so as to evaluate it once."""
        name = f"t{self._kept}"
        self._kept += 1
        return Read(f"({name} := {expression})", name)

    def function(self, parameters: str, body: Iterable[str]) -> Any:
        """The function of these parameters and lines; it sees the constants and no builtins."""
        lines = [f"def {_FUNCTION}({parameters}):", *(f"    {line}" for line in body)]
        names = {"__builtins__": _BUILTINS, **self.constants}
        exec(_compiled("\n".join(lines)), names)  # noqa: S102 - the text holds nobody's words.
        return names[_FUNCTION]


@lru_cache(maxsize=_KEPT)
def _compiled(text: str) -> CodeType:
    return compile(text, "<condition>", "exec", dont_inherit=True)


class Writer:
    """Writes conditions as expressions; ``own`` reads left sides, ``anchor`` paths with a dot.

    ``apart`` gives the expression for a condition that is judged by a function of its own.
    """

    def __init__(
        self,
        names: Names,
        own: ReadPath,
        anchor: ReadPath,
        parameter: ReadParameter,
        apart: Callable[[Condition], str],
    ) -> None:
        """Take how the function being written reads what conditions speak of."""
        self._names, self._own, self._anchor = names, own, anchor
        self._parameter, self._apart = parameter, apart
        self._room = _COMPARISONS

    def condition(self, condition: Condition, depth: int = 0) -> str:
        """The expression that is True where the condition holds, and False where it does not."""
        if isinstance(condition, Comparison):
            self._room -= 1
            return self._comparison(condition)
        if depth == _DEPTH or self._room <= 0:
            return self._apart(condition)
        parts = [f"({self.condition(part, depth + 1)})" for part in _narrow(condition)]
        if isinstance(condition, AllOf):
            return " and ".join(parts) or "True"
        either = " or ".join(parts) or "False"
        return f"not ({either})" if isinstance(condition, NoneOf) else either

    def _comparison(self, comparison: Comparison) -> str:
        left, op, right = comparison.left, comparison.op, comparison.right
        read = self._own(left) if isinstance(left, Path) else self._parameter(left)
        if right is None:
            return f"{read.first} is {'None' if op is Op.ABSENT else 'not None'}"
        if op is Op.MATCHES_TEXT:
            return self._matching(left, right)
        if op in _LISTS or isinstance(right, tuple):
            return self._listing(read, right, positive=op is Op.IN)
        other = self._operand(right)
        if op is Op.EQ and other.sure:
            # A blank equals nothing that is there.
            return _SIGNS[op].format(left=read.first, right=other.first)
        guards = [f"{each.first} is not None" for each in (read, other) if not each.sure]
        if comparison.days is None:
            sign = _SIGNS[op].format(left=read.again, right=other.again)
            return " and ".join([*guards, sign])
        days = self._operand(comparison.days)
        guards += [] if days.sure else [f"{days.first} is not None"]
        apart = f"{read.again}.toordinal() - {other.again}.toordinal()"
        return " and ".join([*guards, f"-{days.again} <= {apart} <= {days.again}"])

    def _listing(self, read: Read, given: Operand | tuple[Operand, ...], *, positive: bool) -> str:
        word = "in" if positive else "not in"
        if not isinstance(given, tuple):
            # A list parameter, whose items are never blank.
            within = f"{read.again} {word} {self._operand(given).first}.members"
            return within if read.sure else f"{read.first} is not None and {within}"
        if all(isinstance(each, Literal) and each.value is not None for each in given):
            constants = frozenset(each.value for each in given if isinstance(each, Literal))
            within = f"{read.again} {word} {self._names.constant(constants)}"
            return within if read.sure else f"{read.first} is not None and {within}"
        operands = [self._operand(each).first for each in given]
        members = self._names.kept(f"({''.join(f'{each}, ' for each in operands)})")
        parts = [] if read.sure else [f"{read.first} is not None"]
        if not positive:
            # Of what is not in a list with a blank nobody can say so.
            parts.append(f"None not in {members.first}")
            return " and ".join([*parts, f"{read.again} not in {members.again}"])
        return " and ".join([*parts, f"{read.again} in {members.first}"])

    def _matching(self, left: Path | ParameterRef, given: Operand | tuple[Operand, ...]) -> str:
        """Whether a side is one of some texts when all are folded; nothing matches nothing."""
        read = self._folded(left)
        if isinstance(given, ParameterRef) and given.is_list:
            items = self._operand(given).first
            return f"{read.first} is not None and {read.again} in {items}.folded"
        texts = given if isinstance(given, tuple) else (given,)
        members = "".join(f"{self._folded(each).first}, " for each in texts)
        return f"{read.first} is not None and {read.again} in ({members})"

    def _folded(self, side: Path | Operand) -> Read:
        if isinstance(side, Path):
            return self._own(side.folded)
        if isinstance(side, AnchorPath):
            return self._anchor(side.path.folded)
        if isinstance(side, Literal):
            name = self._names.constant(folded(str(side.value)))
            return Read(name, name)
        fold, value = self._names.constant(folded), self._parameter(side)
        return self._names.kept(f"({value.first} is not None and {fold}({value.again}) or None)")

    def _operand(self, operand: Operand) -> Read:
        if isinstance(operand, Literal):
            name = self._names.constant(operand.value)
            return Read(name, name, sure=operand.value is not None)
        if isinstance(operand, AnchorPath):
            return self._anchor(operand.path)
        return self._parameter(operand)


def _narrow(group: AllOf | AnyOf | NoneOf) -> tuple[Condition, ...]:
    """The parts of a group, bundled until they are few enough for one expression."""
    parts, bundle = group.parts, AllOf if isinstance(group, AllOf) else AnyOf
    while len(parts) > _WIDE:
        starts = range(0, len(parts), _WIDE)
        parts = tuple(bundle(parts[start : start + _WIDE]) for start in starts)
    return parts


def comparisons(condition: Condition) -> int:
    """How many comparisons a condition has; raises ValueError when it is nested too deep."""
    number, depth, level = 0, 0, [condition]
    while level:
        if depth > MOST_DEPTH:
            message = f"conditions nested deeper than {MOST_DEPTH} levels are not judged"
            raise ValueError(message)
        below: list[Condition] = []
        for each in level:
            if isinstance(each, Comparison):
                number += 1
            else:
                below.extend(each.parts)
        depth, level = depth + 1, below
    return number
