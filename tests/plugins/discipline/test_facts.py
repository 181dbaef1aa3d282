"""Derived fields of the discipline plugin, and which leaves excuse."""

from datetime import date, time

import pytest

from plugins.discipline import plugin
from plugins.discipline.facts import leave_span, prepare_attendance, prepare_work_log
from plugins.discipline.models import Attendance, Leave, WorkLog
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.derived import Surroundings
from tiesan.facts.kinds import Fact, FactKind, Value
from tiesan.facts.leave import LeaveCover, LeaveSpan
from tiesan.records.kinds import fact_kind

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
SUNDAY = date(2026, 3, 8)


def surroundings(*spans: LeaveSpan, tracked_from: date | None = MONDAY) -> Surroundings:
    """The world of one cadre C1, in post from Monday on."""
    return Surroundings(
        calendar=WorkingCalendar(),
        leave=LeaveCover(spans, date(2026, 1, 1), date(2026, 12, 31)),
        in_post=lambda cadre, day: cadre == "C1" and day >= MONDAY,
        tracked_from=lambda cadre: tracked_from if cadre == "C1" else None,
    )


def fact(of: FactKind, /, **values: Value) -> Fact:
    """A fact of a kind with these values, the other fields blank."""
    return tuple(values.get(field.name) for field in of.fields)


def attendance(day: date | None, around: Surroundings, cadre: str | None = "C1") -> Fact:
    """The derived values of an attendance row."""
    kind = fact_kind(Attendance)
    return prepare_attendance(kind, around)(fact(kind, cadre=cadre, day=day, clock_in=time(9)))


def work_log(day: date | None, around: Surroundings, cadre: str = "C1") -> Fact:
    """The derived values of a work log."""
    kind = fact_kind(WorkLog)
    return prepare_work_log(kind, around)(fact(kind, cadre=cadre, day=day, written_on=day))


def test_a_plain_working_day_is_one_and_nothing_is_covered() -> None:
    assert attendance(MONDAY, surroundings()) == (True, False, False)


def test_a_sunday_is_no_working_day() -> None:
    assert attendance(SUNDAY, surroundings())[0] is False
    assert work_log(SUNDAY, surroundings())[0] is False


@pytest.mark.parametrize("outing", [True, False])
def test_leave_and_outings_cover_the_halves_of_attendance(*, outing: bool) -> None:
    half = LeaveSpan("C1", MONDAY, TUESDAY, begins_afternoon=True, ends_morning=True, outing=outing)
    around = surroundings(half)
    assert attendance(MONDAY, around) == (True, False, True)
    assert attendance(TUESDAY, around) == (True, True, False)


def test_the_leave_of_another_cadre_covers_nothing() -> None:
    around = surroundings(LeaveSpan("C2", MONDAY, MONDAY))
    assert attendance(MONDAY, around) == (True, False, False)


def test_a_log_is_on_leave_only_when_the_whole_day_is() -> None:
    assert work_log(MONDAY, surroundings(LeaveSpan("C1", MONDAY, MONDAY)))[2] is True
    afternoon = LeaveSpan("C1", MONDAY, MONDAY, begins_afternoon=True)
    assert work_log(MONDAY, surroundings(afternoon))[2] is False
    morning = LeaveSpan("C1", MONDAY, MONDAY, ends_morning=True)
    assert work_log(MONDAY, surroundings(afternoon, morning))[2] is True


def test_an_outing_is_no_leave_for_a_log() -> None:
    around = surroundings(LeaveSpan("C1", MONDAY, MONDAY, outing=True))
    assert work_log(MONDAY, around)[2] is False


def test_a_log_knows_whether_the_cadre_was_in_post_and_records_were_kept() -> None:
    assert work_log(MONDAY, surroundings()) == (True, True, False, True)
    before = date(2026, 2, 27)
    assert work_log(before, surroundings()) == (True, False, False, False)
    assert work_log(MONDAY, surroundings(tracked_from=None))[3] is False
    assert work_log(MONDAY, surroundings(), cadre="C9")[1:] == (False, False, False)


def test_blank_values_derive_blanks() -> None:
    assert attendance(None, surroundings()) == (None, None, None)
    assert attendance(MONDAY, surroundings(), cadre=None) == (None, None, None)
    assert work_log(None, surroundings()) == (None, None, None, None)


def test_an_approved_leave_covers_its_span() -> None:
    kind = fact_kind(Leave)
    row = fact(
        kind,
        code="L1",
        cadre="C1",
        kind="official",
        first_day=MONDAY,
        first_half="pm",
        last_day=TUESDAY,
        last_half="am",
        approved_on=SUNDAY,
    )
    expected = LeaveSpan(
        "C1", MONDAY, TUESDAY, begins_afternoon=True, ends_morning=True, outing=True
    )
    assert leave_span(kind, row) == expected


def test_a_leave_that_is_not_approved_covers_nothing() -> None:
    kind = fact_kind(Leave)
    row = fact(kind, code="L1", cadre="C1", kind="sick", first_day=MONDAY, last_day=MONDAY)
    assert leave_span(kind, row) is None


def test_every_derived_field_is_declared_by_the_plugin() -> None:
    declared = {each.kind: [field.name for field in each.fields] for each in plugin.derivations}
    assert declared == {
        "attendance": ["working_day", "morning_covered", "afternoon_covered"],
        "work_log": ["working_day", "in_post", "on_leave", "tracked"],
    }
