"""The colour of a notice: blue, yellow from the third working day before the deadline, red."""

from datetime import date, timedelta

import pytest

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.reviews.notice_colour import Colour, colour, colour_of


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "last_blue", "first_yellow"),
    [
        # Monday to Friday of one week: Friday's third working day before is Tuesday.
        ("2026-03-20", "2026-03-16", "2026-03-17"),
        # Over a weekend: Tuesday's are Monday, Friday, Thursday.
        ("2026-03-24", "2026-03-18", "2026-03-19"),
        # A deadline on a Sunday: Friday, Thursday, Wednesday.
        ("2026-03-22", "2026-03-17", "2026-03-18"),
        # The days off of the Spring Festival (15 to 23 February), between two make-up working
        # days: Tuesday 24's are Saturday 14, which is worked, Friday 13 and Thursday 12.
        ("2026-02-24", "2026-02-11", "2026-02-12"),
        # Saturday 28 is worked: Monday's are Saturday 28, Friday 27 and Thursday 26.
        ("2026-03-02", "2026-02-25", "2026-02-26"),
        # Over the end of a year: 1 January is off.
        ("2027-01-04", "2026-12-29", "2026-12-30"),
    ],
)
def test_the_third_working_day_before_is_the_first_yellow_one(
    due: str, last_blue: str, first_yellow: str
) -> None:
    calendar = WorkingCalendar({day("2027-01-01"): False, day("2027-01-02"): True})
    assert colour(day(due), day(last_blue), calendar) is Colour.BLUE
    assert colour(day(due), day(first_yellow), calendar) is Colour.YELLOW
    assert colour(day(due), day(due), calendar) is Colour.YELLOW
    assert colour(day(due), day(due) + timedelta(days=1), calendar) is Colour.RED


def test_on_every_day_of_a_year_it_is_as_the_sentence_says() -> None:
    """Counted another way: yellow from the third last working day before the deadline."""
    calendar, first = WorkingCalendar(), day("2026-01-01")
    for due in (first + timedelta(days=offset) for offset in range(20, 385)):
        worked = calendar.between(due - timedelta(days=20), due - timedelta(days=1))
        for back in range(-1, 20):
            today = due - timedelta(days=back)
            wanted = Colour.RED if today > due else Colour.YELLOW
            if today < worked[-3]:
                wanted = Colour.BLUE
            assert colour(due, today, calendar) is wanted, (due, today)


def test_an_exception_of_the_administrators_counts() -> None:
    due, calendar = day("2026-03-20"), WorkingCalendar({day("2026-03-18"): False})
    assert colour(due, day("2026-03-15"), calendar) is Colour.BLUE
    assert colour(due, day("2026-03-16"), calendar) is Colour.YELLOW


@pytest.mark.parametrize("state", ["answered", "accepted", "revoked"])
def test_once_it_was_answered_it_has_no_colour(state: str) -> None:
    calendar = WorkingCalendar()
    assert colour_of(state, day("2026-03-20"), day("2026-04-01"), calendar) is None
    assert colour_of("returned", day("2026-03-20"), day("2026-04-01"), calendar) is Colour.RED
