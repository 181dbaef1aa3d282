"""A flag as the reference sees it, and the shape that every rule's function has."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from tests.oracle.tables import Row
from tests.oracle.world import World


class Flag(NamedTuple):
    """What tells a flag: all that two evaluations are compared by."""

    rule: str
    severity: str
    subject_kind: str
    subject: str
    key: str
    occurred_on: date


class Found(NamedTuple):
    """What a rule's function finds: the rest of the flag is the same for all of its rule."""

    subject: str
    key: str
    occurred_on: date


Judge = Callable[[World], Iterator[Found]]


class Rule(NamedTuple):
    """One line of the table of rules."""

    name: str
    severity: str
    subject_kind: str
    judge: Judge

    def flags(self, world: World) -> list[Flag]:
        """The rule's flags: "raised only when `tracked_from <= occurred_on <= D`"."""
        return [
            Flag(self.name, self.severity, self.subject_kind, *found)
            for found in self.judge(world)
            if self._tracked(world, found.subject) <= found.occurred_on <= world.as_of
        ]

    def _tracked(self, world: World, subject: str) -> date:
        if self.subject_kind == "cadre":
            return world.assessed_from(subject)
        return world.tracked_from(subject)


def not_in_time(done: date | None, deadline: date, judged_until: date) -> bool:
    """“Flags when `deadline <= D` and the thing is not done or was done later”."""
    return deadline <= judged_until and (done is None or done > deadline)


def organization_of(world: World, row: Row) -> str:
    """The organization of a row's cadre: "the one stored now"."""
    return world.cadres[row["cadre"]]["organization"]
