"""Stored rows in a grid: who changes them, what approved leave says, and two people at once."""

from datetime import timedelta

import pytest
from flask import Flask

from plugins.discipline.models import Leave
from plugins.study.models import StudyAttendance, StudySession
from tests.web.entering import problems, rows
from tests.web.filling import SESSION, beside, cell, fill, opened, read, send
from tests.web.test_grids import statuses
from tiesan.audit import AuditEntry
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import ACTOR, World

EDIT = "/records/study_session/edit/?id="


def held(app: Flask, world: World, **of: str) -> int:
    """A session of today that the chair has entered, with what the rows of cadres say."""
    given = {cell(world.cadres[code]): status for code, status in of.items()}
    answer = fill(person(app, "chair"), SESSION, {"main_speaker": world.cadres["CO"], **given})
    assert answer.status_code == 302
    return int(rows(app, StudySession)[0].id)


def on_leave(app: Flask, world: World, code: str, **changed: object) -> None:
    """Approved leave of a cadre for today."""
    values = {"kind": "annual", "first_day": today(), "last_day": today(), "approved_on": today()}
    with app.app_context():
        cadre = db.session.get_one(Cadre, world.cadres[code])
        given = {"cadre": cadre, "requested_on": today(), **values, **changed}
        create_record(ACTOR, db.session(), Leave, given, at=now())
        db.session.commit()


# --- approved leave ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "preset", "note"),
    [
        ({}, "leave", "已批准请假"),
        # Half a day says nothing of the session, which has no time.
        ({"first_half": "pm"}, "", "下午请假"),
        ({"last_half": "am"}, "", "上午请假"),
        # Who is on duty elsewhere is expected to say so.
        ({"kind": "official"}, "", "公出"),
        ({"approved_on": None}, "", ""),
    ],
)
def test_approved_leave_of_the_whole_day_is_there_beforehand(
    changed: dict[str, object], preset: str, note: str, app: Flask, world: World
) -> None:
    on_leave(app, world, "CB", **changed)
    chair, number = person(app, "chair"), world.cadres["CB"]
    page = chair.get(SESSION)
    sheet = read(page)
    assert sheet.get(cell(number), "") == preset
    assert note in page.text
    assert send(chair, SESSION, sheet, {"topic": "学习"}).status_code == 302
    assert statuses(app) == ({number: "leave"} if preset else {})


def test_what_leave_says_can_be_taken_back(app: Flask, world: World) -> None:
    on_leave(app, world, "CB")
    chair, number = person(app, "chair"), world.cadres["CB"]
    assert fill(chair, SESSION, {cell(number): ""}).status_code == 302
    assert statuses(app) == {}
    assert fill(chair, SESSION, {cell(number): "present"}).status_code == 302
    assert statuses(app) == {number: "present"}


def test_the_leave_of_another_day_is_no_leave(app: Flask, world: World) -> None:
    on_leave(app, world, "CB")
    chair, number = person(app, "chair"), world.cadres["CB"]
    yesterday = {"held_on": (today() - timedelta(days=1)).isoformat(), "show": "1"}
    shown = send(chair, SESSION, opened(chair, SESSION), yesterday)
    assert read(shown).get(cell(number), "") == ""


# --- who changes ---------------------------------------------------------------------------------


def test_the_author_changes_and_completes_the_rows_of_today(app: Flask, world: World) -> None:
    session, chair, ids = held(app, world, CO="present"), person(app, "chair"), world.cadres
    sheet = opened(chair, f"{EDIT}{session}")
    assert sheet[cell(ids["CO"])] == "present"
    answer = send(
        chair, f"{EDIT}{session}", sheet, {cell(ids["CO"]): "leave", cell(ids["CB"]): "present"}
    )
    assert answer.status_code == 302
    assert statuses(app) == {ids["CO"]: "leave", ids["CB"]: "present"}
    changed = [each for each in rows(app, AuditEntry) if each.verb == "update"]
    assert [each.details["changed"] for each in changed] == [{"status": ["present", "leave"]}]


def test_a_row_under_a_flag_is_not_changed_by_its_author(app: Flask, world: World) -> None:
    session, chair, ids = held(app, world, CB="absent"), person(app, "chair"), world.cadres
    answer = fill(chair, f"{EDIT}{session}", {cell(ids["CO"]): "present"})
    assert answer.status_code == 302
    sheet = opened(chair, f"{EDIT}{session}")
    assert cell(ids["CB"]) not in sheet
    made_up = {"row": [str(ids["CB"])], cell(ids["CB"]): "present"}
    answer = send(chair, f"{EDIT}{session}", sheet, made_up)
    assert answer.status_code == 422
    assert "录入人当日只能撤回" in beside(answer, ids["CB"])[0]
    assert statuses(app)[ids["CB"]] == "absent"


def test_a_stored_row_is_not_emptied(app: Flask, world: World) -> None:
    session, chair, ids = held(app, world, CO="present"), person(app, "chair"), world.cadres
    answer = fill(chair, f"{EDIT}{session}", {cell(ids["CO"]): ""})
    assert answer.status_code == 422
    assert beside(answer, ids["CO"]) == ["已保存的行不能在此清空，请在该记录页面作废。"]


def test_a_supervisor_says_why(app: Flask, world: World) -> None:
    session, ids = held(app, world, CO="present"), world.cadres
    supervisor = person(app, "supervisor")
    answer = fill(supervisor, f"{EDIT}{session}", {cell(ids["CO"]): "leave"})
    assert answer.status_code == 422
    assert problems(answer) == ["所改内容是规则判断的依据，请写明更正理由。"]
    reason = {"late_reason": "签到表核对"}
    answer = fill(supervisor, f"{EDIT}{session}", {cell(ids["CO"]): "leave"}, **reason)
    assert answer.status_code == 302
    assert statuses(app) == {ids["CO"]: "leave"}
    entry = next(each for each in rows(app, AuditEntry) if each.verb == "update")
    assert entry.details["reason"] == "签到表核对"
    # What nobody had entered yet needs no reason.
    answer = fill(supervisor, f"{EDIT}{session}", {cell(ids["CB"]): "present"})
    assert answer.status_code == 302


def test_the_chair_sees_what_others_entered_and_leaves_it(app: Flask, world: World) -> None:
    session, ids = held(app, world), world.cadres
    supervisor, chair = person(app, "supervisor"), person(app, "chair")
    assert fill(supervisor, f"{EDIT}{session}", {cell(ids["CH"]): "present"}).status_code == 302
    page = chair.get(f"{EDIT}{session}")
    assert "非您今日登记，由督查领导更正。" in page.text
    assert "周主席" in chair.get(f"/records/study_session/details/?id={session}").text
    # The rows of one's own organization's sessions are seen in their list as well.
    row = rows(app, StudyAttendance)[0].id
    assert chair.get(f"/records/study_attendance/details/?id={row}").status_code == 200
    assert chair.get(f"/records/study_attendance/edit/?id={row}").status_code == 403


def test_saving_without_a_change_says_so(lite_app: Flask, lite_world: World) -> None:
    session, chair = held(lite_app, lite_world, CO="present"), person(lite_app, "chair")
    answer = fill(chair, f"{EDIT}{session}", {})
    assert messages(chair.get(answer.location))[:1] == ["内容没有变化。"]


# --- two at once ---------------------------------------------------------------------------------


def test_a_row_that_somebody_else_has_changed_is_named(app: Flask, world: World) -> None:
    session, ids = held(app, world, CO="present"), world.cadres
    chair, supervisor, at = person(app, "chair"), person(app, "supervisor"), f"{EDIT}{session}"
    sheet = opened(chair, at)
    by_other = {cell(ids["CO"]): "leave", cell(ids["CB"]): "leave", "late_reason": "核对"}
    assert fill(supervisor, at, by_other).status_code == 302
    before = len(rows(app, AuditEntry))
    answer = send(chair, at, sheet, {cell(ids["CO"]): "absent", cell(ids["CB"]): "present"})
    assert answer.status_code == 409
    now_leave = "此行期间已被他人更改，现为：请假。"
    assert now_leave in beside(answer, ids["CO"])
    assert statuses(app) == {ids["CO"]: "leave", ids["CB"]: "leave"}
    assert len(rows(app, AuditEntry)) == before


def test_where_both_say_the_same_there_is_nothing_to_tell(app: Flask, world: World) -> None:
    session, ids = held(app, world), world.cadres
    chair, supervisor, at = person(app, "chair"), person(app, "supervisor"), f"{EDIT}{session}"
    sheet = opened(supervisor, at)
    assert fill(chair, at, {cell(ids["CB"]): "present"}).status_code == 302
    answer = send(supervisor, at, sheet, {cell(ids["CB"]): "present", cell(ids["CO"]): "leave"})
    assert answer.status_code == 302
    assert statuses(app) == {ids["CB"]: "present", ids["CO"]: "leave"}


def test_a_row_that_appeared_meanwhile_is_named(app: Flask, world: World) -> None:
    session, ids = held(app, world), world.cadres
    chair, supervisor, at = person(app, "chair"), person(app, "supervisor"), f"{EDIT}{session}"
    sheet = opened(supervisor, at)
    assert fill(chair, at, {cell(ids["CB"]): "present"}).status_code == 302
    answer = send(supervisor, at, sheet, {cell(ids["CB"]): "absent", cell(ids["CO"]): "leave"})
    assert answer.status_code == 409
    assert beside(answer, ids["CB"]) == ["此行期间已被他人更改，现为：出席。"]
    assert statuses(app) == {ids["CB"]: "present"}
    # Having seen it, one may insist.
    again = send(supervisor, at, read(answer), {"late_reason": "核对"})
    assert again.status_code == 302
    assert statuses(app) == {ids["CB"]: "absent", ids["CO"]: "leave"}
