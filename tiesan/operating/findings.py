"""What a doctor says: how it stands with one thing, in one line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.engine.deciding import Engine
from tiesan.i18n import _l
from tiesan.operating.backup import Installation


class Level(StrEnum):
    """How it stands: well, something to see to, or something that does not work."""

    WELL = "well"
    WARNING = "warning"
    FAULT = "fault"


LEVELS: Mapping[Level, str] = {
    Level.WELL: _l("well"),
    Level.WARNING: _l("to be seen to"),
    Level.FAULT: _l("fault"),
}
_GRAVITY = tuple(Level)


@dataclass(frozen=True, slots=True)
class Patient:
    """An installation as it is looked at: its places, its settings, its engine, and the moment."""

    what: Installation
    environment: Mapping[str, str]
    engine: Engine
    now: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """How it stands with one thing; ``check`` is the word by which programs know the thing."""

    check: str
    level: Level
    text: str


# What a check found that is not well; nothing at all is well.
Trouble: TypeAlias = tuple[Level, str]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at: what it is called, who looks, and what is said when it is well.

    With ``stored`` it is looked at in the database, and left out where that cannot be read.
    """

    name: str
    title: str
    looks: Callable[[Patient], Iterable[Trouble]] | None = None
    stored: Callable[[Session, Patient], Iterable[Trouble]] | None = None


def gravest(findings: Iterable[Finding]) -> Level:
    """Return how it stands altogether."""
    return max((each.level for each in findings), key=_GRAVITY.index, default=Level.WELL)
