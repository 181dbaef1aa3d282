"""A version day by day: what it would have raised and cleared on which day.

Source: the page on the rule book, "Try it": a replay is a series of evaluations, one as of each
day, by what evaluates for good. Of flags nothing is stored; what is kept with the version is what
came of it. The records are those that are stored now, as each day had them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import SHANGHAI
from tiesan.errors import UserError
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, asked, districts, evaluate_district
from tiesan.flags.installed import plugins_off
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _
from tiesan.rulebook.listing import listed
from tiesan.rulebook.summaries import Telling
from tiesan.rulebook.trying import Trying, Wanted, ask, tried
from tiesan.rules import Decide, Hit, NotEvaluated, Rule, RuleSet
from tiesan.scheduler.jobs import REPLAY_RULE
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.work import Outcome, Work

MOST_DAYS = 92
# Samples: of what a day raised or cleared, and about how many of all days together.
MOST_OF_A_DAY, ABOUT_SAMPLES = 5, 60
_ONE_DAY = timedelta(days=1)
_Hits: TypeAlias = dict[tuple[str, str, str, str], Hit]


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """What an evaluation as of a day would have raised and cleared of the day before."""

    day: date
    raised: Sequence[Hit]
    cleared: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Replay:
    """The days of a replay on which something would have changed, and what was not evaluated."""

    days: Sequence[ReplayedDay]
    not_evaluated: Sequence[NotEvaluated]


def ask_replay(
    actor: Actor,
    session: Session,
    version: RuleVersion,
    span: tuple[date, date],
    *,
    now: datetime,
) -> JobRun:
    """Ask for a version day by day over a span; the caller commits.

    What runs of it already is stopped. Raises UserError for a text that cannot be used, days in no
    order, and too many of them.
    """
    if span[1] - span[0] >= timedelta(days=MOST_DAYS):
        text = _("At most %(most)d days can be gone through day by day.")
        raise UserError(text % {"most": MOST_DAYS})
    return ask(actor, session, REPLAY_RULE, Wanted(version, span), now=now)


def replay_rule(work: Work) -> Outcome:
    """Do the replay of a run, and keep with its version what came of it."""
    return tried(work, _replayed)


def _replayed(session: Session, work: Work, trying: Trying, decide: Decide) -> Outcome:
    last = trying.span[1]
    task = Task(work.actor, trying.catalog, decide, last, last, work.now)
    found = replay(session, task, trying.rules, trying.span, trying.step)
    kept = summary(found, trying.rule, trying.span, trying.telling())
    trying.keep(replayed={**kept, "digest": trying.digest})
    return {"raised": kept["raised"], "cleared": kept["cleared"]}


def replay(
    session: Session,
    task: Task,
    rules: Iterable[Rule],
    span: tuple[date, date],
    step: Callable[[int, int], None] = lambda _step, _steps: None,
) -> Replay:
    """Evaluate candidate rules as of each day of a span, and compare each with the day before.

    Candidates stand in place of all versions of their namesakes; the other rules are as published.
    The day of the ``task`` counts for nothing. Nothing is stored. Where they could not be evaluated
    on a day, their flags of the day before stand, as stored ones do. ``step`` is told how many
    readings of how many are done; what it raises ends the whole.
    """
    first, last = span
    series = _Series(session, task, list(rules), (last - first).days + 2, step)
    before, days = series.hits(first - _ONE_DAY), []
    for at in range((last - first).days + 1):
        day = first + at * _ONE_DAY
        after = series.hits(day)
        raised = [hit for identity, hit in after.items() if identity not in before]
        cleared = [hit for identity, hit in before.items() if identity not in after]
        if raised or cleared:
            days.append(ReplayedDay(day, raised, cleared))
        before = after
    return Replay(days, list(dict.fromkeys(series.unknown)))


class _Series:
    """Evaluations of candidates in every district, each as of the day after the one before."""

    def __init__(
        self,
        session: Session,
        task: Task,
        candidates: Sequence[Rule],
        days: int,
        step: Callable[[int, int], None],
    ) -> None:
        self._session, self._task, self._step = session, task, step
        self._names = {rule.id for rule in candidates}
        published = task.catalog.rule_set(plugins_off(session))
        others = [rule for rule in published if rule.id not in self._names]
        judged = asked([*others, *candidates], self._names)
        self._rules = RuleSet(judged, outside=task.catalog.rules.values())
        self._districts = districts(session)
        self._done, self._steps = 0, days * len(self._districts)
        self._stand: dict[int, _Hits] = {}
        self.unknown: list[NotEvaluated] = []

    def hits(self, day: date) -> _Hits:
        """What the candidates flag as of a day, in all districts."""
        # As it is done for good: when the day is over.
        over = datetime.combine(day + _ONE_DAY, time(), SHANGHAI)
        task = replace(self._task, as_of=day, judged_until=day, now=over)
        for district_id, code in self._districts:
            self._step(self._done, self._steps)
            self._judge(task, Scope(district_id, code))
            self._done += 1
        return {key: hit for hits in self._stand.values() for key, hit in sorted(hits.items())}

    def _judge(self, task: Task, scope: Scope) -> None:
        outcome = evaluate_district(self._session, task, scope, None, self._rules)
        missed = [each for each in outcome.evaluation.not_evaluated if each.rule in self._names]
        self.unknown.extend(missed)
        if not missed:
            hits = (hit for hit in outcome.evaluation.hits if hit.rule in self._names)
            self._stand[scope.district_id] = {hit.identity: hit for hit in hits}


def summary(found: Replay, rule: str, span: tuple[date, date], telling: Telling) -> dict[str, Any]:
    """What is kept of a replay, as plain JSON: numbers in all and by day, and samples of each.

    Of what is confidential there are no samples.
    """
    sides = sum(bool(hits) for each in found.days for hits in (each.raised, each.cleared)) or 1
    most = min(MOST_OF_A_DAY, max(1, ABOUT_SAMPLES // sides))
    hidden = rule in telling.hidden
    days = [_kept(each, telling.kinds, 0 if hidden else most) for each in found.days]
    return {
        "first": span[0].isoformat(),
        "last": span[1].isoformat(),
        "raised": sum(each["raised"] for each in days),
        "cleared": sum(each["cleared"] for each in days),
        "days": days,
        "hidden": hidden,
        "not_evaluated": sorted({each.error for each in found.not_evaluated}),
    }


def _kept(found: ReplayedDay, kinds: Collection[str], most: int) -> dict[str, Any]:
    sides = {"raised": found.raised, "cleared": found.cleared}
    numbers = {side: len(hits) for side, hits in sides.items()}
    samples = {side: listed(hits, kinds, most) for side, hits in sides.items()}
    return {"day": found.day.isoformat(), **numbers, "samples": samples}
