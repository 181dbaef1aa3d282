"""What a value can be compared by and a group measured by, in words to choose from."""

from collections.abc import Mapping

from tiesan.facts.kinds import FieldType
from tiesan.i18n import _l
from tiesan.rules.measured import SCALES, Measured, Side
from tiesan.rules.offering.paths import Offer
from tiesan.rules.reading.condition_parser import ops_of
from tiesan.rules.tree import Op

_WORDS: Mapping[Op, str] = {
    Op.EQ: _l("is"),
    Op.NE: _l("is given and is not"),
    Op.LT: _l("is below"),
    Op.LTE: _l("is at most"),
    Op.GT: _l("is above"),
    Op.GTE: _l("is at least"),
    Op.IN: _l("is one of"),
    Op.NOT_IN: _l("is given and is none of"),
    Op.CONTAINS: _l("contains"),
    Op.STARTS_WITH: _l("begins with"),
    Op.MATCHES_TEXT: _l("is the same text (regardless of case, width and blanks)"),
    Op.WITHIN_DAYS: _l("lies within some days of"),
    Op.PRESENT: _l("is given"),
    Op.ABSENT: _l("is not given"),
}
_DATED: Mapping[Op, str] = {
    Op.LT: _l("is before"),
    Op.LTE: _l("is on or before"),
    Op.GT: _l("is after"),
    Op.GTE: _l("is on or after"),
}
_TIMED: Mapping[Op, str] = {
    Op.LT: _l("is earlier than"),
    Op.LTE: _l("is not later than"),
    Op.GT: _l("is later than"),
    Op.GTE: _l("is not earlier than"),
}
_OF_TYPE = {FieldType.DATE: _DATED, FieldType.TIME: _TIMED}
SIDE_WORDS: Mapping[Side, str] = {
    Side.AT_LEAST: _l("at least"),
    Side.MORE_THAN: _l("more than"),
    Side.AT_MOST: _l("at most"),
    Side.LESS_THAN: _l("less than"),
}
MEASURE_WORDS: Mapping[Measured, str] = {
    Measured.COUNT: _l("number of records"),
    Measured.COUNT_DISTINCT: _l("number of different values"),
    Measured.SUM: _l("total"),
    Measured.AVG: _l("average"),
    Measured.MIN: _l("least value"),
    Measured.MAX: _l("greatest value"),
    Measured.SHARE: _l("share that meets conditions (percent)"),
}


def op_words(kind: FieldType) -> list[Offer]:
    """The comparisons that a type has, in words."""
    words = {**_WORDS, **_OF_TYPE.get(kind, {})}
    return [Offer(str(op), str(words[op])) for op in ops_of(kind)]


def takes(op: str) -> str:
    """What a comparison is compared with: nothing, one value, several, or a date and days."""
    match op:
        case Op.PRESENT | Op.ABSENT:
            return "nothing"
        case Op.IN | Op.NOT_IN:
            return "several"
        case Op.WITHIN_DAYS:
            return "days"
        case _:
            return "one"


def measures_of(kind: FieldType | None) -> list[Measured]:
    """What can be measured of values of a type; of no values, what needs none."""
    if kind is None:
        return [Measured.COUNT, Measured.SHARE]
    found = [Measured.COUNT_DISTINCT]
    if kind in SCALES:
        found += [Measured.SUM] * SCALES[kind].adds + [Measured.AVG, Measured.MIN, Measured.MAX]
    return found
