"""The derived field of visits."""

from datetime import date

import pytest
from tiesan_hardship.facts import prepare
from tiesan_hardship.models import HardshipVisit

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.derived import Surroundings
from tiesan.facts.kinds import Value
from tiesan.facts.leave import LeaveCover
from tiesan.records.kinds import fact_kind

LEAVING = date(2026, 3, 10)
SURROUNDINGS = Surroundings(
    calendar=WorkingCalendar(),
    leave=LeaveCover((), date(2026, 1, 1), date(2026, 12, 31)),
    in_post=lambda _cadre, day: day < LEAVING,
    tracked_from=lambda _cadre: date(2026, 1, 1),
)


@pytest.mark.parametrize(
    ("visitor", "day", "in_post"),
    [
        ("C1", date(2026, 3, 9), True),
        ("C1", LEAVING, False),
        (None, LEAVING, None),
        ("C1", None, None),
    ],
)
def test_in_post(visitor: Value, day: Value, in_post: Value) -> None:
    kind = fact_kind(HardshipVisit)
    visit = {"case": "K1", "visitor": visitor, "visited_on": day}
    fact = tuple(visit.get(field.name) for field in kind.fields)
    assert prepare(kind, SURROUNDINGS)(fact) == (in_post,)
