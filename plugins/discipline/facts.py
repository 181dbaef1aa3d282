"""Derived fields of attendance and work logs, and what excuses: approved leave.

Source: institutions.md, "Approved leave", and the readings of the discipline rules. A fact whose
cadre or day is blank has no derived values.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeAlias, cast

from tiesan.facts.derived import Derivation, Excuse, Surroundings
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.facts.leave import LeaveSpan
from tiesan.i18n import _l

OfCadreAndDay: TypeAlias = Callable[[str, date], tuple[Value, ...]]


def _derived(name: str, label: str) -> Field:
    return Field(name, FieldType.BOOLEAN, label, derived=True)


def _for_each(kind: FactKind, derive: OfCadreAndDay, width: int) -> Callable[[Fact], Fact]:
    """The function from a fact to its derived values; ``width`` is how many there are."""
    cadre_at, day_at = kind.index["cadre"], kind.index["day"]
    blank: tuple[Value, ...] = (None,) * width

    def of_fact(fact: Fact) -> tuple[Value, ...]:
        cadre, day = fact[cadre_at], fact[day_at]
        if not isinstance(cadre, str) or not isinstance(day, date):
            return blank
        return derive(cadre, day)

    return of_fact


ATTENDANCE_FIELDS = (
    _derived("working_day", _l("On a working day")),
    _derived("morning_covered", _l("Morning covered by approved leave")),
    _derived("afternoon_covered", _l("Afternoon covered by approved leave")),
)


def prepare_attendance(kind: FactKind, surroundings: Surroundings) -> Callable[[Fact], Fact]:
    """Give the function that derives ``ATTENDANCE_FIELDS``; official outings cover here."""
    calendar, leave = surroundings.calendar, surroundings.leave

    def derive(cadre: str, day: date) -> tuple[Value, ...]:
        return (
            calendar.is_working_day(day),
            leave.morning(cadre, day, outings=True),
            leave.afternoon(cadre, day, outings=True),
        )

    return _for_each(kind, derive, len(ATTENDANCE_FIELDS))


WORK_LOG_FIELDS = (
    _derived("working_day", _l("For a working day")),
    _derived("in_post", _l("Cadre in post on the day")),
    _derived("on_leave", _l("Whole day on approved leave")),
    _derived("tracked", _l("Day on or after the start of record keeping")),
)


def prepare_work_log(kind: FactKind, surroundings: Surroundings) -> Callable[[Fact], Fact]:
    """Give the function that derives ``WORK_LOG_FIELDS``; official outings are no leave here."""
    calendar, leave = surroundings.calendar, surroundings.leave

    def derive(cadre: str, day: date) -> tuple[Value, ...]:
        tracked_from = surroundings.tracked_from(cadre)
        return (
            calendar.is_working_day(day),
            surroundings.in_post(cadre, day),
            leave.whole_day(cadre, day, outings=False),
            tracked_from is not None and tracked_from <= day,
        )

    return _for_each(kind, derive, len(WORK_LOG_FIELDS))


def leave_span(kind: FactKind, fact: Fact) -> LeaveSpan | None:
    """What a leave covers; None when it is not approved (as of the day of the facts)."""
    index = kind.index
    cadre, first, last = fact[index["cadre"]], fact[index["first_day"]], fact[index["last_day"]]
    if fact[index["approved_on"]] is None or cadre is None or first is None or last is None:
        return None
    return LeaveSpan(
        cadre=cast("str", cadre),
        first_day=cast("date", first),
        last_day=cast("date", last),
        begins_afternoon=fact[index["first_half"]] == "pm",
        ends_morning=fact[index["last_half"]] == "am",
        outing=fact[index["kind"]] == "official",
    )


derivations = (
    Derivation("attendance", ATTENDANCE_FIELDS, prepare_attendance),
    Derivation("work_log", WORK_LOG_FIELDS, prepare_work_log),
)
leave_excuses = Excuse("leave", leave_span)
