"""Deadlines: a date plus days or months, and the end of a year."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.calendar.deadlines import add_days, add_months, end_of_year


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2026-01-15", 1, "2026-02-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-03-31", 12, "2027-03-31"),
        ("9999-11-30", 1, "9999-12-30"),
        ("9999-12-01", 1, "9999-12-31"),
        ("2026-01-01", 10**17, "9999-12-31"),
    ],
)
def test_months_keep_the_day_or_take_the_last_one(day: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == end


@given(st.dates(max_value=date(5000, 1, 1)), st.integers(0, 5000))
def test_months_go_as_many_months_on(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day == min(day.day, monthrange(end.year, end.month)[1])


@given(st.dates(max_value=date(5000, 1, 1)), st.integers(0, 10_000))
def test_days_are_calendar_days(day: date, number: int) -> None:
    assert add_days(day, number) == day + timedelta(days=number)


@pytest.mark.parametrize("number", [1, 10**6, 10**17])
def test_days_beyond_the_last_date_never_come(number: int) -> None:
    assert add_days(date.max, number) == date.max


def test_no_days_after_a_day_is_the_day() -> None:
    assert add_days(date(2026, 3, 9), 0) == date(2026, 3, 9)


def test_the_end_of_a_year() -> None:
    assert end_of_year(date(2026, 1, 1)) == date(2026, 12, 31)
    assert end_of_year(date(2026, 12, 31)) == date(2026, 12, 31)
