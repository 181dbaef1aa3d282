"""Evaluating what a saved record touches, at once.

Source: institutions.md, "The day that is still running": a live evaluation knows everything up to
now, but judges what was *not* done only up to the end of yesterday. Where a district has been
evaluated as of a later day, its stored flags speak of that day, and so does this evaluation.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation.affected import affected_rules, judged_by_subject
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.installation import districts as all_districts
from tiesan.flags.evaluation.locking import lock_district
from tiesan.flags.evaluation.task import Task
from tiesan.flags.installed import plugins_off
from tiesan.flags.reconcile import Changes
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.records.kinds import table_of
from tiesan.rules import NotEvaluated, RuleSet


@dataclass(frozen=True)
class LiveResult:
    """What a live evaluation changed, and what it could not decide."""

    changes: Changes
    not_evaluated: tuple[NotEvaluated, ...] = ()


def evaluate_touched(session: Session, task: Task, kind: str, concerned: Concerned) -> LiveResult:
    """Evaluate the rules that a change of a record of ``kind`` may affect, for whom it concerns.

    To be called after the record's own commit: each district concerned is a transaction of its own
    that is locked first and committed here, so that none waits for another. ``concerned`` unites
    whom the record concerned before and after. Where others' rows that refer to the record may be
    flagged for it, their districts are evaluated whole, and so is that of the record.
    """
    total = Changes()
    unknown: list[NotEvaluated] = []
    rules = task.catalog.rule_set(plugins_off(session))
    affected = affected_rules(task.catalog, rules, kind)
    scopes = _scopes_concerned(session, concerned)
    chosen: RuleSet | None = RuleSet(affected, outside=rules)
    if not judged_by_subject(task.catalog, affected, kind):
        scopes, chosen = _whole(session, task.catalog, kind, scopes), None
    session.rollback()
    for scope in scopes:
        state = lock_district(session, scope.district_id)
        outcome = evaluate_district(session, task, scope, state, chosen)
        session.commit()
        total.raised.extend(outcome.changes.raised)
        total.cleared.extend(outcome.changes.cleared)
        total.revised += outcome.changes.revised
        unknown.extend(outcome.evaluation.not_evaluated)
    return LiveResult(total, tuple(unknown))


def _scopes_concerned(session: Session, concerned: Concerned) -> list[Scope]:
    """Those concerned as scopes, one for each of their districts, in order of its id."""
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
    return [
        Scope(
            district_id,
            code,
            frozenset(each for each, district in of_cadre.items() if district == district_id),
            frozenset(
                each for each, district in of_organization.items() if district == district_id
            ),
        )
        for district_id, code in codes
    ]


def _whole(session: Session, catalog: Catalog, kind: str, scopes: Iterable[Scope]) -> list[Scope]:
    """The districts of scopes, and those with rows that refer to records of a kind in them.

    It is the attendance of a meeting that flags a federation of another district, not the meeting.
    """
    ids = {scope.district_id for scope in scopes}
    found = set(ids)
    target = table_of(catalog.records[kind])
    for table in map(table_of, catalog.records.values()):
        for reference in (key.parent for key in table.foreign_keys if key.column.table is target):
            source = table.join(target, reference == target.c.id)
            inside = target.c.district_id.in_(ids)
            found |= set(
                session.scalars(
                    select(table.c.district_id).select_from(source).where(inside).distinct()
                )
            )
    return [Scope(row_id, code) for row_id, code in all_districts(session) if row_id in found]
