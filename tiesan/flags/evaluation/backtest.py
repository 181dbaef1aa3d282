"""What other rules would have flagged on the stored records, beside what the stored ones flag."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from tiesan.flags.collect import Scope
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.installation import districts
from tiesan.flags.evaluation.task import Task
from tiesan.flags.installed import plugins_off
from tiesan.rules import Hit, NotEvaluated, Rule, RuleSet

_Hits: TypeAlias = dict[tuple[str, str, str, str], Hit]


@dataclass(frozen=True)
class Backtest:
    """The difference that rules would make: flags added, gone, and the same.

    A rule in ``not_evaluated`` has none of them: what it would have flagged is not known.
    """

    added: list[Hit]
    gone: list[Hit]
    same: list[Hit]
    not_evaluated: list[NotEvaluated]


def backtest(session: Session, task: Task, rules: Iterable[Rule], since: date) -> Backtest:
    """Evaluate candidate rules and the stored rules of the same ids as of the task's day.

    Kept are the flags that occurred from ``since`` to the task's day. Nothing is stored. Rules over
    flags read the flags of all stored rules, with the candidates in place of their namesakes.
    """
    candidates = {rule.id: rule for rule in rules}
    stored = {rule.id: rule for rule in task.catalog.rule_set(plugins_off(session))}
    before, unknown = _hits(session, task, stored.values(), candidates.keys(), since)
    tried = (stored | candidates).values()
    after, failed = _hits(session, task, tried, candidates.keys(), since)
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


def _hits(
    session: Session, task: Task, rules: Iterable[Rule], wanted: Iterable[str], since: date
) -> tuple[_Hits, list[NotEvaluated]]:
    # A rule may name the flags of a rule whose plugin is switched off: it finds none of them.
    rule_set = RuleSet(rules, outside=task.catalog.rules.values())
    names = set(wanted)
    found: _Hits = {}
    unknown: list[NotEvaluated] = []
    for district_id, code in districts(session):
        scope = Scope(district_id, code)
        evaluation = evaluate_district(session, task, scope, None, rule_set).evaluation
        unknown.extend(each for each in evaluation.not_evaluated if each.rule in names)
        for hit in evaluation.hits:
            if hit.rule in names and since <= hit.occurred_on <= task.as_of:
                found[hit.identity] = hit
    return dict(sorted(found.items())), unknown
