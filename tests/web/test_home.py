"""The first page says since when nothing was judged, and of whose district."""

from datetime import date, timedelta

import pytest
from flask import Flask

from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import DistrictState
from tiesan.people.models import Organization
from tiesan.testing.browsing import person
from tiesan.testing.world import World

UNJUDGED = "应做未做的事项没有评估"
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
    shown = f"自 {since.year}年{since.month}月{since.day}日 起{UNJUDGED}"
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
