"""Whether the installation runs as it should: for administrators, and in part for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer
from tiesan.admin.rules.page import Unknown, latest_evaluations, unknowns
from tiesan.audit import AuditEntry
from tiesan.calendar.working_days import officially_announced
from tiesan.clock import day_of, now, today
from tiesan.extensions import db
from tiesan.flags.evaluation import Standing, last_chance, standings
from tiesan.flags.leftovers import leftover_values
from tiesan.flags.models import StoredEvaluation
from tiesan.people.models import Account, Organization, OrganizationKind
from tiesan.records.kinds import table_of
from tiesan.records.pending import Backlog, backlogs
from tiesan.records.policy import ADMINISTRATORS, STAFF
from tiesan.scheduler.jobs import FIRST_HOURS, Job
from tiesan.words.runs import RunLine, failed_runs

# So long nobody wonders that a new account was not used yet.
_NEW_FOR = timedelta(days=7)
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the evaluation of somebody's districts."""

    standings: Sequence[Standing] = ()
    failed: Sequence[RunLine] = ()
    rule_problems: Sequence[str] = ()
    leftovers: Sequence[str] = ()
    backlogs: Sequence[Backlog] = ()
    unknowns: Sequence[Unknown] = ()


@dataclass(frozen=True, slots=True)
class Unused:
    """How many accounts nobody has ever signed in with, and the first of them."""

    number: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Installation:
    """What administrators look after besides: evaluations, the calendar, accounts."""

    evaluations: Sequence[tuple[StoredEvaluation, str]]
    unannounced: Sequence[int]
    unused: Unused


def trouble_at_home(viewer: Viewer, evaluations: Sequence[tuple[StoredEvaluation, str]]) -> Trouble:
    """Return what the viewer is to know of what goes wrong; administrators are told more."""
    return Trouble(
        standings=notable_standings(viewer, now()),
        failed=failed_runs() if viewer.has(ADMINISTRATORS) else (),
        rule_problems=rule_problems() if administered(viewer) else (),
        leftovers=_leftovers() if viewer.reach(ADMINISTRATORS).everywhere else (),
        backlogs=backlogs(db.session(), districts_seen(viewer)),
        unknowns=unknowns(evaluations),
    )


def installation_at_home(
    viewer: Viewer, evaluations: Sequence[tuple[StoredEvaluation, str]]
) -> Installation | None:
    """Return what an administrator looks after; None for anybody else."""
    if not viewer.has(ADMINISTRATORS):
        return None
    years = (today().year, today().year + 1)
    unannounced = [year for year in years if not officially_announced(year)]
    return Installation(evaluations, unannounced, _unused())


def seen_evaluations() -> Sequence[tuple[StoredEvaluation, str]]:
    """Return the latest stored evaluation of each of the viewer's districts, with its name."""
    return latest_evaluations()


def _unused() -> Unused:
    """The accounts of the administrator's places that can sign in and never did."""
    condition = (
        Account.active,
        Account.current_login_at.is_(None),
        Account.created_at < now() - _NEW_FOR,
    )
    number = db.session.scalar(select(func.count(Account.id)).where(*condition)) or 0
    named = select(Account.username).where(*condition).order_by(Account.username)
    names = db.session.scalars(named.limit(_MOST_NAMED)).all() if number else ()
    return Unused(number, names)


def notable_standings(viewer: Viewer, moment: datetime) -> list[Standing]:
    """Return the viewer's districts that have not been judged as far as due, or beyond today.

    What the daily evaluation had no chance to judge yet is not missing: the day before until its
    time has come, and anything in a district that was never judged and is newer than that.
    """
    jobs: Mapping[str, Job] = current_app.extensions["runner"].jobs
    chance = last_chance(moment, jobs["evaluate"].at or FIRST_HOURS)
    seen = districts_seen(viewer)
    found = standings(db.session(), day_of(moment), seen, due=chance.date())
    return [
        each
        for each in found
        if each.is_ahead or (each.unjudged_since is not None and _was_there(each, chance))
    ]


def _was_there(standing: Standing, moment: datetime) -> bool:
    """Whether a district was stored before a moment, as far as the trail tells."""
    if standing.judged_until is not None:
        return True
    entry = table_of(AuditEntry)
    of_district = entry.c.district_id.in_([standing.district_id])
    first = db.session.scalar(select(func.min(entry.c.at)).where(of_district))
    first = first or db.session.scalar(select(func.min(entry.c.at)))
    return first is None or first < moment


def _leftovers() -> list[str]:
    """The stored values of parameters that no rule has, in words."""
    return [each.in_words() for each in leftover_values(db.session(), installed().rules)]


def districts_seen(viewer: Viewer) -> frozenset[int] | None:
    """Return the districts in which the viewer has a role; None for all."""
    return None if viewer.reach(STAFF).everywhere else viewer.home_districts


def administered(viewer: Viewer) -> set[int]:
    """Return the districts that the viewer administers as a whole."""
    reach = viewer.reach(ADMINISTRATORS)
    return _all_districts() if reach.everywhere else set(reach.districts)


def _all_districts() -> set[int]:
    """The ids of all districts."""
    table = table_of(Organization)
    statement = select(table.c.id).where(table.c.kind == OrganizationKind.DISTRICT.value)
    return set(db.session.scalars(statement))
