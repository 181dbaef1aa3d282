"""What a change of people would raise and clear, told before it is saved.

Source: institutions.md, "In post" and "Duties": who joined, left or was moved on a day in the past
owes, or owed not, what was due since. The change is made in a transaction that is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, evaluate_district
from tiesan.flags.models import DistrictState
from tiesan.flags.stored import StoredFlag, latest_episodes, stored_flags
from tiesan.flags.transfers import follow_transfers
from tiesan.people.models import Organization
from tiesan.records.base import Concerned
from tiesan.rules import Hit, NotEvaluated, RuleSet, is_local


@dataclass
class Preview:
    """The flags that would be raised and cleared, and what could not be decided."""

    raised: list[Hit] = field(default_factory=list)
    cleared: list[StoredFlag] = field(default_factory=list)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)


def preview(
    session: Session,
    task: Task,
    by_district: Mapping[int, Concerned],
    rules: RuleSet | None = None,
) -> Preview:
    """What would become of the flags of those concerned, were this transaction committed.

    The session sees everything, holds the change, and must be rolled back afterwards: the flags
    that a transfer moves are moved in it. ``by_district`` are the codes of those concerned by the
    ids of their districts, ``rules`` those that the change may affect, all by default; of other
    rules' flags nothing is said. Where a rule can only be judged for a whole district, that is
    done.
    """
    session.flush()
    found = Preview()
    for district_id, concerned in by_district.items():
        _add(session, task, district_id, concerned, rules, found)
    return found


def _add(
    session: Session,
    task: Task,
    district_id: int,
    concerned: Concerned,
    rules: RuleSet | None,
    found: Preview,
) -> None:
    state = session.get(DistrictState, district_id)
    days = task.days(None if state is None else state.evaluated_as_of)
    follow_transfers(session, task.actor, district_id, days.as_of, task.now)
    subjects = {"cadre": concerned.cadres, "organization": concerned.organizations}
    flags = stored_flags(session, district_id, subjects)
    scope = _scope(session, task, district_id, concerned, rules)
    # Of a whole district rules over flags read the hits of all other rules.
    judged = None if scope.whole else rules
    evaluation = evaluate_district(session, task, scope, state, judged, store=False).evaluation
    names = None if rules is None else {rule.id for rule in rules}
    active = {
        identity: flag
        for identity, flag in latest_episodes(flags).items()
        if flag.active and (names is None or flag.rule in names)
    }
    hits = {
        hit.identity: hit for hit in evaluation.hits if hit.subject in subjects[hit.subject_kind]
    }
    unknown = {each.rule for each in evaluation.not_evaluated}
    found.raised += [hit for identity, hit in hits.items() if identity not in active]
    found.cleared += [
        flag
        for identity, flag in active.items()
        if identity not in hits and flag.rule not in unknown
    ]
    found.not_evaluated += evaluation.not_evaluated


def _scope(
    session: Session,
    task: Task,
    district_id: int,
    concerned: Concerned,
    rules: RuleSet | None,
) -> Scope:
    """Those concerned, or their whole district where a rule cannot be judged without it."""
    place = select(Organization.code).where(Organization.id == district_id)
    code = session.scalars(place).one()
    concerns = {name: model.concerns for name, model in task.catalog.records.items()}
    judged = task.catalog.judging if rules is None else rules
    if not all(is_local(rule, concerns) for rule in judged):
        return Scope(district_id, code)
    return Scope(district_id, code, concerned.cadres, concerned.organizations)
