"""Everybody is judged up to the same day, and no day that has not come is held against anybody."""

from datetime import date, datetime, time

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.flags.conftest import TRACKED, District
from tests.flags.test_live import professional, touch
from tiesan.clock import SHANGHAI
from tiesan.flags.evaluation import last_chance, standings
from tiesan.flags.models import DistrictState, FlagEvent
from tiesan.records.settings import CalendarException

TODAY = date(2026, 3, 31)
YESTERDAY = date(2026, 3, 30)
WEDNESDAY = date(2026, 3, 25)
LATER = date(2026, 6, 30)


def judged_until(session: Session) -> date | None:
    """The last day that the district was judged whole."""
    return session.scalars(select(DistrictState.evaluated_as_of)).one_or_none()


def undone(district: District) -> set[str]:
    """The days of which an absence or a missing log is flagged."""
    rules = ("discipline.absent", "discipline.log_missing")
    return {key for rule, key in district.names() if rule in rules}


def test_before_the_first_whole_evaluation_nothing_that_was_not_done_is_judged(
    district: District,
) -> None:
    professional(district)
    expense = district.expense("X1", 20_000, requested_on=None)
    touch(district, expense)
    assert district.names() == [("discipline.expense_unapproved", "X1")]
    touch(district, district.attendance("C1", WEDNESDAY))
    touch(district, district.log("C1", WEDNESDAY, WEDNESDAY))
    assert undone(district) == set()
    assert judged_until(district.session) is None


def test_after_days_without_a_run_nobody_is_judged_for_them_by_saving(district: District) -> None:
    professional(district)
    district.evaluate(WEDNESDAY)
    before = undone(district)
    assert max(before) == WEDNESDAY.isoformat()
    touch(district, district.log("C1", YESTERDAY, YESTERDAY))
    touch(district, district.attendance("C1", YESTERDAY))
    assert undone(district) == before
    # What was done wrongly is judged at once all the same.
    touch(district, district.expense("X1", 20_000))
    assert ("discipline.expense_unapproved", "X1") in district.names()
    assert judged_until(district.session) == WEDNESDAY


@pytest.mark.parametrize("today", [date(2026, 3, 26), TODAY])
def test_what_was_due_on_the_judged_day_is_judged_and_the_next_day_is_not(
    district: District, today: date
) -> None:
    for day in (WEDNESDAY, date(2026, 3, 26)):
        row = district.attendance("C2", day)
    district.evaluate(date(2026, 3, 24))
    touch(district, row, today)
    assert district.names() == []
    district.evaluate(WEDNESDAY, today)
    touch(district, row, today)
    assert [key for _rule, key in district.names()] == [WEDNESDAY.isoformat()]


def test_evaluating_up_to_now_judges_everybody_up_to_yesterday(district: District) -> None:
    professional(district)
    district.up_to_now(TODAY)
    assert max(undone(district)) == YESTERDAY.isoformat()
    assert judged_until(district.session) == YESTERDAY


def test_a_day_to_come_is_a_question(district: District) -> None:
    professional(district)
    district.evaluate(YESTERDAY)
    before = district.stored()
    outcome = district.evaluate(date(2026, 4, 1), TODAY)
    assert not outcome.stored
    assert max(hit.occurred_on for hit in outcome.hits) == date(2026, 4, 1)
    assert district.stored() == before
    assert district.evaluate(TODAY, TODAY).stored
    assert district.evaluate(date(2026, 4, 1), TODAY, ahead=True).stored


def test_a_day_that_was_stored_ahead_is_noticed_and_taken_back(district: District) -> None:
    professional(district)
    district.evaluate(YESTERDAY)
    lived = set(district.names())
    district.evaluate(LATER, TODAY, ahead=True)
    assert set(district.names()) > lived
    outcome = district.evaluate(YESTERDAY, TODAY)
    assert (outcome.stored, outcome.districts[0].whole_until) == (False, LATER)
    assert [each.is_ahead for each in standings(district.session, TODAY)] == [True]
    # Knowing the later day, a record of the running one is flagged as of that later day.
    late = district.expense("X9", 20_000, spent_on=TODAY, requested_on=TODAY, reimbursed_on=TODAY)
    touch(district, late)
    assert district.up_to_now(TODAY, back=True).stored
    assert set(district.names()) == lived | {("discipline.expense_unapproved", "X9")}
    assert judged_until(district.session) == YESTERDAY
    taken_back = [flag for flag in district.flags(active=False) if flag.occurred_on > YESTERDAY]
    assert {flag.cleared_reason for flag in taken_back} == {"ahead"}
    assert {flag.known_as_of for flag in taken_back} == {TODAY}
    reasons = select(FlagEvent.reason).where(FlagEvent.verb == "cleared").distinct()
    assert list(district.session.scalars(reasons)) == ["ahead"]
    district.session.commit()
    assert [each.is_ahead for each in standings(district.session, TODAY)] == [False]
    assert district.evaluate(YESTERDAY, TODAY).stored


def test_what_was_taken_back_is_flagged_again_when_its_day_is_over(district: District) -> None:
    professional(district)
    district.evaluate(date(2026, 4, 1), YESTERDAY, ahead=True)
    absent = ("discipline.absent", TODAY.isoformat())
    assert absent in district.names()
    district.up_to_now(TODAY, back=True)
    assert absent not in district.names()
    district.evaluate(TODAY, date(2026, 4, 1))
    [flag] = [each for each in district.flags() if (each.rule, each.key) == absent]
    assert (flag.active, flag.episode, flag.cleared_reason) == (True, 1, None)


def test_leading_back_leaves_a_district_alone_that_is_not_ahead(district: District) -> None:
    district.evaluate(TODAY)
    before = district.stored()
    district.up_to_now(TODAY, back=True)
    assert (district.stored(), judged_until(district.session)) == (before, TODAY)


@pytest.mark.parametrize(
    ("judged", "today", "since"),
    [
        (date(2026, 3, 26), date(2026, 3, 27), None),
        (date(2026, 3, 26), date(2026, 3, 28), date(2026, 3, 27)),
        # From Friday to Monday there is only a weekend.
        (date(2026, 3, 27), date(2026, 3, 30), None),
        (date(2026, 3, 27), date(2026, 3, 31), date(2026, 3, 28)),
        (date(2026, 3, 31), date(2026, 3, 31), None),
        (None, TRACKED, None),
        (None, date(2026, 3, 3), TRACKED),
    ],
)
def test_since_when_nothing_was_judged_is_told_from_the_first_working_day_on(
    district: District, judged: date | None, today: date, since: date | None
) -> None:
    if judged is not None:
        district.evaluate(judged)
    [standing] = standings(district.session, today)
    assert (standing.code, standing.judged_until, standing.unjudged_since) == ("D1", judged, since)
    assert standings(district.session, today, only=[]) == []


def test_an_exception_makes_a_weekend_a_working_day(district: District) -> None:
    district.evaluate(date(2026, 3, 27))
    session = district.session
    session.add(CalendarException(day=date(2026, 3, 29), kind="working"))
    session.execute(update(DistrictState).values(evaluated_as_of=date(2026, 3, 27)))
    [standing] = standings(session, date(2026, 3, 30))
    assert standing.unjudged_since == date(2026, 3, 28)


@pytest.mark.parametrize(
    ("clock", "chance"),
    [
        ((3, 31, 0, 5), date(2026, 3, 30)),
        ((3, 31, 2, 14), date(2026, 3, 30)),
        ((3, 31, 2, 15), date(2026, 3, 31)),
        ((3, 31, 23, 59), date(2026, 3, 31)),
    ],
)
def test_nothing_is_missing_before_the_daily_run_had_its_chance(
    district: District, clock: tuple[int, int, int, int], chance: date
) -> None:
    moment = datetime(2026, *clock, tzinfo=SHANGHAI)
    due = last_chance(moment, time(1, 15))
    assert due == datetime(chance.year, chance.month, chance.day, 1, 15, tzinfo=SHANGHAI)
    district.evaluate(date(2026, 3, 29))
    [standing] = standings(district.session, moment.date(), due=due.date())
    told = None if chance == date(2026, 3, 30) else date(2026, 3, 30)
    assert standing.unjudged_since == told
