"""Parts: what a path may take of a date or of a text."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from tiesan.facts.kinds import FieldType


class DatePart(StrEnum):
    """What a path may take of a date; each is an integer, but whether it is a working day."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    WEEKDAY = "weekday"
    WORKING_DAY = "working_day"


class TextPart(StrEnum):
    """What a path may take of a text: how many characters it has, and the text folded."""

    LENGTH = "length"
    FOLDED = "folded"


Part: TypeAlias = DatePart | TextPart

# The parts that are no integers.
PART_TYPES: Mapping[Part, FieldType] = {
    TextPart.FOLDED: FieldType.TEXT,
    DatePart.WORKING_DAY: FieldType.BOOLEAN,
}
