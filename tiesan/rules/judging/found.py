"""What a rule found, one for each flag: whose it is, under which key, and the day it bears."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.forms.derived import Derived, Setting
from tiesan.rules.judging.keys import KeyWriter
from tiesan.rules.judging.world import World
from tiesan.rules.parameters import Values
from tiesan.rules.tree import Rule


@dataclass(frozen=True, slots=True)
class Found:
    """A fact that a rule hit: what identifies its flag, and the parameters that it counts by."""

    fact: Fact
    subject: str
    key: str
    occurred_on: date
    values: Values


def found(setting: Setting, derived: Derived, positions: Iterable[int]) -> Sequence[Found]:
    """What a rule found among the facts at some positions.

    Two facts with one key are one flag: the one that occurred first speaks for both.
    """
    finder = _Finder(setting.rule, setting.binding)
    by_flag: dict[tuple[str, str], Found] = {}
    for position in positions:
        fact = derived.facts[position]
        counted_from = derived.counted_from(fact)
        if counted_from is None:
            continue
        each = finder.found(fact, setting.world, setting.history.values_on(counted_from))
        if each is not None:
            known = by_flag.get((each.subject, each.key))
            if known is None or each.occurred_on < known.occurred_on:
                by_flag[each.subject, each.key] = each
    return list(by_flag.values())


class _Finder:
    """Reads of the facts of one rule whose flag they are."""

    def __init__(self, rule: Rule, binding: Binding) -> None:
        self._kind = rule.subject_kind
        self._subject = binding.getter(rule.subject, rule.shape)
        self._occurred = binding.getter(rule.occurred_on, rule.shape)
        self._key = KeyWriter(rule, binding)

    def found(self, fact: Fact, world: World, values: Values) -> Found | None:
        """What a fact was found for; None where it is nobody's, or of no day that is judged."""
        code, occurred_on = self._subject(fact), self._occurred(fact)
        if code is None or not isinstance(occurred_on, date):
            return None
        subject = str(code)
        if not _tracked(world, self._kind, subject, occurred_on):
            return None
        return Found(fact, subject, self._key.key(fact, values), occurred_on, values)


def _tracked(world: World, subject_kind: str, subject: str, occurred_on: date) -> bool:
    """``tracked_from <= occurred_on <= D`` (institutions.md, "Occurred on")."""
    tracked_from = world.tracked_from(subject_kind, subject)
    return tracked_from is not None and tracked_from <= occurred_on <= world.as_of
