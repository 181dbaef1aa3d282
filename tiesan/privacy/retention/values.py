"""The values of retention: how much there is, a kind, and a removal that is asked for."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import SHANGHAI

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is or was removed: rows, files with their bytes, and the oldest moment."""

    rows: int = 0
    files: int = 0
    bytes: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal: by whom, of what is from before a moment, at what moment, below which folder."""

    actor: Actor
    before: datetime
    at: datetime
    place: Path


Count: TypeAlias = Callable[[Session, Path, datetime], Amount]
Remove: TypeAlias = Callable[[Session, Removal], Amount]
Sweep: TypeAlias = Callable[[Session, Removal], None]


def no_sweep(session: Session, removal: Removal) -> None:
    """Remove nothing from disk: for kinds that have no files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of what is removed.

    ``about`` says what goes and what stays, ``who`` who sees it until then. ``default`` are the
    months that hold while nothing is set, None is never; fewer than ``least`` cannot be set.
    ``count`` tells how much would be removed of what is from before a moment; ``remove`` removes
    the rows, and the caller commits; ``sweep`` then removes their files from disk. It is called
    with every run, so that what a crash has left lying goes with the next one, and commits itself.
    """

    name: str
    title: str
    about: str
    who: str
    count: Count
    remove: Remove
    sweep: Sweep = no_sweep
    default: int | None = None
    least: int = 1


def months_before(day: date, months: int) -> datetime:
    """Return the beginning of the day that lies so many months before a day.

    Where that month is shorter it is its last day.
    """
    whole = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(whole, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.combine(date(year, month + 1, min(day.day, last)), time.min, SHANGHAI)
