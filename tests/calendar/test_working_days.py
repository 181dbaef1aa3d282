"""Working days: the official calendar, exceptions both ways, and counting them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.calendar.working_days import (
    LAST_YEAR,
    WorkingCalendar,
    is_official_working_day,
    officially_announced,
)

ONE_DAY = timedelta(days=1)
OFFICIAL = WorkingCalendar()

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
exceptions = st.dictionaries(days, st.booleans(), max_size=40)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-10-01", False),  # A holiday on a Thursday.
        ("2026-10-07", False),  # The last day of the holiday.
        ("2026-10-08", True),
        ("2026-10-10", True),  # A Saturday that is worked to make up for the holiday.
        ("2026-10-11", False),  # The Sunday after it is not.
        ("2026-09-20", True),  # A Sunday that is worked.
        ("2026-01-04", True),  # The Sunday after the New Year holiday.
        ("2026-02-14", True),  # The Saturday before the Spring Festival.
        ("2026-02-16", False),
        ("2026-02-28", True),
        ("2026-03-07", False),  # A plain Saturday.
        ("2026-03-09", True),  # A plain Monday.
        ("2018-12-29", True),  # A Saturday that is worked for a holiday of the next year.
        ("2018-12-31", False),  # A Monday off that belongs to the New Year of the next year.
    ],
)
def test_the_official_calendar_knows_holidays_and_make_up_days(day: str, *, worked: bool) -> None:
    assert is_official_working_day(date.fromisoformat(day)) is worked
    assert OFFICIAL.is_working_day(date.fromisoformat(day)) is worked


def test_a_year_is_announced_when_its_make_up_days_are_known() -> None:
    assert officially_announced(2025)
    assert officially_announced(2026)
    assert not officially_announced(2050)
    assert not officially_announced(LAST_YEAR + 1)


def test_beyond_the_package_only_weekends_are_off() -> None:
    monday = date(LAST_YEAR + 5, 10, 1) + timedelta(days=-date(LAST_YEAR + 5, 10, 1).weekday())
    assert [OFFICIAL.is_working_day(monday + timedelta(days=n)) for n in range(7)] == [
        *(True,) * 5,
        *(False,) * 2,
    ]


def test_exceptions_hold_both_ways_and_for_their_day_only() -> None:
    calendar = WorkingCalendar({date(2026, 3, 9): False, date(2026, 3, 7): True})
    assert not calendar.is_working_day(date(2026, 3, 9))
    assert calendar.is_working_day(date(2026, 3, 7))
    assert calendar.is_working_day(date(2026, 3, 10))
    assert not calendar.is_working_day(date(2026, 3, 8))
    assert OFFICIAL.is_working_day(date(2026, 3, 9))


def test_an_exception_takes_back_a_make_up_day_and_a_holiday() -> None:
    calendar = WorkingCalendar({date(2026, 10, 10): False, date(2026, 10, 1): True})
    assert not calendar.is_working_day(date(2026, 10, 10))
    assert calendar.is_working_day(date(2026, 10, 1))


def test_later_changes_of_the_given_exceptions_do_not_reach_the_calendar() -> None:
    given_exceptions = {date(2026, 3, 9): False}
    calendar = WorkingCalendar(given_exceptions)
    given_exceptions[date(2026, 3, 9)] = True
    assert not calendar.is_working_day(date(2026, 3, 9))


def test_the_first_working_day_after_a_day_is_strictly_after_it() -> None:
    assert OFFICIAL.after(date(2026, 3, 9), 1) == date(2026, 3, 10)
    assert OFFICIAL.after(date(2026, 3, 6), 1) == date(2026, 3, 9)
    # October 8 to 10 are worked, the Saturday included; the 11th is a Sunday.
    assert OFFICIAL.after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert OFFICIAL.after(date(2026, 9, 30), 4) == date(2026, 10, 12)


def test_counting_crosses_years() -> None:
    # January 1 to 3, 2026 are off; Sunday the 4th is worked.
    assert OFFICIAL.after(date(2025, 12, 31), 1) == date(2026, 1, 4)
    assert OFFICIAL.after(date(2025, 12, 30), 2) == date(2026, 1, 4)


@pytest.mark.parametrize("number", [0, -1])
def test_no_working_days_after_a_day_is_no_question(number: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        OFFICIAL.after(date(2026, 3, 9), number)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date.max, 1),
        (date(9999, 12, 30), 5),
        (date(9998, 12, 31), 300),
        (date(2026, 1, 1), 10**17),
        (date(1, 1, 1), 3_652_059),
    ],
)
def test_what_lies_beyond_the_last_date_never_comes(day: date, number: int) -> None:
    assert OFFICIAL.after(day, number) == date.max


def test_the_last_year_is_counted_like_any_other() -> None:
    # December 31, 9999 is a Friday.
    assert OFFICIAL.after(date(9999, 12, 29), 1) == date(9999, 12, 30)
    assert OFFICIAL.after(date(9999, 12, 30), 1) == date.max
    assert OFFICIAL.is_working_day(date.max)
    assert OFFICIAL.between(date(9999, 12, 27), date.max)[-1] == date.max


@given(days, st.integers(1, 400), exceptions)
def test_after_agrees_with_going_day_by_day(
    start: date, number: int, given_exceptions: dict[date, bool]
) -> None:
    calendar = WorkingCalendar(given_exceptions)
    day, left = start, number
    while left:
        day += ONE_DAY
        worked = given_exceptions.get(day, is_official_working_day(day))
        left -= worked
    assert calendar.after(start, number) == day


@given(days, days, exceptions)
def test_between_agrees_with_going_day_by_day(
    one: date, other: date, given_exceptions: dict[date, bool]
) -> None:
    first, last = min(one, other), max(one, other)
    every = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    calendar = WorkingCalendar(given_exceptions)
    expected = [d for d in every if given_exceptions.get(d, is_official_working_day(d))]
    assert calendar.between(first, last) == expected
    assert calendar.count(first, last) == len(expected)
    assert all(map(calendar.is_working_day, expected))


def test_a_span_that_ends_before_it_begins_is_empty() -> None:
    assert OFFICIAL.between(date(2026, 3, 9), date(2026, 3, 8)) == []
    assert OFFICIAL.between(date(2026, 3, 9), date(2024, 3, 8)) == []
