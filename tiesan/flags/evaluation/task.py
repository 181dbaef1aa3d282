"""What an evaluation is asked, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import day_of
from tiesan.flags.catalog import Catalog, read_catalog
from tiesan.flags.days import Days, live_days
from tiesan.flags.installed import DatedValues
from tiesan.flags.reconcile import Changes
from tiesan.rules import Decide, Evaluation, Hit, NotEvaluated


@dataclass(frozen=True)
class Task:
    """Who evaluates what, when: the same for every district of one run.

    The whole of ``as_of`` is judged where ``judged_until`` is the same day. Otherwise the
    evaluation is *live*: it knows the running day ``as_of``, which is not over, and judges what was
    not done up to ``judged_until``, or with None only up to the last day that the district was
    judged whole. ``now`` is the moment of the evaluation; a day after that moment's is stored only
    ``ahead``, which says that it is meant. A task that leads ``back`` brings a district whose
    stored day lies in the future back to its own days. One with values that are ``tried`` judges by
    them on top of the stored ones, and is a question: nothing of it is stored.
    """

    actor: Actor
    catalog: Catalog
    decide: Decide
    as_of: date
    judged_until: date | None
    now: datetime
    ahead: bool = False
    back: bool = False
    tried: DatedValues = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day on which the evaluation takes place, in Asia/Shanghai."""
        return day_of(self.now)

    def by_what_is_published(self, session: Session) -> "Task":
        """This task by the rules that are published now, whenever its catalogue was read."""
        catalog = read_catalog(session, self.today, self.catalog)
        return self if catalog is self.catalog else replace(self, catalog=catalog)

    def days(self, stored: date | None) -> Days:
        """The two days for a district that was last judged whole on a day (None: never).

        Where that was later than the days of a live evaluation, the district's flags speak of it,
        and so does the evaluation.
        """
        if self.judged_until == self.as_of:
            return Days(self.as_of, self.judged_until)
        last = None if stored is not None and self.brings_back(stored) else stored
        live = live_days(self.as_of, last)
        if self.judged_until is None:
            return live
        return Days(live.as_of, max(self.judged_until, live.judged_until))

    def brings_back(self, stored: date | None) -> bool:
        """Whether a district that was judged whole as of a day is brought back from it."""
        return self.back and stored is not None and stored > self.today

    def is_stored(self, stored: date | None) -> bool:
        """Whether the answer is stored for a district that was last judged whole on a day.

        Looking back, looking ahead and trying are questions.
        """
        if self.tried:
            return False
        if self.as_of > self.today and not self.ahead:
            return False
        return stored is None or self.brings_back(stored) or self.days(stored).as_of >= stored


@dataclass
class DistrictOutcome:
    """What the evaluation of one district found, and what it changed (nothing if not stored).

    ``review_of`` gives the review of one of its hits as of its day.
    ``whole_until`` is the last day that the district had been judged whole before; ``new_rules``
    says that other rules judged it then. ``waiting`` are the rules of ``evaluation.not_evaluated``
    that changed since, and of which nothing is said before the district is judged whole again.
    """

    district: str
    evaluation: Evaluation
    rules: int
    review_of: Callable[[Hit], str]
    stored: bool = False
    whole_until: date | None = None
    new_rules: bool = False
    waiting: frozenset[str] = frozenset()
    changes: Changes = field(default_factory=Changes)

    @property
    def unknown(self) -> list[NotEvaluated]:
        """What could not be decided, and not because it waits."""
        return [each for each in self.evaluation.not_evaluated if each.rule not in self.waiting]


@dataclass
class Outcome:
    """What the evaluation of an installation found."""

    as_of: date
    districts: list[DistrictOutcome]

    @property
    def hits(self) -> list[Hit]:
        """All hits, by rule, subject and key."""
        return [hit for hit, _review in self.reviewed]

    @property
    def reviewed(self) -> list[tuple[Hit, str]]:
        """All hits, by rule, subject and key, each with its review as of the day."""
        found = (
            (hit, each.review_of(hit)) for each in self.districts for hit in each.evaluation.hits
        )
        return sorted(found, key=lambda pair: _place_of(pair[0]))

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


def _place_of(hit: Hit) -> tuple[str, ...]:
    return (hit.rule, hit.subject, hit.key, hit.subject_kind)
