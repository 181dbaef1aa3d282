"""What is owed and done in random districts, as it is kept: held to the reference's own count."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.oracle.institutions import has_union, owed_by_organizations
from tests.oracle.reference import evaluate
from tests.oracle.tables import Row, Tables
from tests.oracle.test_oracle import ON_SQLITE, bring, district, engine, judged, session
from tests.oracle.working_days import Period, days, months, quarters, weeks, years
from tests.oracle.working_hours import owes_log
from tests.oracle.world import World
from tiesan.engine.deciding import Engine
from tiesan.flags.duty_balance import DutyBalance
from tiesan.people.models import Organization

__all__ = ["engine", "session"]

# Rule, organization, first day of the period, how many owed it, how many did it.
Kept = set[tuple[str, str, date, int, int]]
# Rule, organization, who owes it, the period.
Owed = tuple[str, str, str, Period]
COUNTED = frozenset(
    {
        "discipline.log_missing",
        "innovation.none",
        "meetings.chairs_missed",
        "meetings.enterprise_chairs_missed",
        "meetings.office_missed",
        "research.info_missed",
        "research.paper_missed",
        "study.session_missed",
    }
)


def owed(world: World) -> Iterator[Owed]:
    """Every duty of the rules counted here that somebody owed, done or not."""
    yield from of_organizations(world, "study.session_missed", "federation", months)
    yield from of_organizations(world, "innovation.none", "federation", years)
    yield from of_organizations(world, "meetings.chairs_missed", "district", months)
    for rule, code, owner, week in of_organizations(
        world, "meetings.office_missed", "district", weeks
    ):
        if any(world.calendar.works(each) for each in days(week.first, week.last)):
            yield rule, code, owner, week
    for federation, quarter in owed_by_organizations(world, "federation", quarters):
        unions = world.of_kind("enterprise")
        if any(has_union(world, federation, union, quarter.first) for union in unions):
            code = federation["code"]
            yield "meetings.enterprise_chairs_missed", code, code, quarter
    for cadre in world.professional():
        yield from of_cadre(world, cadre)


def of_organizations(
    world: World, rule: str, kind: str, periods: Callable[[date, date], Iterator[Period]]
) -> Iterator[Owed]:
    """A duty that every organization of a kind owes."""
    for place, period in owed_by_organizations(world, kind, periods):
        yield rule, place["code"], place["code"], period


def of_cadre(world: World, cadre: Row) -> Iterator[Owed]:
    """What a professional cadre owes."""
    place, code = cadre["organization"], cadre["code"]
    for rule, periods in (
        ("research.info_missed", months),
        ("research.paper_missed", years),
    ):
        for period in periods(world.assessed_from(code), world.judged_until):
            if world.owes(cadre, period):
                yield rule, place, code, period
    for each in days(world.assessed_from(code), world.judged_until):
        if owes_log(world, cadre, each):
            number = world.number("discipline.log_missing", "working_days", each)
            if world.calendar.nth_after(each, number) <= world.judged_until:
                yield "discipline.log_missing", place, code, Period(str(each), each, each)


def expected(tables: Tables, as_of: date) -> Kept:
    """What is to be kept as of a day."""
    missed = {(each.rule, each.subject, each.key) for each in evaluate(tables, as_of)}
    counts: Counter[tuple[str, str, date]] = Counter()
    done: Counter[tuple[str, str, date]] = Counter()
    for rule, place, owner, period in owed(World(tables, as_of, as_of)):
        key = rule, place, period.first
        counts[key] += 1
        done[key] += (rule, owner, period.label) not in missed
    return {(*key, number, done[key]) for key, number in counts.items()}


def kept(session: Session, *, all_rules: bool = False) -> Kept:
    """What is kept of the rules that are counted here, or of all."""
    statement = select(
        DutyBalance.rule,
        Organization.code,
        DutyBalance.first_day,
        DutyBalance.owed,
        DutyBalance.done,
    ).join(Organization, Organization.id == DutyBalance.organization_id)
    rows = session.execute(statement)
    return {row for row in rows if all_rules or row[0] in COUNTED}


def check(session: Session, engine: Engine, seed: int, folder: Path) -> int:
    """Judge a random district as of some days; gives how much was kept in the end."""
    tables, some_days, place = district(seed, folder)
    bring(session, place)
    for as_of in some_days:
        judged(session, engine, as_of)
        assert kept(session) == expected(tables, as_of), f"district {seed} as of {as_of}"
    return len(kept(session, all_rules=True))


@ON_SQLITE
@pytest.mark.parametrize("seed", range(500, 505))
def test_what_is_kept_is_what_the_reference_counts(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    assert check(session, engine, seed, tmp_path) > 0


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_so_it_is_on_postgresql(session: Session, engine: Engine, tmp_path: Path) -> None:
    assert check(session, engine, 505, tmp_path) > 0


@ON_SQLITE
def test_runs_of_single_days_keep_what_one_run_keeps(
    session: Session, engine: Engine, tmp_path: Path
) -> None:
    _tables, some_days, place = district(506, tmp_path)
    bring(session, place)
    first, last = some_days[0], some_days[-1]
    for at in range((last - first).days + 1):
        judged(session, engine, first + timedelta(days=at))
    day_by_day = kept(session, all_rules=True)
    session.execute(delete(DutyBalance))
    session.commit()
    judged(session, engine, last)
    assert day_by_day
    assert kept(session, all_rules=True) == day_by_day
