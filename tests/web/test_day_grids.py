"""Rows of a day alone: attendance without a clock, checks of posts, counts of assets."""

from datetime import date, time, timedelta

from flask import Flask

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.models import (
    Attendance,
    PostCheck,
)
from tests.web.entering import problems, rows
from tests.web.filling import ATTENDANCE, CHECK, COUNT, beside, cell, fill, opened, read, send
from tests.web.test_changing_grids import on_leave
from tiesan.audit import Actor
from tiesan.calendar.deadlines import add_months
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization
from tiesan.records.services import create_record
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import ACTOR, World

YOURSELF = "涉及您本人，由他人登记。"


def at(address: str, world: World, place: str, **more: object) -> str:
    """The address of a grid of an organization."""
    query = {"organization": world.organizations[place], **more}
    return address + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def clocked(app: Flask, world: World, code: str, day: date) -> None:
    """A row of attendance as a clock's file brings it in."""
    with app.app_context():
        cadre = db.session.get_one(Cadre, world.cadres[code])
        given = {"cadre": cadre, "day": day, "clock_in": time(8, 40)}
        create_record(Actor(None, "clock", "import"), db.session(), Attendance, given, at=now())
        db.session.commit()


def times(app: Flask, day: date) -> dict[int, tuple[time | None, time | None]]:
    """Who came and went when on a day."""
    found = (each for each in rows(app, Attendance) if each.day == day)
    return {each.cadre_id: (each.clock_in, each.clock_out) for each in found}


# --- attendance ----------------------------------------------------------------------------------


def test_a_day_s_attendance_is_entered_by_a_supervisor(app: Flask, world: World) -> None:
    supervisor, ids, here = person(app, "supervisor"), world.cadres, at(ATTENDANCE, world, "F1")
    sheet = opened(supervisor, here)
    # Those of the organization itself.
    assert set(map(int, sheet.getlist("row"))) == {ids["CO"], ids["CH"]}
    given = {
        cell(ids["CO"], "clock_in"): "08:20",
        cell(ids["CO"], "clock_out"): "17:45",
        cell(ids["CH"], "clock_in"): "08:31",
    }
    answer = send(supervisor, here, sheet, given)
    assert answer.status_code == 302
    assert answer.location.startswith(ATTENDANCE)
    assert times(app, today()) == {
        ids["CO"]: (time(8, 20), time(17, 45)),
        ids["CH"]: (time(8, 31), None),
    }
    # The same page again, filled.
    assert read(supervisor.get(answer.location))[cell(ids["CO"], "clock_out")] == "17:45"
    for name in ("cadre", "chair", "committee", "admin"):
        assert person(app, name).get(ATTENDANCE).status_code == 403


def test_nobody_goes_before_having_come_and_nothing_is_stored(app: Flask, world: World) -> None:
    supervisor, ids, here = person(app, "supervisor"), world.cadres, at(ATTENDANCE, world, "F1")
    given = {
        cell(ids["CO"], "clock_in"): "08:20",
        cell(ids["CH"], "clock_in"): "09:00",
        cell(ids["CH"], "clock_out"): "08:00",
    }
    answer = fill(supervisor, here, given)
    assert answer.status_code == 422
    assert len(beside(answer, ids["CH"])) == 1
    assert beside(answer, ids["CO"]) == []
    assert times(app, today()) == {}
    unreadable = fill(supervisor, here, {cell(ids["CO"], "clock_in"): "half past eight"})
    assert beside(unreadable, ids["CO"]) == ["时间格式有误，应如08:30。"]


def test_rows_of_a_clock_are_shown_and_left_alone(app: Flask, world: World) -> None:
    clocked(app, world, "CO", today())
    supervisor, ids, here = person(app, "supervisor"), world.cadres, at(ATTENDANCE, world, "F1")
    page = supervisor.get(here)
    assert "08:40" in page.text
    assert "来自考勤机或导入文件，此处不作改动。" in page.text
    assert set(map(int, read(page).getlist("row"))) == {ids["CH"]}
    made_up = {"row": [str(ids["CO"])], cell(ids["CO"], "clock_in"): "08:00"}
    answer = fill(supervisor, here, made_up)
    assert answer.status_code == 422
    assert times(app, today()) == {ids["CO"]: (time(8, 40), None)}


def test_no_supervisor_enters_their_own_attendance(app: Flask, world: World) -> None:
    district, ids, here = person(app, "district"), world.cadres, at(ATTENDANCE, world, "D1")
    assert YOURSELF in district.get(here).text
    made_up = {"row": [str(ids["CP"])], cell(ids["CP"], "clock_in"): "08:00"}
    answer = fill(district, here, made_up)
    assert (answer.status_code, beside(answer, ids["CP"])) == (422, [YOURSELF])
    assert times(app, today()) == {}


def test_the_rest_came_and_went_at_the_same_time(app: Flask, world: World) -> None:
    on_leave(app, world, "CH")
    supervisor, ids, here = person(app, "supervisor"), world.cadres, at(ATTENDANCE, world, "F1")
    assert "已批准请假" in supervisor.get(here).text
    given = {"rest": "1", "rest-clock_in": "08:30", "rest-clock_out": "17:30"}
    filled = read(send(supervisor, here, opened(supervisor, here), given))
    assert filled[cell(ids["CO"], "clock_in")] == "08:30"
    assert times(app, today()) == {}


def test_two_enter_the_same_day(app: Flask, world: World) -> None:
    supervisor, district, ids = person(app, "supervisor"), person(app, "district"), world.cadres
    here = at(ATTENDANCE, world, "F1")
    sheet = opened(district, here)
    name = cell(ids["CO"], "clock_in")
    assert fill(supervisor, here, {name: "08:20"}).status_code == 302
    answer = send(district, here, sheet, {name: "09:20", cell(ids["CH"], "clock_in"): "08:00"})
    assert answer.status_code == 409
    assert beside(answer, ids["CO"]) == ["此行期间已被他人更改，现为：08:20 – —"]
    assert times(app, today()) == {ids["CO"]: (time(8, 20), None)}


def test_nothing_filled_in_is_said(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    answer = fill(supervisor, at(ATTENDANCE, lite_world, "F1"), {})
    assert answer.status_code == 422
    assert "尚未填写。" in messages(answer)


def test_an_organization_out_of_reach_is_none(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    sheet = opened(supervisor, at(ATTENDANCE, lite_world, "F1"))
    for place in ("F2", "D1", "D2"):
        sent = {"organization": lite_world.organizations[place]}
        answer = send(supervisor, ATTENDANCE, sheet, sent)
        assert answer.status_code == 422
        assert problems(answer) == ["没有可供您选择的这一项。"]


# --- checks of posts -----------------------------------------------------------------------------


def test_a_check_of_posts_names_those_who_were_looked_for(app: Flask, world: World) -> None:
    supervisor, ids, here = person(app, "supervisor"), world.cadres, at(CHECK, world, "F1")
    before = len(rows(app, PostCheck))
    given = {cell(ids["CO"], "on_post"): "yes", cell(ids["CH"], "on_post"): "no"}
    answer = fill(supervisor, here, given)
    assert answer.status_code == 302
    found = rows(app, PostCheck)[: len(rows(app, PostCheck)) - before]
    assert {each.cadre_id: each.on_post for each in found} == {ids["CO"]: True, ids["CH"]: False}
    assert len({each.code for each in found}) == 2
    said = " ".join(messages(supervisor.get(answer.location)))
    assert "查岗（D1-CG" in said
    assert "周主席不在岗" in said
    # Whoever looks again the same day adds a further check.
    assert fill(supervisor, here, {cell(ids["CH"], "on_post"): "yes"}).status_code == 302
    assert len(rows(app, PostCheck)) == before + 3


# --- counts of assets ----------------------------------------------------------------------------


def asset(app: Flask, world: World, place: str, acquired_on: date, custodian: str = "") -> int:
    """An asset of an organization."""
    with app.app_context():
        given = {
            "organization": db.session.get_one(Organization, world.organizations[place]),
            "name": "打印机",
            "acquired_on": acquired_on,
            "custodian": db.session.get(Cadre, world.cadres.get(custodian, 0)),
        }
        row = create_record(ACTOR, db.session(), Asset, given, at=now())
        db.session.commit()
        return int(row.id)


def counted(app: Flask) -> set[tuple[int, date]]:
    """Which assets were counted when."""
    return {(each.asset_id, each.counted_on) for each in rows(app, AssetCount)}


def test_those_due_within_a_month_are_listed(app: Flask, world: World) -> None:
    due = add_months(today(), -11)
    wanted = asset(app, world, "E1", due)
    asset(app, world, "E1", due + timedelta(days=32))
    supervisor, here = person(app, "supervisor"), at(COUNT, world, "E1")
    listed = opened(supervisor, here).getlist("row")
    assert str(wanted) in listed
    assert len(listed) == 1
    assert fill(supervisor, here, {cell(wanted, "there"): "yes"}).status_code == 302
    assert (wanted, today()) in counted(app)


def test_custodian_and_chair_count_what_is_theirs_today(app: Flask, world: World) -> None:
    long_ago = add_months(today(), -20)
    # The custodian is posted elsewhere.
    kept = asset(app, world, "E1", long_ago, "CO")
    of_chair = asset(app, world, "F1", long_ago)
    other = asset(app, world, "F2", long_ago)
    custodian, chair = person(app, "cadre"), person(app, "chair")
    assert opened(custodian, COUNT).getlist("row") == [str(kept)]
    assert str(of_chair) in opened(chair, COUNT).getlist("row")
    late = {"counted_on": (today() - timedelta(days=1)).isoformat(), cell(kept, "there"): "yes"}
    sheet = opened(custodian, COUNT)
    answer = send(custodian, COUNT, sheet, {**late, "drawn": ""})
    assert problems(answer) == ["只能登记今天的；以前的由督查领导补录。"]
    made_up = {"row": [str(other)], cell(other, "there"): "yes"}
    assert send(custodian, COUNT, sheet, made_up).status_code == 422
    before = counted(app)
    assert send(custodian, COUNT, sheet, {cell(kept, "there"): "yes"}).status_code == 302
    assert fill(chair, COUNT, {cell(of_chair, "there"): "yes"}).status_code == 302
    assert counted(app) - before == {(kept, today()), (of_chair, today())}


def test_who_keeps_nothing_counts_nothing(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    for name in ("cadre", "committee", "admin"):
        assert person(lite_app, name).get(COUNT).status_code == 403
    # The button of the list leads there, and so does the form of one count.
    chair = person(lite_app, "chair")
    assert "盘点财产" in chair.get("/records/asset_count/").text
    assert chair.get("/records/asset_count/new/").location.startswith(COUNT)
