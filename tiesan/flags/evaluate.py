"""Evaluating districts: collect, decide, reconcile; one transaction per district.

Source: institutions.md, "Looking back stores nothing": an evaluation as of a day before the
district's latest stored one is answered and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.database import begin_writing
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Collector, Scope, district_subjects
from tiesan.flags.installed import InstalledRules, read_rules
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.reconcile import CONDITION_GONE, RULE_GONE, Changes, Findings, reconcile
from tiesan.flags.stored import Identity, StoredFlag, reviews_as_of, stored_flags
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.settings import read_exceptions
from tiesan.rules.decisions import NotEvaluated
from tiesan.rules.evaluation import Decide, Evaluation, FlagFacts, evaluate
from tiesan.rules.flag_kind import Review
from tiesan.rules.hits import Hit
from tiesan.rules.reach import kinds_needed
from tiesan.rules.tree import Level, Rule
from tiesan.rules.world import World, build_world


@dataclass(frozen=True)
class Task:
    """Who evaluates what, when: the same for every district of one run."""

    actor: Actor
    catalog: Catalog
    decide: Decide
    as_of: date
    judged_until: date
    now: datetime


@dataclass
class DistrictOutcome:
    """What the evaluation of one district found, and what it changed (nothing if not stored)."""

    district: str
    evaluation: Evaluation
    rules: int
    stored: bool
    changes: Changes = field(default_factory=Changes)


@dataclass
class Outcome:
    """What the evaluation of an installation found."""

    as_of: date
    districts: list[DistrictOutcome]

    @property
    def hits(self) -> list[Hit]:
        """All hits, by rule, subject and key."""
        found = (hit for each in self.districts for hit in each.evaluation.hits)
        return sorted(found, key=lambda hit: (hit.rule, hit.subject, hit.key, hit.subject_kind))

    @property
    def not_evaluated(self) -> list[tuple[str, NotEvaluated]]:
        """What could not be decided, with the district's code."""
        return [
            (each.district, entry)
            for each in self.districts
            for entry in each.evaluation.not_evaluated
        ]

    @property
    def stored(self) -> bool:
        """Whether every district's flags were stored."""
        return all(each.stored for each in self.districts)


def districts(session: Session) -> list[tuple[int, str]]:
    """The districts' ids and codes, by code."""
    statement = (
        select(Organization.id, Organization.code)
        .where(Organization.kind == OrganizationKind.DISTRICT.value)
        .order_by(Organization.code)
    )
    return [(row_id, code) for row_id, code in session.execute(statement)]


def evaluate_installation(
    session: Session,
    task: Task,
    *,
    store: bool = True,
    only: Iterable[int] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Evaluate every district (or ``only`` those ids), each in a transaction of its own.

    The session must be unused. Each district is committed when it is done, so that a run that is
    killed leaves every district in the state before or after its own evaluation.
    """
    found = districts(session)
    session.rollback()
    wanted = None if only is None else set(only)
    outcomes = []
    for district_id, code in found:
        if wanted is None or district_id in wanted:
            state = lock_district(session, district_id) if store else None
            outcomes.append(evaluate_district(session, task, district_id, code, state))
            session.commit()
            if progress is not None:
                progress(code)
    return Outcome(task.as_of, outcomes)


def evaluate_district(
    session: Session, task: Task, district_id: int, code: str, state: DistrictState | None
) -> DistrictOutcome:
    """Evaluate one district and reconcile its flags, unless there is no ``state`` or it looks back.

    ``state`` is what ``lock_district`` gave: the district is locked from before the first row is
    read, so that two evaluations of one district exclude each other and neither reconciles what it
    did not read. The caller commits.
    """
    past = state is not None and state.evaluated_as_of is not None
    looks_back = past and state is not None and task.as_of < (state.evaluated_as_of or task.as_of)
    installed = read_rules(session, task.catalog)
    flags = stored_flags(session, district_id)
    world = read_world(session, task, district_id, code, installed.rules)
    reviews = reviews_as_of(session, district_id, flags, task.as_of)
    evaluation = evaluate_world(task, world, installed, reviews)
    outcome = DistrictOutcome(code, evaluation, len(installed.rules), stored=False)
    if state is None or looks_back:
        return outcome
    findings = _findings(task, district_id, installed, evaluation)
    outcome.changes = reconcile(session, task.actor, findings, flags, task.now)
    outcome.stored = True
    # A live evaluation knows the running day but has not judged it whole.
    state.evaluated_as_of = min(task.as_of, task.judged_until)
    _record(session, task, district_id, code, outcome)
    return outcome


def lock_district(session: Session, district_id: int) -> DistrictState:
    """The district's state, locked until the transaction ends; to be called before any reading."""
    begin_writing(session)
    state = session.get(DistrictState, district_id, with_for_update=True, populate_existing=True)
    if state is None:
        # Two first evaluations at once: the second waits at the organization's row.
        session.get(Organization, district_id, with_for_update=True)
        state = session.get(DistrictState, district_id, populate_existing=True)
    if state is None:
        state = DistrictState(district_id=district_id)
        session.add(state)
        session.flush()
    return state


def read_world(
    session: Session, task: Task, district_id: int, code: str, rules: Iterable[Rule]
) -> World:
    """The world of a whole district, with the kinds that the rules read."""
    catalog = task.catalog
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    for rule in rules:
        needed |= kinds_needed(rule, catalog.kinds)
    rows = Collector(session, catalog, Scope(district_id)).rows(sorted(needed))
    return world_of(task, rows, read_exceptions(session), district_subjects(catalog, rows, code))


def world_of(
    task: Task,
    rows: Mapping[str, Sequence[Fact]],
    exceptions: Mapping[date, bool],
    owners: Mapping[str, frozenset[str]],
) -> World:
    """The world of collected rows as of the task's day."""
    return build_world(
        task.catalog.sources,
        rows,
        as_of=task.as_of,
        judged_until=task.judged_until,
        exceptions=exceptions,
        owners=owners,
    )


def evaluate_world(
    task: Task,
    world: World,
    installed: InstalledRules,
    reviews: Mapping[Identity, str],
    others: Sequence[Fact] = (),
) -> Evaluation:
    """Evaluate rules on a world, with the reviews of stored flags as of the task's day.

    ``others`` are flags of rules that are not evaluated, for rules over flags. Kept are the hits on
    those whom the world is about: facts of others may lie in it, but not all of theirs, so that
    nothing can be said of them here.
    """
    levels = {rule.id: rule.level for rule in task.catalog.rules.values()}
    evaluation = evaluate(
        world,
        installed.rules,
        task.decide,
        parameters=installed.parameters,
        flags=FlagFacts(
            review_of=lambda hit: reviews.get(hit.identity, Review.OPEN.value),
            others=others,
            level_of=lambda rule_id: levels.get(rule_id, Level.RECORDS),
        ),
        refused=installed.refused,
    )
    owners = world.owners or {}
    evaluation.hits = [hit for hit in evaluation.hits if hit.subject in owners[hit.subject_kind]]
    return evaluation


def _findings(
    task: Task, district_id: int, installed: InstalledRules, evaluation: Evaluation
) -> Findings:
    enabled = {rule.id for rule in installed.rules if rule.enabled}
    unknown = {each.rule for each in evaluation.not_evaluated}

    def judged(flag: StoredFlag) -> str | None:
        if flag.rule in unknown:
            return None
        return CONDITION_GONE if flag.rule in enabled else RULE_GONE

    return findings_of(task, district_id, evaluation, judged)


def findings_of(
    task: Task,
    district_id: int,
    evaluation: Evaluation,
    judged: Callable[[StoredFlag], str | None],
) -> Findings:
    """What an evaluation can say about stored flags, ready to be reconciled."""
    catalog = task.catalog
    return Findings(
        district_id=district_id,
        as_of=task.as_of,
        hits=evaluation.hits,
        judged=judged,
        digests={rule.id: rule.digest for rule in catalog.rules.values()},
        confidential=confidential_rules(catalog),
    )


def confidential_rules(catalog: Catalog) -> frozenset[str]:
    """The rules whose flags rest on confidential records."""
    confidential = catalog.plugins.confidential
    return frozenset(
        rule.id
        for rule in catalog.rules.values()
        if kinds_needed(rule, catalog.kinds) & confidential
    )


def _record(
    session: Session, task: Task, district_id: int, code: str, outcome: DistrictOutcome
) -> None:
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
            district_id=district_id,
            at=task.now,
            as_of=task.as_of,
            actor_name=task.actor.name,
            not_evaluated=not_evaluated,
            **numbers,
        )
    )
    subject = Subject("evaluation", None, code, district_id)
    details = {"as_of": task.as_of.isoformat(), **numbers}
    record_entry(session, task.actor, "evaluate", subject, at=task.now, details=details)
