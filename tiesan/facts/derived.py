"""Derived fields: what a plugin computes of a record when facts are collected.

They are few and each has a test; a rule's logic belongs into the rule (rules-language.md, "Facts").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.kinds import Fact, FactKind, Field, Value
from tiesan.facts.leave import LeaveCover, LeaveSpan


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a derived field may look at besides its own record.

    ``in_post`` says whether a cadre is in post on a day; ``tracked_from`` gives the first day
    that the district of a cadre keeps records here (None for an unknown cadre).
    """

    calendar: WorkingCalendar
    leave: LeaveCover
    in_post: Callable[[str, date], bool]
    tracked_from: Callable[[str], date | None]


@dataclass(frozen=True, slots=True)
class Derivation:
    """Fields that are computed together for each fact of one kind.

    ``prepare(kind, surroundings)`` gives the function from a fact's stored values to the values
    of ``fields``, in their order; it is called once per collection.
    """

    kind: str
    fields: tuple[Field, ...]
    prepare: Callable[[FactKind, Surroundings], Callable[[Fact], tuple[Value, ...]]]


@dataclass(frozen=True, slots=True)
class Excuse:
    """The kind of record that excuses a cadre from duties and attendance: approved leave.

    ``span(kind, fact)`` is the span that a fact covers; None when it covers nothing, not being
    approved.
    """

    kind: str
    span: Callable[[FactKind, Fact], LeaveSpan | None]


def extended(kinds: Mapping[str, FactKind], derivations: tuple[Derivation, ...]) -> list[FactKind]:
    """The kinds with their derived fields behind the stored ones."""
    extra = {each.kind: each.fields for each in derivations}
    return [kind.with_fields(extra.get(name, ())) for name, kind in kinds.items()]
