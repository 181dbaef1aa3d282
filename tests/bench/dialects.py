"""Conditions of the rules language written in other languages, for engines that read those.

Other engines compare facts in the form in which durable_rules sees them: dates are ordinals,
amounts fen. A blank never compares: where a language would say otherwise, presence is asked first.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tiesan.engine.slots import constant
from tiesan.facts.kinds import Fact, Value
from tiesan.rules import AllOf, Comparison, Condition, Literal, NoneOf, Op, Path

_SIGNS = {Op.EQ: "==", Op.NE: "!=", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}


@dataclass(frozen=True)
class Dialect:
    """How a language writes presence, absence and constants; all write the rest alike."""

    present: str
    absent: str
    literal: Callable[[Value], str] = lambda value: json.dumps(constant(value), ensure_ascii=False)

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
        return self.literal(operand.value)


ZEN = Dialect("{} != null", "{} == null")
RULE_ENGINE = Dialect("{} != null", "{} == null")


def python_function(
    conditions: Mapping[str, AllOf], fields: Sequence[str]
) -> Callable[[Sequence[Fact]], dict[str, list[int]]]:
    """One function for all rules, written for them and compiled: the positions of the hits.

    ``fields`` are those of the facts, in their order.
    """
    names: dict[str, Value] = {}

    def named(value: Value) -> str:
        names[name := f"c{len(names)}"] = value
        return name

    dialect = Dialect("{} is not None", "{} is None", named)
    lines = ["def decide(facts):"]
    lines += [f"    hits_{number} = []" for number in range(len(conditions))]
    lines += [f"    for position, ({', '.join(fields)},) in enumerate(facts):"]
    for number, condition in enumerate(conditions.values()):
        lines += [f"        if {dialect.written(condition)}:"]
        lines += [f"            hits_{number}.append(position)"]
    listed = ", ".join(f"{rule!r}: hits_{n}" for n, rule in enumerate(conditions))
    lines += [f"    return {{{listed}}}"]
    module: dict[str, Any] = dict(names)
    exec(compile("\n".join(lines), "generated", "exec"), module)  # noqa: S102 - written just above.
    decide: Callable[[Sequence[Fact]], dict[str, list[int]]] = module["decide"]
    return decide
