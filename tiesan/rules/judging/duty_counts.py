"""How many owed a duty in a period, and how many of them did it: counted while it is judged.

Whoever owes a duty and is not found by its rule has done it. Those who are excused, or did not
stand for the whole period, owe nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tiesan.rules.judging.forms.derived import Derived, Setting
from tiesan.rules.judging.sweeps import Sweep
from tiesan.rules.tree import AllOf, Duty


@dataclass(frozen=True, slots=True)
class DutyPeriod:
    """A duty in a period, of those of one kind in one organization.

    ``organization`` is its code: of the organization that owes, or to which those who owe are
    posted.
    """

    rule: str
    owner_kind: str
    organization: str
    first_day: date
    last_day: date
    due_on: date


class DutyCounts:
    """The counts of an evaluation: by period how many owed a duty, and how many did it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._found: dict[tuple[Any, ...], list[int]] = {}

    @property
    def counts(self) -> dict[DutyPeriod, tuple[int, int]]:
        """How many owed it and how many did it, by period."""
        return {DutyPeriod(*key): (owed, done) for key, (owed, done) in self._found.items()}

    def add(self, setting: Setting, derived: Derived, hits: Iterable[int]) -> None:
        """Count a duty that was judged; ``hits`` are the positions of those who did not do it."""
        rule, form = setting.rule, setting.rule.form
        if not isinstance(form, Duty):
            return
        shape, kind = rule.shape, form.owed_by.kind
        place = shape.index["code" if kind == "organization" else "organization"]
        first, last, due = (shape.index[name] for name in ("first_day", "last_day", "due_on"))
        facts, missed, found = derived.facts, set(hits), self._found
        for at in _owed(form, setting, derived):
            fact = facts[at]
            key = (rule.id, kind, fact[place], fact[first], fact[last], fact[due])
            count = found.get(key)
            if count is None:
                count = found[key] = [0, 0]
            count[0] += 1
            count[1] += at not in missed


def _owed(form: Duty, setting: Setting, derived: Derived) -> list[int]:
    """The positions of those who owe it, whether or not they did it."""
    condition = AllOf(form.owed_by.where.parts)
    decision = replace(derived.decision, condition=condition)
    sweep = Sweep([decision], setting.rule.shape, setting.binding, setting.world.of_kind)
    return sweep.hits(derived.facts, sweep.eras(derived.facts))[0]
