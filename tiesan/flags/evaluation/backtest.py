"""What other rules would have flagged on the stored records, beside what the stored ones flag."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.flags.collect import Scope
from tiesan.flags.evaluation.affected import with_readers
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.installation import districts
from tiesan.flags.evaluation.task import Task
from tiesan.flags.installed import DatedValues, plugins_off
from tiesan.rules import Hit, NotEvaluated, Rule, RuleSet

_Hits: TypeAlias = dict[tuple[str, str, str, str], Hit]
_Found: TypeAlias = tuple[_Hits, list[NotEvaluated]]


@dataclass(frozen=True)
class Backtest:
    """The difference that rules would make: flags added, gone, and the same.

    A rule in ``not_evaluated`` has none of them: what it would have flagged is not known.
    """

    added: list[Hit]
    gone: list[Hit]
    same: list[Hit]
    not_evaluated: list[NotEvaluated]


def backtest(
    session: Session,
    task: Task,
    rules: Iterable[Rule],
    since: date,
    step: Callable[[int, int], None] = lambda _step, _steps: None,
) -> Backtest:
    """Evaluate candidate rules and what is published of the same ids as of the task's day.

    Kept are the flags that occurred from ``since`` to the task's day. Nothing is stored. Rules over
    flags read the flags of all published rules, with the candidates in place of all versions of
    their namesakes. ``step`` is told how many readings of how many are done; what it raises ends
    the whole.
    """
    candidates = list(rules)
    names = {rule.id for rule in candidates}
    published = list(task.catalog.rule_set(plugins_off(session)))
    trial = _Trial(session, names, since, step)
    others = (rule for rule in published if rule.id not in names)
    return _compared(trial.hits(task, published), trial.hits(task, [*others, *candidates]))


def backtest_values(
    session: Session,
    task: Task,
    values: DatedValues,
    step: Callable[[int, int], None] = lambda _step, _steps: None,
) -> Backtest:
    """Evaluate what is published with values of parameters on top of the stored ones, and without.

    Kept are all flags of these rules, and of all rules that read their flags, up to the task's day:
    the day that a flag counts from may lie after the one on which it occurred. Nothing is stored.
    ``step`` is as in ``backtest``.
    """
    published = task.catalog.rule_set(plugins_off(session))
    trial = _Trial(session, with_readers(published, values), date.min, step)
    before = trial.hits(task, published)
    return _compared(before, trial.hits(replace(task, tried=values), published))


def _compared(one: _Found, other: _Found) -> Backtest:
    (before, unknown), (after, failed) = one, other
    # Each failure is told once, though the rules of both sides may have met it.
    not_evaluated = list(dict.fromkeys([*unknown, *failed]))
    before, after = (_known(hits, not_evaluated) for hits in (before, after))
    added = [hit for identity, hit in after.items() if not _like(before.get(identity), hit)]
    gone = [hit for identity, hit in before.items() if not _like(after.get(identity), hit)]
    same = [hit for identity, hit in after.items() if _like(before.get(identity), hit)]
    return Backtest(added, gone, same, not_evaluated)


def _known(hits: _Hits, not_evaluated: Iterable[NotEvaluated]) -> _Hits:
    """The hits of the rules that were evaluated on both sides."""
    unknown = {each.rule for each in not_evaluated}
    return {identity: hit for identity, hit in hits.items() if hit.rule not in unknown}


def _like(one: Hit | None, other: Hit) -> bool:
    return one is not None and (one.occurred_on, one.severity) == (
        other.occurred_on,
        other.severity,
    )


class _Trial:
    """The hits of some rules in every district, twice: as published and as tried."""

    def __init__(
        self,
        session: Session,
        names: set[str],
        since: date,
        step: Callable[[int, int], None],
    ) -> None:
        self._session, self._names, self._since = session, names, since
        self._districts = districts(session)
        self._step, self._done = step, 0

    def hits(self, task: Task, rules: Iterable[Rule]) -> _Found:
        """What the rules of these names find among all of ``rules``, and what they could not."""
        # A rule may name the flags of a rule whose plugin is switched off: it finds none of them.
        rule_set = RuleSet(rules, outside=task.catalog.rules.values())
        found: _Hits = {}
        unknown: list[NotEvaluated] = []
        for district_id, code in self._districts:
            self._step(self._done, 2 * len(self._districts))
            scope = Scope(district_id, code)
            outcome = evaluate_district(self._session, task, scope, None, rule_set)
            evaluation = outcome.evaluation
            unknown.extend(each for each in evaluation.not_evaluated if each.rule in self._names)
            for hit in evaluation.hits:
                if hit.rule in self._names and self._since <= hit.occurred_on <= task.as_of:
                    found[hit.identity] = hit
            self._done += 1
        return dict(sorted(found.items())), unknown
