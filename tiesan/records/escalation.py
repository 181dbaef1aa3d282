"""What a confirmed flag can be escalated to: how the institution that takes it says so.

Source: institutions.md, the clause of accountability. The core knows nothing of such a case but
what this value says; a plugin holds it in its contract.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.people.models import Cadre
from tiesan.records.base import Record


@dataclass(frozen=True, slots=True)
class Grounds:
    """For what a case is opened: who opens it on which day, against whom, because of what.

    ``occurred_on`` and ``finding`` are those of the flag; a confidential flag gives no ``finding``,
    because more people read the case. ``level`` is one of the levels, if one was given.
    """

    actor: Actor
    at: datetime
    day: date
    cadre: Cadre
    occurred_on: date
    finding: str | None
    level: str | None


Opens: TypeAlias = Callable[[Session, Grounds], Record]


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """What a confirmed flag on a cadre can be escalated to.

    ``case`` is the class of what is opened; ``decided_on`` and ``decision`` are those of its fields
    that say when and what was decided. ``levels`` are what may be said of how grave it is, with
    their words. ``opens`` stores the case with what belongs to it and returns it; it goes through
    the services of records and does not commit.
    """

    case: type[Record]
    decided_on: str
    decision: str
    levels: Mapping[str, str]
    opens: Opens
