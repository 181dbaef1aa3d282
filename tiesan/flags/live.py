"""Evaluating what a saved record touches, at once.

Source: institutions.md, "The day that is still running": a live evaluation knows everything up to
now, but judges what was *not* done only up to the end of yesterday. Where a district has been
evaluated as of a later day, its stored flags speak of that day, and so does this evaluation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Collector, Scope
from tiesan.flags.evaluate import (
    DistrictOutcome,
    Task,
    evaluate_district,
    evaluate_world,
    findings_of,
    lock_district,
    world_of,
)
from tiesan.flags.evaluate import (
    districts as all_districts,
)
from tiesan.flags.installed import InstalledRules, plugins_off, with_parameters
from tiesan.flags.models import DistrictState
from tiesan.flags.reconcile import CONDITION_GONE, Changes, reconcile
from tiesan.flags.stored import Identity, StoredFlag, latest_episodes, reviews_as_of, stored_flags
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions
from tiesan.rules.decisions import NotEvaluated
from tiesan.rules.evaluation import Decide
from tiesan.rules.files import RuleSet
from tiesan.rules.flag_kind import Review
from tiesan.rules.reach import is_local, kinds_needed, reaches_subject
from tiesan.rules.tree import Duty, Excused, Level, Rule

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Live:
    """Who evaluates at this moment, with what."""

    actor: Actor
    catalog: Catalog
    decide: Decide
    today: date
    now: datetime


@dataclass(frozen=True)
class LiveResult:
    """What a live evaluation changed, and what it could not decide."""

    changes: Changes
    not_evaluated: tuple[NotEvaluated, ...] = ()


def evaluate_touched(session: Session, live: Live, kind: str, concerned: Concerned) -> LiveResult:
    """Evaluate the rules that a change of a record of ``kind`` may affect, for whom it concerns.

    To be called after the record's own commit: each district concerned is a transaction of its own
    that is locked first and committed here, so that none waits for another. ``concerned`` unites
    whom the record concerned before and after. Where others' rows that refer to the record may be
    flagged for it, their districts are evaluated whole, and so is that of the record.
    """
    total = Changes()
    unknown: list[NotEvaluated] = []
    districts = _by_district(session, concerned)
    affected = affected_rules(live.catalog, live.catalog.rule_set(plugins_off(session)), kind)
    if not _is_exact(live.catalog, affected, kind):
        ids = [district_id for district_id, _code in districts]
        for place in _referring_districts(session, live.catalog, kind, ids):
            districts.setdefault(place, Concerned(frozenset(), frozenset()))
    session.rollback()
    for (district_id, code), inside in districts.items():
        outcome = _evaluate(session, live, kind, inside, district_id, code)
        session.commit()
        total.raised.extend(outcome.changes.raised)
        total.cleared += outcome.changes.cleared
        total.revised += outcome.changes.revised
        unknown.extend(outcome.evaluation.not_evaluated)
    return LiveResult(total, tuple(unknown))


def evaluate_districts(
    session: Session, live: Live, district_ids: Iterable[int]
) -> list[DistrictOutcome]:
    """Evaluate whole districts live: for changes that touch everybody. Commits each district."""
    outcomes = []
    for district_id in sorted(set(district_ids)):
        code = session.scalars(
            select(Organization.code).where(Organization.id == district_id)
        ).one()
        session.rollback()
        state = lock_district(session, district_id)
        task = _task(live, state)
        outcomes.append(evaluate_district(session, task, district_id, code, state))
        session.commit()
    return outcomes


def _task(live: Live, state: DistrictState) -> Task:
    """The days of a live evaluation: the running one, or the later one that flags speak of."""
    stored = state.evaluated_as_of
    yesterday = live.today - _ONE_DAY
    return Task(
        actor=live.actor,
        catalog=live.catalog,
        decide=live.decide,
        as_of=live.today if stored is None else max(live.today, stored),
        judged_until=yesterday if stored is None else max(yesterday, stored),
        now=live.now,
    )


def _by_district(session: Session, concerned: Concerned) -> dict[tuple[int, str], Concerned]:
    """Those concerned by district: its id and code, in order of id."""
    organizations = session.execute(
        select(Organization.code, Organization.district_id).where(
            Organization.code.in_(sorted(concerned.organizations))
        )
    )
    cadres = session.execute(
        select(Cadre.code, Organization.district_id)
        .join(Organization, Cadre.organization_id == Organization.id)
        .where(Cadre.code.in_(sorted(concerned.cadres)))
    )
    of_organization = {row.code: row.district_id for row in organizations}
    of_cadre = {row.code: row.district_id for row in cadres}
    ids = {*of_organization.values(), *of_cadre.values()}
    codes = session.execute(
        select(Organization.id, Organization.code)
        .where(Organization.id.in_(ids))
        .order_by(Organization.id)
    )
    return {
        (district_id, code): Concerned(
            frozenset(each for each, district in of_cadre.items() if district == district_id),
            frozenset(
                each for each, district in of_organization.items() if district == district_id
            ),
        )
        for district_id, code in codes
    }


def _is_exact(catalog: Catalog, affected: Iterable[Rule], kind: str) -> bool:
    """Whether evaluating whom a changed record concerns is as exact as evaluating everything."""
    concerns = {name: model.concerns for name, model in catalog.records.items()}
    return all(
        is_local(rule, concerns) and reaches_subject(rule, catalog.kinds, concerns, kind)
        for rule in affected
    )


def _referring_districts(
    session: Session, catalog: Catalog, kind: str, district_ids: Iterable[int]
) -> list[tuple[int, str]]:
    """The districts, by id and code, with rows that refer to records of a kind in some districts.

    It is the attendance of a meeting that flags a federation of another district, not the meeting.
    """
    target = table_of(catalog.records[kind])
    found: set[int] = set()
    for table in map(table_of, catalog.records.values()):
        for reference in (key.parent for key in table.foreign_keys if key.column.table is target):
            source = table.join(target, reference == target.c.id)
            inside = target.c.district_id.in_(district_ids)
            found |= set(
                session.scalars(
                    select(table.c.district_id).select_from(source).where(inside).distinct()
                )
            )
    return [(row_id, code) for row_id, code in all_districts(session) if row_id in found]


def _evaluate(
    session: Session, live: Live, kind: str, concerned: Concerned, district_id: int, code: str
) -> DistrictOutcome:
    state = lock_district(session, district_id)
    task = _task(live, state)
    rules = live.catalog.rule_set(plugins_off(session))
    affected = affected_rules(live.catalog, rules, kind)
    if not _is_exact(live.catalog, affected, kind):
        return evaluate_district(session, task, district_id, code, state)
    installed = with_parameters(session, RuleSet(affected, outside=rules))
    return _evaluate_subjects(session, task, installed, concerned, district_id, code)


def _evaluate_subjects(
    session: Session,
    task: Task,
    installed: InstalledRules,
    concerned: Concerned,
    district_id: int,
    code: str,
) -> DistrictOutcome:
    catalog, names = task.catalog, {rule.id for rule in installed.rules}
    subjects = {"cadre": concerned.cadres, "organization": concerned.organizations}
    needed: set[str] = {each.kind for each in catalog.sources.excuses}
    for rule in installed.rules:
        needed |= kinds_needed(rule, catalog.kinds)
    scope = Scope(district_id, concerned.cadres, concerned.organizations)
    rows = Collector(session, catalog, scope).rows(sorted(needed))
    world = world_of(task, rows, read_exceptions(session), subjects)
    flags = stored_flags(session, district_id, subjects)
    reviews = reviews_as_of(session, district_id, flags, task.as_of)
    others = _other_flags(task.catalog, flags, reviews, names)
    evaluation = evaluate_world(task, world, installed, reviews, others)
    unknown = {each.rule for each in evaluation.not_evaluated}

    def judged(flag: StoredFlag) -> str | None:
        return CONDITION_GONE if flag.rule in names and flag.rule not in unknown else None

    findings = findings_of(task, district_id, evaluation, judged)
    changes = reconcile(session, task.actor, findings, flags, task.now)
    return DistrictOutcome(code, evaluation, len(names), stored=True, changes=changes)


def _other_flags(
    catalog: Catalog,
    flags: Iterable[StoredFlag],
    reviews: Mapping[Identity, str],
    names: set[str],
) -> list[Fact]:
    """The active flags of rules that are not evaluated now, as facts for rules over flags."""
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


def affected_rules(catalog: Catalog, rules: RuleSet, kind: str) -> list[Rule]:
    """The enabled rules whose answer may change with a record of a kind.

    A rule over flags is affected by every rule whose flags it reads.
    """
    excusing = any(each.kind == kind for each in catalog.sources.excuses)
    derived = {each.kind for each in catalog.sources.derivations}
    affected: dict[str, Rule] = {}
    for rule in rules:
        needed = kinds_needed(rule, catalog.kinds)
        by_leave = excusing and (bool(needed & derived) or _excused_by_leave(rule))
        by_flags = (
            bool(set(rule.reads_rules) & affected.keys())
            if rule.level is Level.NAMED_FLAGS
            else rule.level is Level.ANY_FLAGS and bool(affected)
        )
        if rule.enabled and (kind in needed or by_leave or by_flags):
            affected[rule.id] = rule
    return list(affected.values())


def _excused_by_leave(rule: Rule) -> bool:
    form = rule.form
    return (
        isinstance(form, Duty)
        and form.owed_by.kind == "cadre"
        and form.excused is not Excused.NEVER
    )
