"""What the demo records are like: repeatable, believable, and nothing in them lies ahead."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, Leave, WorkLog
from plugins.research.models import InfoReport
from tiesan.audit import Actor
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.demo.filling import fill
from tiesan.demo.plan import DemoPlan, large_districts, small_district
from tiesan.extensions import Base
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.kinds import core_classes, field_columns, table_of
from tiesan.rules import Hit, decide_plainly

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
CATALOG = installed_catalog()
ACTOR = Actor(None, "test", "demo")


@contextmanager
def filled(template: Path, folder: Path, plan: DemoPlan, at: datetime = NOON) -> Iterator[Session]:
    """A session on a new database that was filled by a plan."""
    file = folder / "filled.sqlite3"
    shutil.copyfile(template, file)
    with open_session(read_database_url(f"sqlite:///{file}")) as session:
        fill(ACTOR, session, plan, CATALOG.plugins, now=at)
        session.commit()
        yield session


def contents(session: Session) -> dict[str, list[Any]]:
    """Every exchanged value of every row, by table."""
    found = {}
    for model in (*core_classes(), *CATALOG.plugins.records):
        columns = [column for _field, column in field_columns(model)]
        rows = session.execute(sa.select(*columns).order_by(table_of(model).c.id))
        found[table_of(model).name] = [tuple(row) for row in rows]
    return found


def count(session: Session, model: type[Base], *conditions: sa.ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count()).select_from(model).where(*conditions)
    return session.scalar(statement) or 0


def hits(session: Session, as_of: date) -> list[Hit]:
    """What the rules find, by the plain evaluator; nothing is stored."""
    task = Task(ACTOR, CATALOG, decide_plainly, as_of, as_of, NOON)
    return evaluate_installation(session, task, store=False).hits


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The small district as of a fixed day; it is only read."""
    folder = tmp_path_factory.mktemp("small")
    with filled(sqlite_template, folder, small_district(TODAY)) as session:
        yield session


@pytest.mark.parametrize(
    ("today", "seed"),
    [
        (date(2026, 1, 1), 1),
        (date(2026, 1, 2), 2),
        (date(2028, 2, 29), 3),
        (date(2025, 12, 31), 4),
        (date(2026, 10, 4), 5),
    ],
)
def test_every_rule_has_flags_on_any_day_and_by_any_chance(
    sqlite_template: Path, tmp_path: Path, today: date, seed: int
) -> None:
    with filled(sqlite_template, tmp_path, small_district(today, seed=seed)) as session:
        found = hits(session, today - timedelta(days=1))
    switched_on = {rule.id for rule in CATALOG.rules.values() if rule.enabled}
    assert {hit.rule for hit in found} == switched_on


def test_the_district_has_the_promised_size(small: Session) -> None:
    assert count(small, Organization, Organization.kind == "federation") >= 3
    enterprises = Organization.kind == "enterprise"
    assert count(small, Organization, enterprises) >= 12
    direct = Organization.parent.has(Organization.kind == "district")
    assert 0 < count(small, Organization, enterprises, direct) < 12
    assert count(small, Cadre) == count(small, Posting) == 30
    assert 12 <= count(small, Cadre, Cadre.professional.is_(True)) <= 18


def test_most_people_mostly_comply(small: Session) -> None:
    daily = ("late", "left_early", "punch_missing", "absent", "log_missing", "log_late")
    found = hits(small, TODAY - timedelta(days=1))
    flagged = [hit for hit in found if hit.rule in {f"discipline.{name}" for name in daily}]
    days = count(small, Attendance) + count(small, WorkLog)
    assert 0.01 < len(flagged) / days < 0.04
    # Half of these flags or more are those of the two troublemakers.
    by_person = sorted([hit.subject for hit in flagged].count(each.subject) for each in flagged)
    assert len(set(by_person)) > 3
    assert by_person[len(by_person) // 2] > 30


def test_the_same_plan_gives_the_same_records(
    small: Session, sqlite_template: Path, tmp_path: Path
) -> None:
    later = NOON + timedelta(hours=5)
    with filled(sqlite_template, tmp_path, small_district(TODAY), later) as again:
        assert contents(again) == contents(small)


def test_another_seed_gives_others(small: Session, sqlite_template: Path, tmp_path: Path) -> None:
    with filled(sqlite_template, tmp_path, small_district(TODAY, seed=7)) as other:
        assert contents(other) != contents(small)


def test_nothing_lies_ahead(small: Session) -> None:
    """Only what is planned may be later than today, and nothing is known before its day."""
    for model in CATALOG.plugins.records:
        for field, column in field_columns(model):
            if field.type is FieldType.DATE and not field.planned:
                latest = small.scalar(sa.select(sa.func.max(column)))
                assert latest is None or latest <= TODAY, f"{model.__name__}.{field.name}"


def test_every_kind_has_records_and_they_go_up_to_yesterday(small: Session) -> None:
    for model in CATALOG.plugins.records:
        assert count(small, model) > 0, model.__name__
    yesterday = WorkingCalendar().between(TODAY - timedelta(days=9), TODAY - timedelta(days=1))[-1]
    assert count(small, Attendance, Attendance.day == yesterday) > 15
    assert count(small, Attendance, Attendance.day < date(2025, 2, 1)) > 200


def test_nobody_works_on_holidays_and_all_work_on_make_up_days(small: Session) -> None:
    days = set(small.scalars(sa.select(Attendance.day).distinct()))
    assert date(2025, 10, 2) not in days
    assert date(2025, 10, 4) not in days
    assert {date(2025, 9, 28), date(2025, 10, 11), date(2026, 2, 14)} <= days


def test_an_office_reports_something_new_and_what_the_season_brings(small: Session) -> None:
    statement = (
        sa.select(InfoReport.title, InfoReport.submitted_on)
        .join(Cadre, Cadre.id == InfoReport.cadre_id)
        .join(Organization, Organization.id == Cadre.organization_id)
        .where(Organization.kind == "district")
        .order_by(InfoReport.id)
    )
    reports = small.execute(statement).all()
    first = [title for title, _day in reports[:20]]
    assert len(set(first)) == len(first)
    summer = {day.month for title, day in reports if "送清凉" in title}
    assert summer
    assert summer <= {6, 7, 8}


def test_who_is_on_leave_all_day_does_not_clock_in(small: Session) -> None:
    leaves = small.execute(
        sa.select(Leave.cadre_id, Leave.first_day, Leave.last_day).where(
            Leave.first_half.is_(None), Leave.last_half.is_(None)
        )
    ).all()
    assert len(leaves) > 100
    for cadre, first, last in leaves:
        during = (Attendance.cadre_id == cadre, Attendance.day.between(first, last))
        assert count(small, Attendance, *during) == 0


def test_a_large_district_has_a_tenth_of_four_hundred_thousand_records(
    sqlite_template: Path, tmp_path: Path
) -> None:
    plan = large_districts(1, TODAY)
    assert plan.first_day == date(2025, 11, 22)
    with filled(sqlite_template, tmp_path, plan) as session:
        number = sum(map(len, contents(session).values()))
        assert count(session, Cadre) == 110
        assert count(session, Organization, Organization.kind == "federation") == 10
    assert abs(number - 40_000) < 40_000 * 0.05


def test_a_year_before_a_leap_day_begins_a_day_earlier() -> None:
    assert large_districts(1, date(2028, 2, 29)).first_day == date(2027, 2, 28)
    assert large_districts(1, date(2028, 2, 29), years=4).first_day == date(2024, 2, 29)


def test_size_multiplies_a_district() -> None:
    one, three = large_districts(1, TODAY).shape, large_districts(1, TODAY, size=3).shape
    assert (three.federations, three.staff) == (3 * one.federations, one.staff)
    assert (three.office, three.enterprises, three.chairs) == (
        3 * one.office,
        3 * one.enterprises,
        3 * one.chairs,
    )
