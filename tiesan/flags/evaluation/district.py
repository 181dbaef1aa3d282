"""Evaluating one district, or some subjects of it: collect, judge, reconcile.

Source: institutions.md, "Looking back stores nothing": an evaluation as of a day before the
district's latest stored one is answered and changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tiesan.audit import Subject, record_entry
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Collector, Scope, district_subjects, read_exceptions
from tiesan.flags.evaluation.task import DistrictOutcome, Task
from tiesan.flags.installed import InstalledRules, plugins_off, with_parameters
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.reconcile import CONDITION_GONE, RULE_GONE, Findings, reconcile
from tiesan.flags.stored import Identity, StoredFlag, latest_episodes, reviews_as_of, stored_flags
from tiesan.rules.flag_kind import Review
from tiesan.rules.judging.levels import Evaluation, FlagFacts, evaluate
from tiesan.rules.judging.reach import kinds_needed
from tiesan.rules.judging.world import World, build_world
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.tree import Level, Rule


def evaluate_district(
    session: Session,
    task: Task,
    scope: Scope,
    state: DistrictState | None,
    rules: RuleSet | None = None,
) -> DistrictOutcome:
    """Evaluate the rules on a scope and reconcile its flags, unless there is no ``state``.

    ``state`` is what ``lock_district`` gave: the district is locked from before the first row is
    read, so that two evaluations of one district exclude each other and neither reconciles what it
    did not read. A task of a day before the one that was judged whole is answered and changes
    nothing. ``rules`` are those to judge by, all that are installed by default; of a scope that is
    not whole, flags of other rules stay as they are. The caller commits.
    """
    stored = None if state is None else state.evaluated_as_of
    days = task.days(stored)
    task = replace(task, as_of=days.as_of, judged_until=days.judged_until)
    chosen = task.catalog.rule_set(plugins_off(session)) if rules is None else rules
    installed = with_parameters(session, chosen)
    flags = stored_flags(session, scope.district_id, scope.subjects)
    evaluation = _evaluate(session, task, scope, installed, flags)
    outcome = DistrictOutcome(scope.district, evaluation, len(installed.rules), stored=False)
    if state is None or (stored is not None and task.as_of < stored):
        return outcome
    findings = _findings(task, scope, installed, evaluation)
    outcome.changes = reconcile(session, task.actor, findings, flags, task.now)
    outcome.stored = True
    if scope.whole:
        # A live evaluation knows the running day but has not judged it whole.
        state.evaluated_as_of = min(task.as_of, task.judged_until)
        _record(session, task, scope, outcome)
    return outcome


def _evaluate(
    session: Session,
    task: Task,
    scope: Scope,
    installed: InstalledRules,
    flags: Sequence[StoredFlag],
) -> Evaluation:
    """Evaluate rules on the world of a scope, with the reviews of stored flags as of the day.

    Kept are the hits on those whom the world is about: facts of others may lie in it, but not all
    of theirs, so that nothing can be said of them here.
    """
    world = _read_world(session, task, scope, installed.rules)
    reviews = reviews_as_of(session, scope.district_id, flags, task.as_of)
    levels = {rule.id: rule.level for rule in task.catalog.rules.values()}
    evaluation = evaluate(
        world,
        installed.rules,
        task.decide,
        parameters=installed.parameters,
        flags=FlagFacts(
            review_of=lambda hit: reviews.get(hit.identity, Review.OPEN.value),
            others=[] if scope.whole else _other_flags(task.catalog, installed, flags, reviews),
            level_of=lambda rule_id: levels.get(rule_id, Level.RECORDS),
        ),
        refused=installed.refused,
    )
    owners = world.owners or {}
    evaluation.hits = [hit for hit in evaluation.hits if hit.subject in owners[hit.subject_kind]]
    return evaluation


def _read_world(session: Session, task: Task, scope: Scope, rules: Iterable[Rule]) -> World:
    """The world of a scope as of the task's day, with the kinds that the rules read."""
    catalog = task.catalog
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    for rule in rules:
        needed |= kinds_needed(rule, catalog.kinds)
    rows = Collector(session, catalog, scope).rows(sorted(needed))
    owners = scope.subjects or district_subjects(catalog, rows, scope.district)
    return build_world(
        catalog.sources,
        rows,
        as_of=task.as_of,
        judged_until=task.judged_until,
        exceptions=read_exceptions(session),
        owners=owners,
    )


def _other_flags(
    catalog: Catalog,
    installed: InstalledRules,
    flags: Iterable[StoredFlag],
    reviews: Mapping[Identity, str],
) -> list[Fact]:
    """The active flags of rules that are not evaluated now, as facts for rules over flags."""
    names = {rule.id for rule in installed.rules}
    return [
        (
            flag.rule,
            flag.severity,
            flag.identity[1],
            flag.cadre,
            flag.organization,
            flag.key,
            flag.occurred_on,
            reviews.get(flag.identity, Review.OPEN.value),
        )
        for flag in latest_episodes(flags).values()
        if flag.active and flag.rule not in names and flag.rule in catalog.rules
    ]


def _findings(
    task: Task, scope: Scope, installed: InstalledRules, evaluation: Evaluation
) -> Findings:
    """What an evaluation can say about stored flags, ready to be reconciled."""
    enabled = {rule.id for rule in installed.rules if rule.enabled}
    unknown = {each.rule for each in evaluation.not_evaluated}

    def judged(flag: StoredFlag) -> str | None:
        if flag.rule in unknown:
            return None
        if flag.rule in enabled:
            return CONDITION_GONE
        return RULE_GONE if scope.whole else None

    return Findings(
        district_id=scope.district_id,
        as_of=task.as_of,
        hits=evaluation.hits,
        judged=judged,
        digests={rule.id: rule.digest for rule in task.catalog.rules.values()},
        confidential=_confidential_rules(task.catalog),
    )


def _confidential_rules(catalog: Catalog) -> frozenset[str]:
    """The rules whose flags rest on confidential records."""
    confidential = catalog.plugins.confidential
    return frozenset(
        rule.id
        for rule in catalog.rules.values()
        if kinds_needed(rule, catalog.kinds) & confidential
    )


def _record(session: Session, task: Task, scope: Scope, outcome: DistrictOutcome) -> None:
    """Store the evaluation of a whole district, and an entry of it in the audit trail."""
    numbers = {
        "facts": outcome.evaluation.facts,
        "rules": outcome.rules,
        "flags": len(outcome.evaluation.hits),
        "added": len(outcome.changes.raised),
        "cleared": outcome.changes.cleared,
    }
    not_evaluated = [asdict(each) for each in outcome.evaluation.not_evaluated]
    session.execute(
        insert(StoredEvaluation).values(
            district_id=scope.district_id,
            at=task.now,
            as_of=task.as_of,
            actor_name=task.actor.name,
            not_evaluated=not_evaluated,
            **numbers,
        )
    )
    subject = Subject("evaluation", None, scope.district, scope.district_id)
    details = {"as_of": task.as_of.isoformat(), **numbers}
    record_entry(session, task.actor, "evaluate", subject, at=task.now, details=details)
