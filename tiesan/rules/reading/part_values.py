"""Constants that a part of a date or of a text can never have: a condition in vain."""

import operator
from collections.abc import Callable, Mapping

from tiesan.facts.folding import folded
from tiesan.facts.kinds import Value
from tiesan.i18n import _
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.tree import Op

# The least and the greatest value of each part; a text may be as long as it likes.
_RANGES: Mapping[Part, tuple[int, int | None]] = {
    DatePart.YEAR: (1, 9999),
    DatePart.HALF_YEAR: (1, 2),
    DatePart.QUARTER: (1, 4),
    DatePart.MONTH: (1, 12),
    DatePart.WEEK: (1, 53),
    DatePart.WEEKDAY: (1, 7),
    TextPart.LENGTH: (1, None),
}
# A comparison upwards can be fulfilled if the greatest value fulfils it, and so on.
_UPWARDS: Mapping[Op, Callable[[int, int], bool]] = {Op.GT: operator.gt, Op.GTE: operator.ge}
_DOWNWARDS: Mapping[Op, Callable[[int, int], bool]] = {Op.LT: operator.lt, Op.LTE: operator.le}


def check_part(part: Part, op: Op, value: Value) -> None:
    """Raise ValueError with a message when no part of any value compares so with a constant."""
    if part is TextPart.FOLDED:
        _check_folded(str(value))
    elif part in _RANGES and isinstance(value, int) and not _possible(part, op, value):
        least, most = _RANGES[part]
        text = _("%(value)d is no value of '%(part)s'; allowed: %(least)d to %(most)s")
        if op in _UPWARDS or op in _DOWNWARDS:
            text = _("no '%(part)s' is %(op)s %(value)d; it is %(least)d to %(most)s")
        end = _("any number") if most is None else str(most)
        named = {"part": str(part), "op": str(op), "value": value, "least": least, "most": end}
        raise ValueError(text % named)


def _possible(part: Part, op: Op, value: int) -> bool:
    least, most = _RANGES[part]
    if op in _UPWARDS:
        return most is None or _UPWARDS[op](most, value)
    if op in _DOWNWARDS:
        return _DOWNWARDS[op](least, value)
    return least <= value and (most is None or value <= most)


def check_matched(text: str) -> None:
    """Raise ValueError with a message when no text at all matches a constant."""
    if folded(text) is None:
        raise ValueError(_("nothing is left of '%s' when it is folded") % text)


def _check_folded(text: str) -> None:
    """A folded text has neither capitals nor blanks nor full-width letters in it."""
    wanted = folded(text)
    if wanted is None:
        raise ValueError(_("nothing is left of '%s' when it is folded") % text)
    if wanted != text:
        named = {"text": text, "folded": wanted}
        raise ValueError(_("no folded text holds '%(text)s'; folded it is '%(folded)s'") % named)
