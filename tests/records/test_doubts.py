"""What one record hardly means: refused on entry where somebody can be asked, else shown."""

from datetime import date, time
from typing import Any

import pytest

from plugins.discipline.models import Attendance, Expense, Leave, WorkLog
from tests.records.conftest import World
from tests.records.writing import ACTOR, AT
from tiesan.i18n import use_language
from tiesan.records.base import Record
from tiesan.records.doubting import doubts_about
from tiesan.records.services import create_record, update_record, void_record
from tiesan.records.settings import CalendarException
from tiesan.records.validation import RecordRefused


def enter(world: World, model: type[Record], **values: Any) -> Record:
    """Store a record of the cadre."""
    return create_record(ACTOR, world.session, model, {"cadre": world.cadre} | values, at=AT)


def leave(world: World, code: str, first: int, last: int, **values: Any) -> Record:
    """A leave of some days of March 2026."""
    days = {"first_day": date(2026, 3, first), "last_day": date(2026, 3, last)}
    return enter(world, Leave, code=code, kind="annual", **days, **values)


def expense(world: World, code: str, amount: int) -> Record:
    """An expense of an amount in fen."""
    return enter(world, Expense, code=code, payee="甲", amount=amount, spent_on=date(2026, 3, 2))


def doubts(world: World, record: Record) -> list[str]:
    """What is said of a record, in English."""
    with use_language("en"):
        return doubts_about(world.session, record)


OVERLAP = ["First day: overlaps another leave of the same cadre"]


def test_leaves_that_overlap_are_told(world: World) -> None:
    """Who asks for one is refused by the course; what is entered late may have been so."""
    first, second = leave(world, "L1", 3, 5), leave(world, "L2", 5, 6)
    assert doubts(world, first) == doubts(world, second) == OVERLAP
    assert doubts(world, leave(world, "L3", 9, 9)) == []
    void_record(ACTOR, world.session, first, reason="录错了", at=AT)
    assert doubts(world, second) == []


def test_halves_of_a_day_do_not_overlap(world: World) -> None:
    first = leave(world, "L1", 3, 5, last_half="am")
    leave(world, "L2", 5, 6, first_half="pm")
    assert doubts(world, first) == []
    assert doubts(world, leave(world, "L3", 6, 6, first_half="pm")) == OVERLAP


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"withdrawn_on": date(2026, 3, 1)}, []),
        ({"rejected_on": date(2026, 3, 1)}, []),
        ({"rejected_on": date(2026, 3, 1), "approved_on": date(2026, 3, 2)}, OVERLAP),
    ],
)
def test_what_is_not_live_overlaps_nothing(
    world: World, dates: dict[str, date], told: list[str]
) -> None:
    first = leave(world, "L1", 3, 5)
    leave(world, "L2", 5, 6, **dates)
    assert doubts(world, first) == told


def test_an_expense_of_nothing_is_refused(world: World) -> None:
    with pytest.raises(RecordRefused) as refused:
        expense(world, "X1", 0)
    assert refused.value.problems[0][0] == "amount"
    stored = expense(world, "X1", 1)
    with pytest.raises(RecordRefused):
        update_record(ACTOR, world.session, stored, {"amount": 0}, at=AT)
    assert doubts(world, stored) == []


def test_what_is_not_refused_is_said(world: World) -> None:
    sunday = enter(world, Attendance, day=date(2026, 3, 8), clock_in=time(8))
    assert doubts(world, sunday) == ["Day: attendance on a day off"]
    world.session.add(CalendarException(day=date(2026, 3, 8), kind="working"))
    world.session.flush()
    assert doubts(world, sunday) == []
    early = enter(world, WorkLog, day=date(2009, 12, 31), written_on=date(2026, 3, 1))
    assert doubts(world, early) == ["Day: a log for a day on which the cadre was not in post"]
    in_time = enter(world, WorkLog, day=date(2010, 1, 1), written_on=date(2026, 3, 1))
    assert doubts(world, in_time) == []
    odd = enter(world, WorkLog, day=date(1, 3, 1), written_on=date(2026, 3, 1))
    assert doubts(world, odd) == ["Day: a year that is hardly meant"]
