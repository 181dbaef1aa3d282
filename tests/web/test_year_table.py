"""The year of a cadre as a table of days, on a page to print and as a file."""

import csv
import io
import re
from datetime import date, time

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Attendance, WorkLog
from tests.web.test_persons import _leave
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.testing.browsing import person
from tiesan.testing.world import World

ADDRESS = "/persons/CO/year/2026"


def lived(app: Flask, world: World) -> None:
    """A day at work, and one of leave."""
    with app.app_context():
        _leave(db.session(), world, "CO")
        row = db.session.get_one(Attendance, world.records["attendance"]["O"])
        row.day, row.clock_in, row.clock_out = date(2026, 3, 17), time(8, 25), time(17, 40)
        log = db.session.get_one(WorkLog, world.records["work_log"]["O"])
        log.day, log.written_on = date(2026, 3, 17), date(2026, 3, 18)
        db.session.commit()


def days(app: Flask, who: str) -> dict[str, list[str]]:
    """The rows of the file by day."""
    text = person(app, who).get(f"{ADDRESS}/csv/").text.removeprefix("\ufeff")
    _titles, *rows = csv.reader(io.StringIO(text))
    return {row[0]: row[1:] for row in rows}


def test_each_day_says_what_was_entered_and_when_there_was_leave(app: Flask, world: World) -> None:
    lived(app, world)
    found = days(app, "cadre")
    assert len(found) == 365
    assert found["2026-03-17"] == ["工作日", "2026年3月18日", "08:25 – 17:40", "", ""]
    assert found["2026-03-18"][3] == "请假"
    assert found["2026-10-01"][0] == "节假日"
    assert "迟到" in found["2026-03-20"][4]


def test_the_page_has_the_same_days_and_says_on_how_many_there_was_what(
    lite_app: Flask, lite_world: World
) -> None:
    lived(lite_app, lite_world)
    page = person(lite_app, "cadre").get(ADDRESS).text
    assert len(re.findall(r"day=2026-\d\d-\d\d#day", page)) == 365
    [totals] = re.findall(r'class="year-totals">([^<]+)<', page)
    assert "工作日志 1 · " in totals
    assert "请假 1 · " in totals


def test_nothing_confidential_is_in_it(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        flag = db.session.scalars(
            select(Flag).where(Flag.confidential, Flag.cadre_id == lite_world.cadres["CO"])
        ).first()
        if flag is None:
            flag = db.session.get_one(Flag, lite_world.flags["kO"])
            flag.cadre_id, flag.organization_id = lite_world.cadres["CO"], None
        flag.message_zh, flag.occurred_on = "保密事项。", date(2026, 3, 25)
        db.session.commit()
    for who in ("district", "committee", "chair"):
        assert days(lite_app, who)["2026-03-25"][-1] == "", who


def test_a_year_that_nobody_lives_is_not_there(lite_app: Flask) -> None:
    for year in ("1900", "2999"):
        assert person(lite_app, "cadre").get(f"/persons/CO/year/{year}").status_code == 404
