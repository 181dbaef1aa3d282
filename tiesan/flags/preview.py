"""What a change of people would raise and clear, told before it is saved.

Source: institutions.md, "In post" and "Duties": who joined, left or was moved on a day in the past
owes, or owed not, what was due since. The change is made in a transaction that is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.flags.collect import Collector, Scope, read_exceptions
from tiesan.flags.evaluate import Task, evaluate_district, evaluate_world, world_of
from tiesan.flags.installed import read_rules
from tiesan.flags.live import Live, task_of
from tiesan.flags.models import DistrictState
from tiesan.flags.stored import StoredFlag, latest_episodes, reviews_as_of, stored_flags
from tiesan.flags.transfers import follow_transfers
from tiesan.people.models import Organization
from tiesan.records.base import Concerned
from tiesan.rules.judging.decisions import NotEvaluated
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.levels import Evaluation
from tiesan.rules.judging.reach import is_local, kinds_needed


@dataclass
class Preview:
    """The flags that would be raised and cleared, and what could not be decided."""

    raised: list[Hit] = field(default_factory=list)
    cleared: list[StoredFlag] = field(default_factory=list)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)


def preview(session: Session, live: Live, by_district: Mapping[int, Concerned]) -> Preview:
    """What would become of the flags of those concerned, were this transaction committed.

    The session sees everything, holds the change, and must be rolled back afterwards: the flags
    that a transfer moves are moved in it. ``by_district`` are the codes of those concerned by the
    ids of their districts. Where a rule can only be judged for a whole district, that is done.
    """
    session.flush()
    found = Preview()
    for district_id, concerned in by_district.items():
        state = session.get(DistrictState, district_id)
        task = task_of(live, state)
        follow_transfers(session, task.actor, district_id, task.as_of, task.now)
        _add(session, task, district_id, concerned, found)
    return found


def _add(
    session: Session, task: Task, district_id: int, concerned: Concerned, found: Preview
) -> None:
    subjects = {"cadre": concerned.cadres, "organization": concerned.organizations}
    flags = stored_flags(session, district_id, subjects)
    evaluation = _evaluation(session, task, district_id, concerned, flags)
    active = {identity: flag for identity, flag in latest_episodes(flags).items() if flag.active}
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


def _evaluation(
    session: Session,
    task: Task,
    district_id: int,
    concerned: Concerned,
    flags: list[StoredFlag],
) -> Evaluation:
    catalog, installed = task.catalog, read_rules(session, task.catalog)
    concerns = {name: model.concerns for name, model in catalog.records.items()}
    if not all(is_local(rule, concerns) for rule in installed.rules):
        place = select(Organization.code).where(Organization.id == district_id)
        code = session.scalars(place).one()
        return evaluate_district(session, task, district_id, code, None).evaluation
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    for rule in installed.rules:
        needed |= kinds_needed(rule, catalog.kinds)
    scope = Scope(district_id, concerned.cadres, concerned.organizations)
    rows = Collector(session, catalog, scope).rows(sorted(needed))
    owners = {"cadre": concerned.cadres, "organization": concerned.organizations}
    world = world_of(task, rows, read_exceptions(session), owners)
    reviews = reviews_as_of(session, district_id, flags, task.as_of)
    return evaluate_world(task, world, installed, reviews)
