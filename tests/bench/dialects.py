"""Conditions of the rules language written in other languages, for engines that read those.

Facts are compared in the form in which durable_rules sees them: dates are ordinals, amounts fen. A
blank never compares: where a language would say otherwise, presence is asked first.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tiesan.engine.slots import constant
from tiesan.rules.tree import AllOf, Comparison, Condition, Literal, NoneOf, Op, Path

_SIGNS = {Op.EQ: "==", Op.NE: "!=", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}


@dataclass(frozen=True)
class Dialect:
    """How a language writes presence, absence and constants; all write the rest alike."""

    present: str
    absent: str
    literal: Callable[[object], str] = lambda value: json.dumps(value, ensure_ascii=False)

    def written(self, condition: Condition) -> str:
        """A condition over single facts; NotImplementedError for what the benchmark lacks."""
        if isinstance(condition, Comparison):
            return f"({self._comparison(condition)})"
        parts = [self.written(part) for part in condition.parts]
        if isinstance(condition, AllOf):
            return f"({' and '.join(parts)})"
        either = f"({' or '.join(parts)})"
        return f"(not {either})" if isinstance(condition, NoneOf) else either

    def _comparison(self, comparison: Comparison) -> str:
        left, op, right = comparison.left, comparison.op, comparison.right
        if not isinstance(left, Path) or left.through or left.part:
            raise NotImplementedError("only fields of the fact itself")
        name = left.field.name
        present = self.present.format(name)
        if op in (Op.PRESENT, Op.ABSENT):
            return present if op is Op.PRESENT else self.absent.format(name)
        if isinstance(right, tuple):
            members = ", ".join(map(self._constant, right))
            within = f"({name} in [{members}])"
            return f"{present} and {within if op is Op.IN else f'(not {within})'}"
        return f"{present} and {name} {_SIGNS[op]} {self._constant(right)}"

    def _constant(self, operand: object) -> str:
        if not isinstance(operand, Literal):
            raise NotImplementedError("only constants")
        return self.literal(constant(operand.value))


PYTHON = Dialect("{} is not None", "{} is None", repr)
ZEN = Dialect("{} != null", "{} == null")
RULE_ENGINE = Dialect("{} != null", "{} == null")


def python_module(conditions: Mapping[str, AllOf], fields: list[str]) -> str:
    """A module with a function ``decide(rows)``: the positions of the hits, rule by rule.

    ``rows`` are tuples of the fields in their order.
    """
    lines = ["def decide(rows):"]
    lines += [f"    hits_{number} = []" for number in range(len(conditions))]
    lines += [f"    for position, ({', '.join(fields)},) in enumerate(rows):"]
    for number, condition in enumerate(conditions.values()):
        lines += [f"        if {PYTHON.written(condition)}:"]
        lines += [f"            hits_{number}.append(position)"]
    listed = ", ".join(f"{rule!r}: hits_{n}" for n, rule in enumerate(conditions))
    return "\n".join([*lines, f"    return {{{listed}}}"])
