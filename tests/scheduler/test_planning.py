"""What is due when: once per job, place and day, whatever the clock does."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.scheduler.conftest import JOBS, TIDY, Timetable, at
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.scheduler.jobs import EVALUATE_NOW
from tiesan.scheduler.planning import due_day, next_due

NIGHTLY = JOBS["evaluate"]
DIGEST = replace(TIDY, name="digest", working_days_only=True)


def day(number: int) -> date:
    return date(2026, 4, number)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(2, 1, 14), day(1)),
        (at(2, 1, 15), day(2)),
        (at(2, 23, 59), day(2)),
        (at(1, 0, 0), date(2026, 3, 31)),
    ],
)
def test_a_job_comes_due_at_its_time_of_the_day(now: datetime, due: date) -> None:
    assert due_day(NIGHTLY, now, WorkingCalendar()) == due
    later = next_due(NIGHTLY, now, WorkingCalendar())
    assert later is not None
    assert later > now
    assert (later.hour, later.minute) == (1, 15)
    assert due_day(NIGHTLY, later, WorkingCalendar()) != due


def test_days_are_those_of_shanghai_whatever_zone_the_moment_is_given_in() -> None:
    now = at(2).astimezone(tz=None)
    assert due_day(NIGHTLY, now, WorkingCalendar()) == day(2)


def test_on_days_off_a_job_for_working_days_is_not_due() -> None:
    """April 4 to 6, 2026 are the days of Qingming; the exceptions of a calendar count."""
    calendar = WorkingCalendar()
    assert due_day(DIGEST, at(3, 12), calendar) == day(3)
    assert due_day(DIGEST, at(6, 12), calendar) == day(3)
    assert next_due(DIGEST, at(3, 12), calendar) == at(7, 2, 30)
    assert due_day(DIGEST, at(6, 12), WorkingCalendar({day(5): True})) == day(5)


def test_what_has_no_time_of_the_day_is_never_due() -> None:
    assert due_day(EVALUATE_NOW, at(2), WorkingCalendar()) is None
    assert next_due(EVALUATE_NOW, at(2), WorkingCalendar()) is None


def test_each_district_has_a_run_a_day_and_the_installation_one(timetable: Timetable) -> None:
    jobs = (NIGHTLY, TIDY)
    assert timetable.plan(at(2, 2, 29), NIGHTLY) == 2
    assert timetable.plan(at(2, 2, 29), NIGHTLY) == 0
    assert timetable.plan(at(2, 2, 30), *jobs) == 1
    assert timetable.plan(at(2, 23, 59), *jobs) == 0
    assert timetable.plan(at(3, 2, 30), *jobs) == 3
    assert [run.district_id for run in timetable.runs("tidy")] == [None, None]
    assert len({run.district_id for run in timetable.runs()}) == 2


def test_missed_days_are_covered_by_one_run(timetable: Timetable) -> None:
    assert timetable.done(at(1), NIGHTLY) == 2
    assert timetable.done(at(7), NIGHTLY) == 2
    assert timetable.done(at(8), NIGHTLY) == 2
    assert timetable.days() == [
        (day(1), day(1), "done"),
        (day(2), day(7), "done"),
        (day(8), day(8), "done"),
    ]


def test_what_was_planned_and_not_run_is_covered_by_the_next_run(timetable: Timetable) -> None:
    timetable.done(at(1), NIGHTLY)
    timetable.plan(at(3), NIGHTLY)
    assert timetable.done(at(5), NIGHTLY) == 2
    assert timetable.days() == [
        (day(1), day(1), "done"),
        (day(2), day(3), "covered"),
        (day(2), day(5), "done"),
    ]


def test_what_a_crash_has_left_is_covered_by_the_next_run(timetable: Timetable) -> None:
    timetable.plan(at(1), NIGHTLY)
    assert timetable.claim(at(1)) is not None
    assert timetable.done(at(2), NIGHTLY) == 2
    assert timetable.days() == [(day(1), day(1), "covered"), (day(1), day(2), "done")]


def test_what_still_runs_is_left_alone(timetable: Timetable) -> None:
    timetable.plan(at(1, 23, 59), TIDY)
    claim = timetable.claim(at(2, 2, 25))
    assert claim is not None
    timetable.plan(at(2, 2, 30), TIDY)
    assert timetable.days("tidy") == [
        (day(1), day(1), "running"),
        (day(2), day(2), "waiting"),
    ]
    # It fails after all: the run of the next day makes up for it.
    assert timetable.settle(claim, at(2, 2, 31), well=False)
    assert timetable.days("tidy")[0] == (day(1), day(1), "covered")


@pytest.mark.parametrize("back", [at(7, 1, 0), at(7, 1, 20), at(4), at(2)])
def test_a_clock_that_is_set_back_runs_nothing_twice(timetable: Timetable, back: datetime) -> None:
    timetable.done(at(1), NIGHTLY)
    timetable.done(at(7), NIGHTLY)
    assert timetable.plan(back, NIGHTLY) == 0
    assert timetable.done(at(7, 23), NIGHTLY) == 0
    assert timetable.done(at(8), NIGHTLY) == 2


def test_a_district_that_was_added_later_is_run_from_then_on(timetable: Timetable) -> None:
    """No day before its first is missed."""
    timetable.done(at(5), NIGHTLY)
    assert timetable.days() == [(day(5), day(5), "done")]
