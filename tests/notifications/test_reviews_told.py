"""Flags, notices, waivers: reviewers are told what waits, whom it concerns what was decided."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from tests.reviews.conftest import Clock, clock, world
from tests.reviews.following import Office
from tests.reviews.world import DAY_0, World, at
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.courses.telling import SECRET
from tiesan.flags.telling import FLAG_RAISED, MAJOR_RAISED
from tiesan.notifications.due.follow_up import due_notices, due_waivers
from tiesan.people.models import Account
from tiesan.people.notifications import Notification, tell_each
from tiesan.reviews.flag_course import FLAG_DECIDED
from tiesan.reviews.notice_course import NOTICE_ANSWERED, NOTICE_DECIDED, NOTICE_ISSUED
from tiesan.reviews.waiting import ANSWER_WAITS, APPEAL_WAITS
from tiesan.reviews.waiver_course import WAIVER_CHANGED
from tiesan.words.due_notifications import (
    NOTICE_OVERDUE,
    NOTICE_YELLOW,
    WAIVER_ENDED,
    WAIVER_ENDING,
)

__all__ = ["clock", "world"]
# Of a flag on the cadre A1: who reviews it.
REVIEWERS = {"sup1", "sup1b", "supd", "supd2"}


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    """The office, in which nobody has been told anything yet."""
    world.session.execute(delete(Notification))
    world.session.commit()
    return Office(world, clock)


def told(office: Office) -> dict[str, set[str]]:
    """The user names of those who were told, by kind; nobody of anything twice.

    The tests share their districts: what rules find in the flags of all of them is left out.
    """
    session = office.world.session
    statement = select(Notification.kind, Account.username).join(
        Account, Account.id == Notification.account_id
    )
    statement = statement.where(Notification.kind.not_in((FLAG_RAISED, MAJOR_RAISED)))
    found: dict[str, set[str]] = defaultdict(set)
    for kind, name in session.execute(statement):
        assert name not in found[kind]
        found[kind].add(name)
    session.rollback()
    return dict(found)


def test_an_explanation_waits_for_the_reviewers_and_a_decision_is_told_to_the_cadre(
    office: Office,
) -> None:
    flag = office.world.flag()
    assert office.does("cadre1", flag, "explain") == 200
    assert told(office) == {ANSWER_WAITS: REVIEWERS}
    assert office.does("sup1", flag, "confirm") == 200
    assert told(office) == {ANSWER_WAITS: REVIEWERS, FLAG_DECIDED: {"cadre1"}}


def test_of_an_assigned_flag_the_one_is_told_to_whom_it_was_given(office: Office) -> None:
    flag = office.world.flag()
    assert office.does("sup1", flag, "assign", to="sup1b") == 200
    assert told(office) == {}
    assert office.does("cadre1", flag, "explain") == 200
    assert told(office) == {ANSWER_WAITS: {"sup1b"}}


def test_an_appeal_waits_for_others_than_who_confirmed(office: Office) -> None:
    flag = office.confirmed()
    assert office.does("cadre1", flag, "appeal") == 200
    assert told(office)[APPEAL_WAITS] == REVIEWERS - {"sup1"}


def test_of_an_organization_the_chair_is_told(office: Office) -> None:
    flag = office.world.flag(org="F1")
    assert office.does("sup1", flag, "acknowledge") == 200
    assert told(office) == {FLAG_DECIDED: {"chair1"}}


def test_of_a_confidential_flag_nobody_concerned_is_told_and_nothing_is_kept(
    office: Office,
) -> None:
    flag = office.world.flag(confidential=True)
    assert office.does("aud1", flag, "confirm") == 200
    assert told(office) == {}
    assert office.does("aud1", flag, "reopen") == 200
    assert told(office) == {}


def test_of_a_secret_notice_nothing_is_kept_but_that_it_is_there(office: Office) -> None:
    flag = office.world.flag(confidential=True)
    assert office.does("aud1", flag, "confirm") == 200
    notice = office.issued(flag, who="aud1")
    for verb in ("receive", "answer"):
        assert office.acts("aud1b", notice, verb, witness="aud1") == 200
    session = office.world.session
    [one] = session.scalars(select(Notification).where(Notification.kind == NOTICE_ANSWERED))
    assert one.details == {"course": "notice", "verb": "answer", SECRET: True}
    session.rollback()


def test_a_notice_is_told_to_whom_it_is_addressed_and_its_answer_to_who_issued_it(
    office: Office,
) -> None:
    notice = office.issued(office.confirmed())
    assert told(office) == {FLAG_DECIDED: {"cadre1"}, NOTICE_ISSUED: {"cadre1"}}
    assert office.acts("cadre1", notice, "receive") == 200
    assert office.acts("cadre1", notice, "answer") == 200
    # That the remedy of its flag is reported is told with the answer, and not besides.
    assert told(office) == {
        FLAG_DECIDED: {"cadre1"}, NOTICE_ISSUED: {"cadre1"}, NOTICE_ANSWERED: {"sup1"},
    }  # fmt: skip
    assert office.acts("sup1", notice, "accept") == 200
    assert told(office)[NOTICE_DECIDED] == {"cadre1"}


def test_whom_a_waiver_covers_is_told_of_it(office: Office) -> None:
    form = {
        "rule": "discipline.off_post",
        "cadre": "A1",
        "from": DAY_0.isoformat(),
        "until": (DAY_0 + timedelta(days=5)).isoformat(),
        "text": "外出培训",
    }
    answer = office.post("sup1", "/waivers/new", form)
    assert answer.status_code == 200, answer.text
    assert told(office) == {WAIVER_CHANGED: {"cadre1"}}


# --- what falls due -------------------------------------------------------------------------------


def due(office: Office, day: date) -> dict[str, set[str]]:
    """Who is told what of notices and waivers on a day, for the first time."""
    session, district = office.world.session, office.world.organizations["D1"]
    before = told(office)
    found = [
        *due_notices(session, district, day, WorkingCalendar()),
        *due_waivers(session, district, day),
    ]
    tell_each(session, found, at=at(day))
    session.commit()
    return {
        kind: names - before.get(kind, set())
        for kind, names in told(office).items()
        if names - before.get(kind, set())
    }


def test_a_notice_that_turns_yellow_and_red_is_told_once_each(office: Office) -> None:
    notice = office.issued(office.confirmed())
    assert due(office, date(2026, 3, 16)) == {}
    assert due(office, date(2026, 3, 17)) == {NOTICE_YELLOW: {"cadre1"}}
    assert due(office, date(2026, 3, 20)) == {}
    assert due(office, date(2026, 3, 21)) == {NOTICE_OVERDUE: {"cadre1", "sup1"}}
    assert due(office, date(2026, 3, 23)) == {}
    # Once it was answered nothing of it is due.
    for verb in ("receive", "answer"):
        assert office.acts("cadre1", notice, verb) == 200


def test_a_waiver_is_told_seven_days_before_its_end_and_when_it_has_ended(office: Office) -> None:
    until = DAY_0 + timedelta(days=40)
    flag = office.world.flag()
    assert office.does("sup1", flag, "waive", until=until.isoformat()) == 200
    assert due(office, until - timedelta(days=8)) == {}
    concerned = REVIEWERS | {"cadre1"}
    assert due(office, until - timedelta(days=7)) == {WAIVER_ENDING: concerned}
    assert due(office, until) == {}
    assert due(office, until + timedelta(days=1)) == {WAIVER_ENDED: concerned}
    assert due(office, until + timedelta(days=2)) == {}
