"""Evaluating one district, or some subjects of it: collect, judge, reconcile.

Source: institutions.md, "Looking back or ahead stores nothing": an evaluation as of a day before
the district's latest stored one, or of a day to come, is answered and changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import cached_property
from typing import TypeAlias

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tiesan.audit import Subject, record_entry
from tiesan.clock import day_of
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.covering import Covering
from tiesan.flags.days import Days
from tiesan.flags.duty_balance import keep_balance
from tiesan.flags.episodes import CONDITION_GONE, DAY_NOT_LIVED, RULE_GONE, Reviewing
from tiesan.flags.evaluation.guarding import Guard
from tiesan.flags.evaluation.task import DistrictOutcome, Task
from tiesan.flags.installed import (
    InstalledRules,
    plugins_off,
    with_parameters,
    without_plugin,
)
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.reconcile import Findings, reconcile
from tiesan.flags.stored import StoredFlag, latest_episodes, reviews_as_of, stored_flags
from tiesan.flags.transfers import follow_transfers
from tiesan.flags.waiving import without_ended, write_ended
from tiesan.flags.worlds import read_world
from tiesan.records.pending import PendingEvaluation, await_districts
from tiesan.rules import (
    Deadline,
    Duty,
    DutyCounts,
    Evaluation,
    FlagFacts,
    Level,
    Review,
    Rule,
    RuleSet,
    World,
    evaluate,
)

# As ``read_world``: what a scope looks like to some rules on some days.
ReadWorld: TypeAlias = Callable[[Session, Catalog, Scope, Iterable[Rule], Days], World]


def evaluate_district(  # noqa: PLR0913 - only trials say how the world is read
    session: Session,
    task: Task,
    scope: Scope,
    state: DistrictState | None,
    rules: RuleSet | None = None,
    *,
    store: bool = True,
    read: ReadWorld = read_world,
) -> DistrictOutcome:
    """Evaluate the rules on a scope and reconcile its flags, unless not to ``store`` them.

    Without a ``state`` nothing is stored either.

    ``state`` is what ``lock_district`` gave: the district is locked from before the first row is
    read, so that two evaluations of one district exclude each other and neither reconciles what it
    did not read. A task of a day before the one that was judged whole, or of a day to come, is
    answered and changes nothing. ``rules`` are those to judge by, all that are installed by
    default, as they are published now; of a scope that is not whole, flags of other rules stay as
    they are. ``read`` gives the world that they look at. The caller commits.
    """
    if rules is None:
        # What was published since the task was put together judges already.
        task = task.by_what_is_published(session)
    last = None if state is None else state.evaluated_as_of
    days = task.days(last)
    covered = _covered(session, scope, days.as_of) if scope.whole else []
    chosen = task.catalog.rule_set(plugins_off(session)) if rules is None else rules
    stores = store and state is not None and task.is_stored(last)
    flags = _flags(session, task, scope, days.as_of, stores=stores)
    if task.brings_back(last):
        flags = [replace(flag, known_as_of=min(flag.known_as_of, days.as_of)) for flag in flags]
    missing = [*task.catalog.unread, *without_plugin(task.catalog, flags)] if rules is None else ()
    installed = with_parameters(session, chosen, missing, task.tried)
    judging = _Judging(session, task, scope, days, installed, read)
    reviewing = judging.reviewing(flags)
    evaluation = judging.evaluate(flags, reviewing, state if stores else None)
    outcome = DistrictOutcome(
        scope.district, evaluation, judging.number, reviewing.of, whole_until=last
    )
    if state is None:
        return outcome
    new_rules = state.judged_by not in {None, task.catalog.digest}
    outcome.waiting, outcome.new_rules = judging.waiting, new_rules
    if not stores:
        return outcome
    findings = judging.findings(evaluation, reviewing)
    outcome.changes = reconcile(session, task.actor, findings, flags, task.now)
    outcome.stored, state.judged_by = True, task.catalog.digest
    if (outcome.new_rules or outcome.waiting) and not scope.whole:
        # The others of the district are still flagged by other rules, or nobody is by these.
        _await_whole(session, task, scope.district_id)
    if scope.whole:
        judging.settle(state, evaluation)
        session.execute(delete(PendingEvaluation).where(PendingEvaluation.id.in_(covered)))
        _record(session, task, scope, days.as_of, outcome)
    return outcome


def _flags(
    session: Session, task: Task, scope: Scope, as_of: date, *, stores: bool
) -> list[StoredFlag]:
    """The flags of a scope where their subjects are now, with waivers ended that a day has ended.

    Both is written before anything is judged, if anything is stored at all.
    """
    if stores:
        follow_transfers(session, task.actor, scope.district_id, as_of, task.now)
    stored = stored_flags(session, scope.district_id, scope.subjects)
    flags, ended = without_ended(stored, task.today)
    if stores:
        write_ended(session, ended, task.now)
    return flags


class _Judging:
    """One evaluation of rules on a scope: what it reads, and what it can say of stored flags."""

    def __init__(
        self,
        session: Session,
        task: Task,
        scope: Scope,
        days: Days,
        installed: InstalledRules,
        read: ReadWorld,
    ) -> None:
        self._session, self._task, self._scope = session, task, scope
        self._days, self._installed, self._read = days, installed, read
        self._owners: Mapping[str, Collection[str]] = {}
        self._duties = DutyCounts()
        self.waiting: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """How many rules judge."""
        return sum(1 for rule in self._installed.rules if rule.enabled)

    def reviewing(self, flags: Sequence[StoredFlag]) -> Reviewing:
        """The reviews of ``flags`` as of the day, and what standing waivers cover of the hits."""
        session, district_id = self._session, self._scope.district_id
        covering = Covering.read(session, district_id, self._task.today)
        secret = self._task.catalog.confidential_rules
        return Reviewing(
            as_of=self._days.as_of,
            known=latest_episodes(flags),
            past=reviews_as_of(session, district_id, flags, self._days.as_of),
            covers=lambda hit: covering.of(hit, confidential=hit.rule in secret),
        )

    def evaluate(
        self, flags: Sequence[StoredFlag], reviewing: Reviewing, state: DistrictState | None
    ) -> Evaluation:
        """Evaluate the rules on the scope's world, with the reviews as of the day.

        With a ``state``, in which the result will be stored, what is halted is kept back.

        Kept are the hits on those whom the world is about: facts of others may lie in it, but not
        all of theirs, so that nothing can be said of them here.
        """
        installed = self._installed
        world = self._read(
            self._session,
            self._task.catalog,
            self._scope,
            installed.rules,
            self._days,
        )
        levels = {rule.id: rule.level for rule in self._task.catalog.rules.values()}
        evaluation = evaluate(
            world,
            installed.rules,
            self._task.decide,
            parameters=installed.parameters,
            flags=FlagFacts(
                review_of=reviewing.of,
                others=[] if self._scope.whole else self._other_flags(flags, reviewing),
                level_of=lambda rule_id: levels.get(rule_id, Level.RECORDS),
            ),
            refused=installed.refused,
            duties=self._duties if self._scope.whole and state is not None else None,
        )
        self._owners = world.owners or {}
        evaluation.hits = [
            hit for hit in evaluation.hits if hit.subject in self._owners[hit.subject_kind]
        ]
        if state is not None:
            self._guard(state, evaluation, flags)
        return evaluation

    def _guard(
        self, state: DistrictState, evaluation: Evaluation, flags: Sequence[StoredFlag]
    ) -> None:
        """Keep back what is halted, and halt changed rules that would raise too much."""
        secret = self._task.catalog.confidential_rules
        active = (key for key, flag in latest_episodes(flags).items() if flag.active)
        guard = Guard(self._session, state, self._installed, secret, self._task.now)
        guard.keep_back(evaluation, active, self._owners, whole=self._scope.whole)
        self.waiting = frozenset(guard.waiting)

    def _other_flags(self, flags: Iterable[StoredFlag], reviewing: Reviewing) -> list[Fact]:
        """The active flags of rules that are not evaluated now, as facts for rules over flags."""
        names = {rule.id for rule in self._installed.rules}
        known = self._task.catalog.rules.keys() - names
        return [
            (
                flag.rule,
                flag.severity,
                flag.identity[1],
                flag.cadre,
                flag.organization,
                flag.key,
                flag.occurred_on,
                reviewing.past.states.get(flag.identity, Review.OPEN.value),
            )
            for flag in latest_episodes(flags).values()
            if flag.active and flag.rule in known
        ]

    def findings(self, evaluation: Evaluation, reviewing: Reviewing) -> Findings:
        """What the evaluation can say about stored flags, ready to be reconciled."""
        catalog = self._task.catalog
        unknown = {each.rule for each in evaluation.not_evaluated}
        return Findings(
            district_id=self._scope.district_id,
            as_of=self._days.as_of,
            hits=evaluation.hits,
            reviewing=reviewing,
            judged=lambda flag: None if flag.rule in unknown else self._cleared_for(flag),
            catalog=catalog,
            confidential=catalog.confidential_rules,
        )

    def settle(self, state: DistrictState, evaluation: Evaluation) -> None:
        """Keep until when the district is judged whole, and what is owed and done there.

        Of duties that rest on what is confidential nothing is kept.
        """
        # A live evaluation knows the running day but has not judged it whole.
        state.evaluated_as_of = self._days.whole
        unknown = {each.rule for each in evaluation.not_evaluated}
        secret = self._task.catalog.confidential_rules
        counts = {
            period: count
            for period, count in self._duties.counts.items()
            if period.rule not in secret
        }
        keep_balance(self._session, self._scope.district_id, counts, unknown)

    def _cleared_for(self, flag: StoredFlag) -> str | None:
        """Why a flag that was not found again is cleared; None when nothing is said about it."""
        versions = self._enabled.get(flag.rule, ())
        if not versions:
            return RULE_GONE if self._scope.whole else None
        if flag.occurred_on <= self._days.judged_until:
            return CONDITION_GONE
        if self._task.back:
            return DAY_NOT_LIVED
        # What was not done by a day that is not judged yet is not known to have been done: the flag
        # came along with its subject from where that day was judged already.
        undone = any(isinstance(rule.form, Deadline | Duty) for rule in versions)
        return None if undone else CONDITION_GONE

    @cached_property
    def _enabled(self) -> Mapping[str, Sequence[Rule]]:
        """The rules that are not switched off by their text, each in its versions."""
        found: dict[str, list[Rule]] = {}
        for rule in self._installed.rules:
            if rule.enabled:
                found.setdefault(rule.id, []).append(rule)
        return found


def _covered(session: Session, scope: Scope, as_of: date) -> list[int]:
    """What was to be evaluated in a district and is by an evaluation of the whole of it.

    One that does not know the day of a change says nothing about it, unless the change was not to
    be evaluated at once: its rows may be of any day, and the next evaluation follows.
    """
    statement = select(PendingEvaluation).where(PendingEvaluation.district_id == scope.district_id)
    return [
        entry.id
        for entry in session.scalars(statement)
        if day_of(entry.since) <= as_of or (entry.waits and entry.attempts == 0)
    ]


def _await_whole(session: Session, task: Task, district_id: int) -> None:
    """Write down that a whole district is to be evaluated, unless that is known."""
    known = (
        select(PendingEvaluation.id)
        .where(PendingEvaluation.district_id == district_id, PendingEvaluation.whole)
        .limit(1)
    )
    if session.scalar(known) is None:
        waiting = replace(task.actor, source="import")
        await_districts(waiting, session, [district_id], "rules", at=task.now)


def _record(
    session: Session, task: Task, scope: Scope, as_of: date, outcome: DistrictOutcome
) -> None:
    """Store the evaluation of a whole district, and an entry of it in the audit trail."""
    numbers = {
        "facts": outcome.evaluation.facts,
        "rules": outcome.rules,
        "flags": len(outcome.evaluation.hits),
        "added": len(outcome.changes.raised),
        "cleared": len(outcome.changes.cleared),
    }
    not_evaluated = [asdict(each) for each in outcome.evaluation.not_evaluated]
    session.execute(
        insert(StoredEvaluation).values(
            district_id=scope.district_id,
            at=task.now,
            as_of=as_of,
            actor_name=task.actor.name,
            not_evaluated=not_evaluated,
            rule_set=task.catalog.digest,
            **numbers,
        )
    )
    subject = Subject("evaluation", None, scope.district, scope.district_id)
    details = {"as_of": as_of.isoformat(), **numbers}
    record_entry(session, task.actor, "evaluate", subject, at=task.now, details=details)
