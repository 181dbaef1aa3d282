"""Who is behind: whose duties who looks after others sees, and which of them."""

from datetime import date, datetime

import pytest
from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan import clock
from tiesan.access.viewer import read_viewer
from tiesan.admin.owed.behind import Behind, duties_in_reach
from tiesan.clock import SHANGHAI
from tiesan.extensions import db
from tiesan.flags.models import DistrictState
from tiesan.people.models import Account
from tiesan.testing.world import World

TODAY, JUDGED = date(2026, 4, 14), date(2026, 4, 10)
LOG = "discipline.log_missing"


@pytest.fixture(autouse=True)
def that_day(monkeypatch: pytest.MonkeyPatch, lite_app: Flask, lite_world: World) -> None:
    """It is a Tuesday, and what was due by the Friday before was judged."""
    noon = datetime(2026, 4, 14, 12, tzinfo=SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: noon)
    with lite_app.app_context(), Session(db.engine) as session:
        for code in ("D1", "D2"):
            district_id = lite_world.organizations[code]
            session.merge(DistrictState(district_id=district_id, evaluated_as_of=JUDGED))
        session.commit()


def behind(app: Flask, username: str) -> list[Behind]:
    """Who is behind, as somebody sees it."""
    with app.test_request_context("/"):
        account = db.session.scalars(select(Account).filter_by(username=username)).one()
        g.viewer = read_viewer(db.session(), account, TODAY)
        return duties_in_reach(g.viewer, TODAY)


def whom(app: Flask, username: str, rule: str) -> set[str]:
    """The subjects that are behind with what a rule asks."""
    return {each.subject_code for each in behind(app, username) if each.rule == rule}


def test_supervisors_see_those_below_them_and_not_themselves(lite_app: Flask) -> None:
    assert whom(lite_app, "supervisor", LOG) == {"CO", "CB", "CH"}
    # The district's supervisor is CP.
    assert whom(lite_app, "district", LOG) == {"CO", "CB", "CS", "CH", "CA"}


@pytest.mark.parametrize("username", ["nobody", "cadre", "chair", "keeper", "admin"])
def test_nobody_else_sees_who_is_behind(lite_app: Flask, username: str) -> None:
    assert behind(lite_app, username) == []


def test_the_committee_sees_what_it_sees_flags_of(lite_app: Flask) -> None:
    assert {each.rule for each in behind(lite_app, "committee")} <= {
        "discipline.leave_not_closed",
        "discipline.leave_unapproved",
    }


def test_of_what_is_owed_daily_only_what_is_due_by_now(lite_app: Flask) -> None:
    logs = [each for each in behind(lite_app, "supervisor") if each.rule == LOG]
    assert {(each.key, each.days_left) for each in logs} == {("2026-04-10", -1), ("2026-04-13", 0)}


def test_they_come_by_due_date_and_say_who_can_be_reminded(
    lite_app: Flask, lite_world: World
) -> None:
    found = behind(lite_app, "supervisor")
    assert [each.due_on for each in found] == sorted(each.due_on for each in found)
    first = next(each for each in found if each.subject_code == "CO")
    assert first.cadre_ids == (lite_world.cadres["CO"],)
    assert (first.subject, first.organization) == ("陈欧", "东城联合会")
    assert first.title == "工作日志 4月10日 星期五"
    places = [each for each in found if each.subject_kind == "organization"]
    assert all(each.cadre_ids == () for each in places if each.subject_code == "E1")
