"""What an evaluation is asked, and what it answers."""

from dataclasses import dataclass, field
from datetime import date, datetime

from tiesan.audit import Actor
from tiesan.flags.catalog import Catalog
from tiesan.flags.reconcile import Changes
from tiesan.rules.judging.decisions import NotEvaluated
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.levels import Decide, Evaluation


@dataclass(frozen=True)
class Task:
    """Who evaluates what, when: the same for every district of one run.

    The whole of ``as_of`` is judged where ``judged_until`` is the same day. Where it is an earlier
    one, the evaluation is *live*: it knows the running day, which is not judged whole, and speaks
    of the days that a district's stored flags speak of if those are later.
    """

    actor: Actor
    catalog: Catalog
    decide: Decide
    as_of: date
    judged_until: date
    now: datetime

    def days(self, stored: date | None) -> "Days":
        """The two days for a district that was last judged whole on a day (None: never)."""
        if stored is None or self.as_of == self.judged_until:
            return Days(self.as_of, self.judged_until)
        return Days(max(self.as_of, stored), max(self.judged_until, stored))


@dataclass(frozen=True, slots=True)
class Days:
    """What is known (the end of ``as_of``), and until when it is judged what was not done."""

    as_of: date
    judged_until: date


@dataclass
class DistrictOutcome:
    """What the evaluation of one district found, and what it changed (nothing if not stored)."""

    district: str
    evaluation: Evaluation
    rules: int
    stored: bool
    changes: Changes = field(default_factory=Changes)


@dataclass
class Outcome:
    """What the evaluation of an installation found."""

    as_of: date
    districts: list[DistrictOutcome]

    @property
    def hits(self) -> list[Hit]:
        """All hits, by rule, subject and key."""
        found = (hit for each in self.districts for hit in each.evaluation.hits)
        return sorted(found, key=lambda hit: (hit.rule, hit.subject, hit.key, hit.subject_kind))

    @property
    def not_evaluated(self) -> list[tuple[str, NotEvaluated]]:
        """What could not be decided, with the district's code."""
        return [
            (each.district, entry)
            for each in self.districts
            for entry in each.evaluation.not_evaluated
        ]

    @property
    def stored(self) -> bool:
        """Whether every district's flags were stored."""
        return all(each.stored for each in self.districts)
