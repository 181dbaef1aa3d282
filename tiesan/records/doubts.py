"""Doubts: what a record may say, but hardly means. Shown to be checked, not refused.

A record class declares its own as data (``doubts``), beside ``row_checks``; odd years are doubted
everywhere. Imports list them as remarks. Forms tell them after saving, and refuse those that are
``refused``: whoever writes a form can be asked, a file of the past cannot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias

from tiesan.columns import MAX_YEAR, MIN_YEAR
from tiesan.i18n import _l

Row: TypeAlias = Mapping[str, Any]
ODD_YEAR = _l("a year that is hardly meant")
# The calendar is kept up to here; later days are slips of the pen.
_LAST_YEAR = 2100


class Setting(Protocol):
    """What a doubt may look at besides its row; references are given as the row holds them."""

    def is_working_day(self, day: date) -> bool:
        """Whether a day is a working day."""

    def in_post(self, cadre: Any, day: date) -> bool:
        """Whether a cadre is in post on a day."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful of one row: ``doubtful`` takes its values by field name, and the setting.

    ``field`` is the field to name, ``message`` a lazy text.
    """

    field: str
    message: str
    doubtful: Callable[[Row, Setting], bool]
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of one ``of`` (a reference) that lie over each other.

    ``span`` gives the first and the last of consecutive numbers that a row covers; None for one
    that covers nothing.
    """

    field: str
    message: str
    of: str
    span: Callable[[Row], tuple[int, int] | None]
    refused: bool = False


def odd_year(value: object) -> bool:
    """Whether a value is a date of a year that nobody means."""
    return isinstance(value, date) and not MIN_YEAR <= value.year <= min(MAX_YEAR, _LAST_YEAR)


def overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Whether two spans have a number in common."""
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]
