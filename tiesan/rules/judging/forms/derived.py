"""What every form yields: facts of one shape, and where their evidence comes from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import NOT_JUDGED, Decision
from tiesan.rules.judging.world import World
from tiesan.rules.parameters import History, Values
from tiesan.rules.tree import AllOf, Related, Rule

Evidence = Iterator[tuple[str, Fact]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """That one looks ahead from a ``day``: at what is to be done and was not judged yet.

    It is looked at for the days from ``since`` to that of the world, within which no parameter
    changes. What was due by ``judged_until`` may be left out.
    """

    day: date
    since: date
    judged_until: date


@dataclass(frozen=True)
class Setting:
    """A rule about to be evaluated on a world: what every form needs.

    With an ``outlook`` it is not judged what was not done, but seen what is to be done.
    """

    rule: Rule
    history: History
    world: World
    binding: Binding
    outlook: Outlook | None = None


@dataclass(frozen=True)
class Derived:
    """The facts that a rule decides about.

    ``batch`` names the facts (rules on the same records share them); ``counted_from`` gives the
    day from which a fact's parameters are taken; ``evidence`` yields (kind, fact) of the stored
    facts behind a hit besides the fact itself.
    """

    batch: str
    facts: Sequence[Fact]
    decision: Decision
    counted_from: Callable[[Fact], date | None]
    evidence: Callable[[Fact], Evidence]


def decision(
    setting: Setting,
    condition: AllOf,
    related: tuple[Related, ...],
    counted_from: Callable[[Fact], date | None],
) -> Decision:
    """The decision of a rule whose facts count from the given days."""
    return Decision(
        setting.rule.id, condition, related, setting.history.eras, era_of(setting, counted_from)
    )


class _Eras(dict[date | None, int]):
    """The era of every day that was asked for: thousands of facts count from the same days."""

    def __init__(self, setting: Setting) -> None:
        super().__init__({None: NOT_JUDGED})
        self._first = setting.rule.in_force_from or date.min
        self._last = setting.rule.in_force_until or date.max
        self._history = setting.history

    def __missing__(self, day: date) -> int:
        judged = self._first <= day <= self._last
        era = self[day] = self._history.era(day) if judged else NOT_JUDGED
        return era


def era_of(setting: Setting, counted_from: Callable[[Fact], date | None]) -> Callable[[Fact], int]:
    """The era of a fact by the day it counts from; NOT_JUDGED outside the rule's time in force."""
    eras = _Eras(setting)
    return lambda fact: eras[counted_from(fact)]


def eras_of_days(setting: Setting) -> Callable[[date], int]:
    """The era of a day; NOT_JUDGED outside the rule's time in force."""
    eras = _Eras(setting)
    return lambda day: eras[day]


def no_evidence(_fact: Fact) -> Evidence:
    """No facts besides the one decided about."""
    return iter(())


def related_evidence(setting: Setting, related: tuple[Related, ...]) -> Callable[[Fact], Evidence]:
    """For ``with`` the facts that matched; for ``without`` those that came near but do not fit."""
    if not related:
        return no_evidence
    of_kind, shape, counted = setting.world.of_kind, setting.rule.shape, era_values(setting)
    looked_for = [
        (each, setting.binding.related(each, shape, of_kind(each.kind))) for each in related
    ]

    def evidence(fact: Fact) -> Evidence:
        values = counted(fact)
        for each, found in looked_for:
            near = found.candidates(fact) if each.negated else found.matching(fact, values)
            yield from ((each.kind, one) for one in near)

    return evidence


def era_values(setting: Setting) -> Callable[[Fact], Values]:
    """The parameter values of a fact by the day it occurred on (form 1)."""
    occurred = setting.binding.getter(setting.rule.occurred_on, setting.rule.shape)
    return lambda fact: setting.history.values_on(occurred(fact))
