"""Working off what is still to be evaluated, district by district.

Source: institutions.md, "The day that is still running": a live evaluation knows everything up to
now, but judges what was *not* done only up to the last day that the district was judged whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation.affected import affected_rules, judged_alone, judged_by_subject
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.locking import lock_district
from tiesan.flags.evaluation.task import DistrictOutcome, Task
from tiesan.flags.installed import plugins_off
from tiesan.flags.reconcile import Changes
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.pending import PendingEvaluation
from tiesan.rules import NotEvaluated, RuleSet

# How often an entry is tried at once before it is left to the evaluation of the whole district.
MOST_ATTEMPTS = 3
_TABLE = table_of(PendingEvaluation)
# Every page asks, and to make them takes longer.
_WAITING = select(_TABLE.c.id).where(_TABLE.c.waits.is_(False)).order_by(_TABLE.c.id)
_FORGOTTEN = _WAITING.where(_TABLE.c.since < bindparam("before"))


@dataclass
class LiveResult:
    """What a live evaluation changed, and what it could not decide.

    ``left`` is how many districts were left to somebody who was evaluating them already.
    """

    changes: Changes = field(default_factory=Changes)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)
    left: int = 0

    @property
    def incomplete(self) -> bool:
        """Whether something is still to be evaluated."""
        return bool(self.not_evaluated) or self.left > 0

    def add(self, outcome: DistrictOutcome) -> None:
        """Add what became of a district."""
        self.changes.raised.extend(outcome.changes.raised)
        self.changes.cleared.extend(outcome.changes.cleared)
        self.changes.revised += outcome.changes.revised
        self.not_evaluated.extend(outcome.unknown)


def pending_ids(session: Session | Connection, before: datetime | None = None) -> list[int]:
    """The entries to be worked off at once, in the order of their writing.

    ``before`` leaves out those that were written since.
    """
    if before is None:
        return list(session.scalars(_WAITING))
    return list(session.scalars(_FORGOTTEN, {"before": before}))


def evaluate_pending(
    session: Session, task: Task, ids: Iterable[int], *, patient: bool = True
) -> LiveResult:
    """Evaluate what some entries say, and take them away with the result.

    To be called after the commit of what they are about, with an unused session: each district is a
    transaction of its own, locked first and committed here, so that workers exclude each other and
    a killed one leaves the entry or the result. A district that somebody else has locked is waited
    for, or left to them if the caller is not ``patient``. ``task`` is live; what is evaluated is
    ascribed to who made the change.
    """
    result = LiveResult()
    wanted = list(ids)
    statement = select(PendingEvaluation.district_id).where(PendingEvaluation.id.in_(wanted))
    districts = sorted(set(session.scalars(statement)))
    session.rollback()
    for district_id in districts:
        try:
            _work_off(session, task, district_id, wanted, result, patient=patient)
        except OperationalError:
            session.rollback()
            if patient:
                raise
            result.left += 1
    return result


def _work_off(
    session: Session,
    task: Task,
    district_id: int,
    wanted: Sequence[int],
    result: LiveResult,
    *,
    patient: bool,
) -> None:
    state = lock_district(session, district_id, patient=patient)
    # Whoever had the lock before may have done it.
    statement = select(PendingEvaluation).where(
        PendingEvaluation.district_id == district_id, PendingEvaluation.id.in_(wanted)
    )
    entries = session.scalars(statement.order_by(PendingEvaluation.id)).all()
    if entries:
        first = entries[0]
        task = replace(task, actor=Actor(first.actor_id, first.actor_name))
        task = task.by_what_is_published(session)
        scope, rules = _scope_of(session, task, district_id, entries)
        unknown: Sequence[NotEvaluated] = ()
        if scope.whole or (rules and (scope.cadres or scope.organizations)):
            outcome = evaluate_district(session, task, scope, state, rules)
            result.add(outcome)
            unknown = outcome.unknown
        if not scope.whole:
            _settle(session, entries, unknown)
    session.commit()


def _scope_of(
    session: Session, task: Task, district_id: int, entries: Sequence[PendingEvaluation]
) -> tuple[Scope, RuleSet | None]:
    """Whom to evaluate by which rules: the subjects concerned, or all where that is not exact."""
    place = table_of(Organization)
    code = session.scalars(select(place.c.code).where(place.c.id == district_id)).one()
    whole = Scope(district_id, code)
    if any(entry.whole for entry in entries):
        return whole, None
    rules = task.catalog.rule_set(plugins_off(session))
    affected: set[str] = set()
    # Whom a new record concerns with all that refers to it can be judged wherever rules are local.
    open_ones = {entry.kind for entry in entries if not entry.complete}
    for kind in {entry.kind for entry in entries}:
        found = affected_rules(task.catalog, rules, kind)
        by_subject = judged_by_subject if kind in open_ones else judged_alone
        if not by_subject(task.catalog, found, kind):
            return whole, None
        affected.update(rule.id for rule in found)
    cadres = frozenset(code for entry in entries for code in entry.cadres)
    organizations = frozenset(code for entry in entries for code in entry.organizations)
    chosen = RuleSet((rule for rule in rules if rule.id in affected), outside=rules)
    return Scope(district_id, code, cadres, organizations), chosen


def _settle(
    session: Session, entries: Iterable[PendingEvaluation], unknown: Sequence[NotEvaluated]
) -> None:
    """Take entries away, or note what could not be evaluated and leave them to be tried again."""
    ids = [entry.id for entry in entries]
    chosen = PendingEvaluation.id.in_(ids)
    if not unknown:
        session.execute(delete(PendingEvaluation).where(chosen))
        return
    attempts = PendingEvaluation.attempts + 1
    error = "; ".join(f"{each.rule}: {each.error}" for each in unknown)
    values = {"attempts": attempts, "last_error": error, "waits": attempts >= MOST_ATTEMPTS}
    session.execute(update(PendingEvaluation).where(chosen).values(values))
