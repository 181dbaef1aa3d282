"""Which halves of days approved leave covers, one leave or several, outings apart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.facts.leave import LeaveCover, LeaveSpan

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def cover(*spans: LeaveSpan) -> LeaveCover:
    return LeaveCover(spans, FIRST, LAST)


def halves(found: LeaveCover, day: date, *, outings: bool = False) -> tuple[bool, bool, bool]:
    """Morning, afternoon, whole day of C1."""
    return (
        found.morning("C1", day, outings=outings),
        found.afternoon("C1", day, outings=outings),
        found.whole_day("C1", day, outings=outings),
    )


def test_a_leave_covers_its_days_and_no_others() -> None:
    found = cover(LeaveSpan("C1", MONDAY, TUESDAY))
    assert halves(found, MONDAY) == (True, True, True)
    assert halves(found, TUESDAY) == (True, True, True)
    assert halves(found, WEDNESDAY) == (False, False, False)
    assert halves(found, MONDAY - timedelta(days=1)) == (False, False, False)
    assert not found.whole_day("C2", MONDAY, outings=True)


def test_halves_at_the_ends() -> None:
    span = LeaveSpan("C1", MONDAY, WEDNESDAY, begins_afternoon=True, ends_morning=True)
    found = cover(span)
    assert halves(found, MONDAY) == (False, True, False)
    assert halves(found, TUESDAY) == (True, True, True)
    assert halves(found, WEDNESDAY) == (True, False, False)


def test_two_leaves_cover_a_day_together() -> None:
    morning = LeaveSpan("C1", MONDAY, MONDAY, ends_morning=True)
    afternoon = LeaveSpan("C1", MONDAY, TUESDAY, begins_afternoon=True)
    assert halves(cover(morning, afternoon), MONDAY) == (True, True, True)


def test_an_outing_counts_only_where_outings_do() -> None:
    outing = LeaveSpan("C1", MONDAY, MONDAY, outing=True)
    assert halves(cover(outing), MONDAY) == (False, False, False)
    assert halves(cover(outing), MONDAY, outings=True) == (True, True, True)


def test_an_outing_and_a_leave_cover_attendance_together_but_no_log() -> None:
    outing = LeaveSpan("C1", MONDAY, MONDAY, ends_morning=True, outing=True)
    leave = LeaveSpan("C1", MONDAY, MONDAY, begins_afternoon=True)
    found = cover(outing, leave)
    assert halves(found, MONDAY, outings=True) == (True, True, True)
    assert halves(found, MONDAY) == (False, True, False)


def test_any_leave_tells_whom_to_ask_about() -> None:
    found = cover(LeaveSpan("C1", MONDAY, MONDAY, outing=True))
    assert found.any_leave("C1", outings=True)
    assert not found.any_leave("C1", outings=False)
    assert not found.any_leave("C2", outings=True)


@pytest.mark.parametrize(
    ("first", "last"), [(date.min, date.max), (date.min, MONDAY), (MONDAY, date.max)]
)
def test_leaves_of_thousands_of_years_are_cut_to_what_can_be_asked(first: date, last: date) -> None:
    assert halves(cover(LeaveSpan("C1", first, last)), MONDAY) == (True, True, True)


def test_the_last_representable_day_can_be_covered() -> None:
    found = LeaveCover([LeaveSpan("C1", date.max, date.max)], MONDAY, date.max)
    assert halves(found, date.max) == (True, True, True)


days = st.dates(MONDAY, MONDAY + timedelta(days=9))
spans = st.builds(
    LeaveSpan,
    st.sampled_from(["C1", "C2"]),
    days,
    days,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(given_spans=st.lists(spans, max_size=6), day=days, outings=st.booleans())
def test_the_cover_agrees_with_asking_every_leave(
    given_spans: list[LeaveSpan], day: date, *, outings: bool
) -> None:
    def covered(*, afternoon: bool) -> bool:
        return any(
            each.cadre == "C1"
            and (outings or not each.outing)
            and each.first_day <= day <= each.last_day
            and not (day == each.first_day and each.begins_afternoon and not afternoon)
            and not (day == each.last_day and each.ends_morning and afternoon)
            for each in given_spans
        )

    morning, afternoon = covered(afternoon=False), covered(afternoon=True)
    expected = (morning, afternoon, morning and afternoon)
    assert halves(cover(*given_spans), day, outings=outings) == expected
