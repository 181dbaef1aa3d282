"""What is put before the engine: facts of one shape, and the rules that look at them.

Forms 2 to 4 derive one fact each; for form 1 the facts are the records themselves, so that all
rules on one kind share them. Who decides sees only decisions, never forms.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tiesan.facts.kinds import Fact, FactKind
from tiesan.rules.parameters import Values
from tiesan.rules.tree import AllOf, Related

NOT_JUDGED = -1


@dataclass(frozen=True)
class Decision:
    """The condition of one rule on the facts of one batch.

    ``condition`` starts at the batch's shape on both sides; ``related`` compare facts of
    other kinds with it. ``eras`` are the parameter values by era; ``era_of`` gives a fact's era, or
    ``NOT_JUDGED`` when the rule does not judge that fact (not in force, not occurred, not before
    the live day is over): such a fact is never a hit.
    """

    rule_id: str
    condition: AllOf
    related: tuple[Related, ...]
    eras: tuple[Values, ...]
    era_of: Callable[[Fact], int]


@dataclass(frozen=True)
class Batch:
    """Facts of one shape and the decisions about them; ``name`` is unique in an evaluation."""

    name: str
    shape: FactKind
    facts: Sequence[Fact]
    decisions: Sequence[Decision]


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that could not be decided on some facts: never to be read as "no violation"."""

    rule: str
    scope: str
    error: str


@dataclass
class Verdicts:
    """The answers: per rule the positions (in its batch's facts) of the hits, ascending.

    A rule in ``not_evaluated`` has no entry in ``hits``. ``facts`` counts the facts put before the
    engine, ``settled_before`` the conditions with related facts that the plain evaluator decided.
    """

    hits: dict[str, list[int]] = field(default_factory=dict)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)
    facts: int = 0
    settled_before: int = 0
