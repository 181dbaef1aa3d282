"""What other rules would have flagged on the stored records, beside what the stored ones flag."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.days import Days
from tiesan.flags.evaluation.affected import with_readers
from tiesan.flags.evaluation.district import ReadWorld, evaluate_district
from tiesan.flags.evaluation.installation import districts
from tiesan.flags.evaluation.task import Task
from tiesan.flags.installed import DatedValues, plugins_off
from tiesan.flags.worlds import read_world
from tiesan.rules import Hit, Level, NotEvaluated, Rule, RuleSet, World

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
    others = [rule for rule in published if rule.id not in names]
    return _compared(*trial.hits((task, published), (task, [*others, *candidates])))


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
    rules = list(published)
    return _compared(*trial.hits((task, rules), (replace(task, tried=values), rules)))


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


def asked(rules: Iterable[Rule], names: Collection[str]) -> list[Rule]:
    """The rules whose answers are needed for those of some names: these, and whose flags they read.

    Every other rule would be judged in vain: no rule reads more than the flags that it selects.
    """
    known = list(rules)
    wanted = [rule for rule in known if rule.id in names]
    if any(rule.level is Level.ANY_FLAGS for rule in wanted):
        return [rule for rule in known if rule.level is not Level.ANY_FLAGS or rule.id in names]
    read = {name for rule in wanted for name in rule.reads_rules}
    return [rule for rule in known if rule.id in names or rule.id in read]


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

    def hits(self, *sides: tuple[Task, Sequence[Rule]]) -> tuple[_Found, ...]:
        """What the rules of these names find among the rules of each side, and what they could not.

        A side is a task with all rules that there are. Each district is read once for all sides.
        """
        chosen = [(task, self._chosen(task, rules)) for task, rules in sides]
        looked_at = [rule for _task, rules in chosen for rule in rules]
        hits: list[_Hits] = [{} for _side in chosen]
        unknown: list[list[NotEvaluated]] = [[] for _side in chosen]
        for district_id, code in self._districts:
            scope, read = Scope(district_id, code), _once(looked_at)
            for number, (task, rule_set) in enumerate(chosen):
                self._step(self._done, len(chosen) * len(self._districts))
                outcome = evaluate_district(self._session, task, scope, None, rule_set, read=read)
                hits[number] |= self._kept(task, outcome.evaluation.hits)
                unknown[number] += self._unknown(outcome.evaluation.not_evaluated)
                self._done += 1
        return tuple((dict(sorted(h.items())), u) for h, u in zip(hits, unknown, strict=True))

    def _chosen(self, task: Task, rules: Iterable[Rule]) -> RuleSet:
        # A rule may name the flags of a rule whose plugin is switched off: it finds none of them.
        return RuleSet(asked(rules, self._names), outside=task.catalog.rules.values())

    def _kept(self, task: Task, hits: Iterable[Hit]) -> _Hits:
        return {
            hit.identity: hit
            for hit in hits
            if hit.rule in self._names and self._since <= hit.occurred_on <= task.as_of
        }

    def _unknown(self, entries: Iterable[NotEvaluated]) -> list[NotEvaluated]:
        return [each for each in entries if each.rule in self._names]


def _once(rules: Sequence[Rule]) -> ReadWorld:
    """Read the world of one district once, with all that some rules look at; nothing changes it."""
    known: list[World] = []

    def read(
        session: Session, catalog: Catalog, scope: Scope, _rules: Iterable[Rule], days: Days
    ) -> World:
        if not known:
            known.append(read_world(session, catalog, scope, rules, days))
        return known[0]

    return read
