"""Periods: they partition time, and their labels follow the ISO and the calendar year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.calendar.periods import Every, period_of, periods_from, quarter_number

ONE_DAY = timedelta(days=1)
PERIODS = [every for every in Every if every is not Every.WORKING_DAY]


@pytest.mark.parametrize(
    ("every", "day", "first", "last", "label"),
    [
        (Every.WORKING_DAY, "2026-10-09", "2026-10-09", "2026-10-09", "2026-10-09"),
        (Every.WEEK, "2026-10-09", "2026-10-05", "2026-10-11", "2026-W41"),
        (Every.MONTH, "2026-10-09", "2026-10-01", "2026-10-31", "2026-10"),
        (Every.QUARTER, "2026-10-09", "2026-10-01", "2026-12-31", "2026-Q4"),
        (Every.YEAR, "2026-10-09", "2026-01-01", "2026-12-31", "2026"),
        (Every.MONTH, "2024-02-10", "2024-02-01", "2024-02-29", "2024-02"),
        (Every.MONTH, "2026-02-28", "2026-02-01", "2026-02-28", "2026-02"),
        (Every.QUARTER, "2026-03-31", "2026-01-01", "2026-03-31", "2026-Q1"),
        (Every.QUARTER, "2026-04-01", "2026-04-01", "2026-06-30", "2026-Q2"),
        # A week belongs to the ISO year that holds its Thursday.
        (Every.WEEK, "2026-01-01", "2025-12-29", "2026-01-04", "2026-W01"),
        (Every.WEEK, "2025-12-29", "2025-12-29", "2026-01-04", "2026-W01"),
        (Every.WEEK, "2027-01-03", "2026-12-28", "2027-01-03", "2026-W53"),
        (Every.WEEK, "2024-12-30", "2024-12-30", "2025-01-05", "2025-W01"),
        (Every.WEEK, "2023-01-01", "2022-12-26", "2023-01-01", "2022-W52"),
        # The ends of what a date can say.
        (Every.WEEK, "9999-12-31", "9999-12-27", "9999-12-31", "9999-W52"),
        (Every.WEEK, "0001-01-01", "0001-01-01", "0001-01-07", "0001-W01"),
        (Every.YEAR, "0001-01-01", "0001-01-01", "0001-12-31", "0001"),
        (Every.MONTH, "9999-12-31", "9999-12-01", "9999-12-31", "9999-12"),
    ],
)
def test_the_period_of_a_day(every: Every, day: str, first: str, last: str, label: str) -> None:
    period = period_of(every, date.fromisoformat(day))
    assert period.first_day.isoformat() == first
    assert period.last_day.isoformat() == last
    assert period.label == label


def test_quarters() -> None:
    assert [quarter_number(date(2026, month, 1)) for month in range(1, 13)] == [
        *(1, 1, 1),
        *(2, 2, 2),
        *(3, 3, 3),
        *(4, 4, 4),
    ]


@given(st.sampled_from(Every), st.dates(max_value=date(9998, 12, 31)))
def test_periods_partition_time(every: Every, day: date) -> None:
    period = period_of(every, day)
    assert period.first_day <= day <= period.last_day
    assert period_of(every, period.first_day) == period == period_of(every, period.last_day)
    following = period_of(every, period.last_day + ONE_DAY)
    assert following.first_day == period.last_day + ONE_DAY
    assert following.label > period.label


@given(
    st.sampled_from(Every),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
)
def test_periods_from_a_day_are_those_that_begin_then_or_later(
    every: Every, start: date, until: date
) -> None:
    found = list(periods_from(every, start, until))
    days = (start + timedelta(days=offset) for offset in range((until - start).days + 1))
    expected = dict.fromkeys(
        period_of(every, day) for day in days if period_of(every, day).first_day >= start
    )
    assert found == list(expected)


@pytest.mark.parametrize("every", Every)
def test_periods_end_with_time_itself(every: Every) -> None:
    found = list(periods_from(every, date(9998, 6, 15), date.max))
    assert found[-1].last_day == date.max
    assert [each.first_day for each in found[1:]] == [
        each.last_day + ONE_DAY for each in found[:-1]
    ]


@pytest.mark.parametrize("every", PERIODS)
def test_no_period_begins_within_the_last_one(every: Every) -> None:
    assert list(periods_from(every, date(9999, 12, 30), date.max)) == []


def test_no_period_begins_before_the_start() -> None:
    assert list(periods_from(Every.MONTH, date(2026, 3, 2), date(2026, 3, 31))) == []
    found = periods_from(Every.MONTH, date(2026, 3, 1), date(2026, 3, 1))
    assert [each.label for each in found] == ["2026-03"]
    assert list(periods_from(Every.YEAR, date(2026, 3, 1), date(2026, 2, 1))) == []
