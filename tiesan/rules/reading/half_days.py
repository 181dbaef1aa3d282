"""Comparisons with lengths: every number of days in them is read in half days, as lengths are."""

from dataclasses import replace

from tiesan.facts.kinds import FieldType
from tiesan.rules.tree import AnchorPath, Comparison, Literal, Operand, ParameterRef, Path


def in_half_days(comparison: Comparison) -> Comparison:
    """The comparison with whole days as half days, if one of its sides is a length."""
    right = comparison.right
    given = right if isinstance(right, tuple) else () if right is None else (right,)
    if FieldType.LENGTH not in {comparison.left.type, *(each.type for each in given)}:
        return comparison
    if isinstance(right, tuple):
        right = tuple(map(_operand, right))
    elif right is not None:
        right = _operand(right)
    return replace(comparison, left=_left(comparison.left), right=right)


def _left(side: Path | ParameterRef) -> Path | ParameterRef:
    if isinstance(side, ParameterRef):
        return replace(side, type=FieldType.LENGTH)
    return side if side.type is FieldType.LENGTH else replace(side, in_half_days=True)


def _operand(side: Operand) -> Operand:
    if side.type is FieldType.LENGTH:
        return side
    if isinstance(side, AnchorPath):
        return AnchorPath(replace(side.path, in_half_days=True))
    if isinstance(side, Literal) and isinstance(side.value, int):
        return Literal(2 * side.value, FieldType.LENGTH)
    return replace(side, type=FieldType.LENGTH)
