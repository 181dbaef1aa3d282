"""The first page says what goes wrong: since when nothing was judged, and of whose district."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from tests.web.test_scope import looking
from tiesan.access.viewer import current_viewer
from tiesan.admin.home.running import notable_standings
from tiesan.clock import SHANGHAI, today
from tiesan.extensions import db
from tiesan.flags.models import DistrictState
from tiesan.people.models import Organization
from tiesan.records.settings import RuleParameterValue
from tiesan.testing.browsing import person
from tiesan.testing.world import World

UNJUDGED = "此后应做未做的事项尚未评估"
AS_OF = date(2026, 3, 2)
AHEAD = "尚未到来，说明系统时间曾有误"


def judge(app: Flask, world: World, day: date | None, *codes: str) -> None:
    """Say that some districts were judged whole up to a day, and all others up to yesterday."""
    with app.app_context():
        for place in db.session.query(Organization).filter_by(kind="district"):
            until = day if place.code in codes else today() - timedelta(days=1)
            db.session.merge(DistrictState(district_id=place.id, evaluated_as_of=until))
        db.session.commit()


def said(app: Flask, username: str) -> str:
    """The first page as text."""
    return person(app, username).get("/").text


def test_a_district_that_was_judged_up_to_yesterday_is_not_mentioned(
    lite_app: Flask, lite_world: World
) -> None:
    judge(lite_app, lite_world, None)
    assert UNJUDGED not in said(lite_app, "admin")


@pytest.mark.parametrize("username", ["admin", "supervisor", "cadre"])
def test_since_when_nothing_was_judged_is_told_to_everybody_there(
    lite_app: Flask, lite_world: World, username: str
) -> None:
    since = today() - timedelta(days=30)
    judge(lite_app, lite_world, since - timedelta(days=1), "D1")
    shown = f"自{since.year}年{since.month}月{since.day}日起每日评估没有运行，{UNJUDGED}"
    assert shown in said(lite_app, username)


def test_of_another_district_it_is_not_told(lite_app: Flask, lite_world: World) -> None:
    judge(lite_app, lite_world, today() - timedelta(days=30), "D2")
    assert UNJUDGED in said(lite_app, "admin")
    assert UNJUDGED not in said(lite_app, "cadre")


def test_a_stored_day_to_come_is_told(lite_app: Flask, lite_world: World) -> None:
    judge(lite_app, lite_world, today() + timedelta(days=1), "D1")
    assert AHEAD in said(lite_app, "admin")
    judge(lite_app, lite_world, today(), "D1")
    assert AHEAD not in said(lite_app, "admin")


@pytest.mark.parametrize(
    ("clock", "told"),
    [((3, 31, 12, 0), False), ((4, 1, 0, 30), False), ((4, 1, 2, 15), True), ((4, 9, 0, 30), True)],
)
def test_a_new_district_waits_for_its_first_daily_run(
    lite_app: Flask, lite_world: World, clock: tuple[int, int, int, int], told: bool
) -> None:
    """It was entered on March 31 at ten, and is to be judged from January on."""
    with looking(lite_app, lite_world.accounts["admin"]):
        moment = datetime(2026, *clock, tzinfo=SHANGHAI)
        assert bool(notable_standings(current_viewer(), moment)) is told


def test_stored_values_without_effect_are_told_to_who_can_set_others(
    lite_app: Flask, lite_world: World
) -> None:
    """One of a parameter that its rule does not have, and one of a rule that is gone."""
    assert lite_world.accounts
    with lite_app.app_context():
        for rule, name in (("discipline.late", "work_end"), ("discipline.tardy", "work_start")):
            value = RuleParameterValue(rule=rule, name=name, valid_from=AS_OF, value="08:00")
            db.session.add(value)
        db.session.commit()
    page = said(lite_app, "admin")
    assert "不起作用的参数值" in page
    for named in ("discipline.late", "work_end", "discipline.tardy", "work_start"):
        assert named in page
    assert "不起作用的参数值" not in said(lite_app, "keeper")
    assert "work_end" in person(lite_app, "admin").get("/rules/discipline.late/").text
