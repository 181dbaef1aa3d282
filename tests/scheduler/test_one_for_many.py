"""After days off one evaluation as of yesterday: the same flags as by daily runs in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, WorkLog
from tests.flags.conftest import District
from tiesan.audit import DAILY_RUN
from tiesan.database import make_engine
from tiesan.engine.deciding import Engine
from tiesan.flags.models import DistrictState, Flag
from tiesan.people.models import Organization
from tiesan.rules.judging.plain import decide_plainly
from tiesan.scheduler.evaluating import LATER_DAY_STORED, judge_yesterday
from tiesan.scheduler.work import FAILED, Outcome, Work

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 20)
DAYS = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]

late_expenses = st.tuples(st.sampled_from(DAYS), st.sampled_from([19_999, 20_000]))
logs = st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(DAYS), st.integers(0, 9))
attendances = st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(DAYS))


@contextmanager
def fresh(template: Path) -> Iterator[District]:
    """The small district in a database of its own."""
    with TemporaryDirectory() as folder:
        file = copyfile(template, Path(folder) / "district.sqlite3")
        database = make_engine(URL.create("sqlite", database=str(file)))
        try:
            with Session(database) as session:
                yield District(session, Engine()).people()
        finally:
            database.dispose()


def run(district: District, day: date) -> Outcome:
    """The evaluation that is due on a day."""
    session = district.session
    district_id = session.scalars(select(Organization.id).filter_by(code="D1")).one()
    session.commit()
    database: Any = session.get_bind()
    now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    work = Work(database, district_id, day, {}, DAILY_RUN, now, lambda _step, _steps: None)
    return judge_yesterday(work, decide_plainly)


def left(district: District) -> set[tuple[Any, ...]]:
    """What is stored of the active flags, and the day that the district was judged up to."""
    district.session.expire_all()
    flags = district.session.scalars(select(Flag).where(Flag.active))
    [judged] = district.session.scalars(select(DistrictState.evaluated_as_of))
    return {(judged, flag.rule, flag.key, flag.episode, flag.review, flag.occurred_on,
             flag.message_zh, flag.evidence_digest, flag.cadre_id, flag.organization_id)
            for flag in flags}  # fmt: skip


@settings(max_examples=5)
@given(
    expenses=st.lists(late_expenses, max_size=4),
    logs=st.lists(logs, max_size=8, unique_by=lambda each: each[:2]),
    attendances=st.lists(attendances, max_size=8, unique=True),
)
def test_daily_runs_in_order_leave_what_one_at_the_end_leaves(
    expenses: list[Any], logs: list[Any], attendances: list[Any], sqlite_template: Path
) -> None:
    after = LAST + timedelta(days=1)
    found = []
    for days in ([*DAYS, after], [after]):
        with fresh(sqlite_template) as district:
            for number, (day, amount) in enumerate(expenses):
                given = dict.fromkeys(("spent_on", "requested_on", "reimbursed_on"), day)
                district.expense(f"X{number}", amount, **given)
            for cadre, day, late in logs:
                district.add(WorkLog, cadre=cadre, day=day, written_on=day + timedelta(days=late))
            for cadre, day in attendances:
                district.add(Attendance, cadre=cadre, day=day)
            for day in days:
                assert FAILED not in run(district, day)
            found.append(left(district))
    assert found[0] == found[1]
    assert found[0]


def test_what_a_clock_that_was_ahead_has_stored_is_noticed(sqlite_template: Path) -> None:
    with fresh(sqlite_template) as district:
        assert FAILED not in run(district, LAST)
        before = district.stored()
        assert run(district, LAST - timedelta(days=1))[FAILED] == LATER_DAY_STORED
        assert district.stored() == before
        assert FAILED not in run(district, LAST)


@pytest.mark.parametrize("day", [LAST, LAST + timedelta(days=1)])
def test_it_is_as_of_yesterday(day: date, sqlite_template: Path) -> None:
    with fresh(sqlite_template) as district:
        outcome = run(district, day)
        assert outcome["as_of"] == (day - timedelta(days=1)).isoformat()
        assert {row[0] for row in left(district)} == {day - timedelta(days=1)}
