"""What the function of a job is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from tiesan.audit import Actor

Outcome = Mapping[str, Any]
# What an outcome says under this name is why it counts as failed: a word, not prose.
FAILED = "failed"
# And under this one, how many sendings ended in which state.
SENDINGS = "sendings"


@dataclass(frozen=True, slots=True)
class Work:
    """One run: for whom and which day, on which database, in whose name, at what moment.

    ``progress`` is told how many steps of how many are done.
    """

    database: Engine
    district_id: int | None
    day: date
    given: Mapping[str, Any]
    actor: Actor
    now: datetime
    progress: Callable[[int, int], None]
