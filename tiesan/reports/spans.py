"""The spans of days that numbers are about: a month, a quarter, a half year or a year."""

import re
from dataclasses import dataclass
from datetime import date

from tiesan.calendar.deadlines import day_before
from tiesan.calendar.periods import Every, Period, day_named, period_of

# How long a span is, by what its label has behind the year.
_LENGTHS = {"": Every.YEAR, "H": Every.HALF_YEAR, "Q": Every.QUARTER, "0": Every.MONTH}
_LABEL = re.compile(r"(19|2\d)\d\d(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar month, quarter, half year or year, both ends included; ``2026-Q4`` is a label."""

    first_day: date
    last_day: date
    label: str

    @classmethod
    def named(cls, label: str) -> "Span":
        """Return the span of a label such as ``2026-11``; ValueError for what is none."""
        if _LABEL.fullmatch(label) is None:
            message = f"no month, quarter, half year or year: {label!r}"
            raise ValueError(message)
        return cls.holding(_every(label), day_named(label))

    @classmethod
    def holding(cls, every: Every, day: date) -> "Span":
        """Return the span of a length in which a day lies."""
        return _span(period_of(every, day))

    @property
    def every(self) -> Every:
        """How long it is."""
        return _every(self.label)

    @property
    def before(self) -> "Span":
        """The span of the same length before this one."""
        return self.holding(self.every, day_before(self.first_day))

    def ends(self, as_of: date) -> date:
        """Return its last day that is known as of a day."""
        return min(self.last_day, as_of)


def _every(label: str) -> Every:
    mark = label[5:6]
    return _LENGTHS["0" if mark.isdigit() else mark]


def _span(period: Period) -> Span:
    return Span(period.first_day, period.last_day, period.label)
