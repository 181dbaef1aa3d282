"""A record and its rows in one form: who fills in what, all of it or nothing."""

from datetime import date, timedelta

import pytest
from flask import Flask

from plugins.meetings.models import Meeting, MeetingAttendance
from plugins.study.models import StudyAttendance, StudySession
from tests.web.entering import problems, rows
from tests.web.filling import MEETING, SESSION, beside, cell, fill, opened, read, send
from tests.web.test_correcting import has_role
from tests.web.test_placing import administers
from tiesan.audit import AuditEntry
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization, RoleName
from tiesan.records.pending import PendingEvaluation
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World

YOURSELF = "涉及您本人，由他人登记。"


def statuses(app: Flask) -> dict[int, str]:
    """What is stored of the newest session, by cadre."""
    session = rows(app, StudySession)[0].id
    found = (each for each in rows(app, StudyAttendance) if each.session_id == session)
    return {each.cadre_id: each.status for each in found}


def created(app: Flask) -> list[AuditEntry]:
    """The entries of the audit trail about new rows, the newest first."""
    return [each for each in rows(app, AuditEntry) if each.verb == "create"]


def test_a_session_and_its_rows_are_stored_by_one_form(app: Flask, world: World) -> None:
    chair, ids = person(app, "chair"), world.cadres
    before = len(created(app))
    sheet = opened(chair, SESSION)
    # Those of the federation and below who are in post; the chair is shown, and enters others.
    assert set(map(int, sheet.getlist("row"))) == {ids["CO"], ids["CB"]}
    given = {"topic": "学习工会法", cell(ids["CO"]): "present", cell(ids["CB"]): "absent"}
    answer = send(chair, SESSION, sheet, given)
    assert answer.status_code == 302
    session = rows(app, StudySession)[0]
    assert (session.topic, session.held_on) == ("学习工会法", today())
    assert statuses(app) == {ids["CO"]: "present", ids["CB"]: "absent"}
    # One entry for the session and one for each row, and nothing is left to be evaluated.
    assert [each.object_kind for each in created(app)[: -before or None]] == [
        "study_attendance",
        "study_attendance",
        "study_session",
    ]
    assert rows(app, PendingEvaluation) == []
    page = chair.get(answer.location)
    assert "学习会已保存。 共保存2行。" in messages(page)
    assert "白贝" in page.text


def test_what_is_empty_makes_no_row(app: Flask, world: World) -> None:
    chair = person(app, "chair")
    assert "还有2行未填" in chair.get(SESSION).text
    assert fill(chair, SESSION, {cell(world.cadres["CB"]): "leave"}).status_code == 302
    assert statuses(app) == {world.cadres["CB"]: "leave"}


def test_one_bad_cell_keeps_everything_from_being_stored(app: Flask, world: World) -> None:
    chair, ids = person(app, "chair"), world.cadres
    before = [len(rows(app, model)) for model in (StudySession, StudyAttendance, AuditEntry)]
    answer = fill(chair, SESSION, {cell(ids["CO"]): "present", cell(ids["CB"]): "asleep"})
    assert answer.status_code == 422
    assert beside(answer, ids["CB"]) == ["不在可选范围内。"]
    assert beside(answer, ids["CO"]) == []
    after = [len(rows(app, model)) for model in (StudySession, StudyAttendance, AuditEntry)]
    assert after == before
    # What was right stands there still.
    assert read(answer)[cell(ids["CO"])] == "present"


def test_sent_twice_it_is_stored_once(app: Flask, world: World) -> None:
    chair = person(app, "chair")
    sheet, given = opened(chair, SESSION), {cell(world.cadres["CO"]): "present"}
    first = send(chair, SESSION, sheet, given)
    second = send(chair, SESSION, sheet, given)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    assert len(statuses(app)) == 1


def test_nobody_enters_a_row_about_themself(app: Flask, world: World) -> None:
    ids, chair = world.cadres, person(app, "chair")
    assert YOURSELF in chair.get(SESSION).text
    before = len(rows(app, StudySession))
    sheet = opened(chair, SESSION)
    made_up = {"row": [*sheet.getlist("row"), str(ids["CH"])], cell(ids["CH"]): "present"}
    answer = send(chair, SESSION, sheet, made_up)
    assert answer.status_code == 422
    assert beside(answer, ids["CH"]) == [YOURSELF]
    assert len(rows(app, StudySession)) == before
    # A supervisor does.
    place = {"organization": world.organizations["F1"]}
    supervisor = person(app, "supervisor")
    at = f"{SESSION}?organization={place['organization']}"
    assert fill(supervisor, at, {cell(ids["CH"]): "present"}).status_code == 302
    assert statuses(app) == {ids["CH"]: "present"}


@pytest.mark.parametrize("other", ["CS", "CP", "CX"])
def test_a_row_out_of_reach_is_refused(other: str, app: Flask, world: World) -> None:
    for name, at in (
        ("chair", SESSION),
        ("supervisor", f"{SESSION}?organization={world.organizations['F1']}"),
    ):
        somebody, number = person(app, name), world.cadres[other]
        before = len(rows(app, StudySession))
        sheet = opened(somebody, at)
        made_up = {"row": [*sheet.getlist("row"), str(number)], cell(number): "present"}
        answer = send(somebody, at, sheet, made_up)
        assert answer.status_code == 422
        assert "没有可供您选择的这一项。" in messages(answer)
        assert f'id="row-{number}"' not in answer.text
        added = send(somebody, at, sheet, {"show": "1", "added": str(number)})
        assert f'id="row-{number}"' not in added.text
        assert len(rows(app, StudySession)) == before


def test_a_row_from_within_reach_is_added(app: Flask, world: World) -> None:
    district, number = person(app, "district"), world.cadres["CS"]
    at = f"{SESSION}?organization={world.organizations['F1']}"
    sheet = opened(district, at)
    assert str(number) not in sheet.getlist("row")
    shown = send(district, at, sheet, {"show": "1", "added": str(number)})
    assert str(number) in read(shown).getlist("row")
    answer = send(district, at, read(shown), {cell(number): "present"})
    assert answer.status_code == 302
    assert statuses(app) == {number: "present"}


def test_all_others_get_the_same_without_a_script(lite_app: Flask, lite_world: World) -> None:
    chair, ids = person(lite_app, "chair"), lite_world.cadres
    sheet = opened(chair, SESSION)
    filled = read(send(chair, SESSION, sheet, {cell(ids["CB"]): "absent", "rest": "1"}))
    assert (filled[cell(ids["CB"])], filled[cell(ids["CO"])]) == ("absent", "present")
    assert len(rows(lite_app, StudySession)) == len(lite_world.records["study_session"])


# --- days ----------------------------------------------------------------------------------------


def _boundary(worked: dict[date, bool]) -> tuple[date, date]:
    """The last day that may be entered, counted by hand, and the day before it."""
    calendar, day, between = WorkingCalendar(worked), today(), 0
    while True:
        before = day - timedelta(days=1)
        between += calendar.is_working_day(day) and day != today()
        if between >= 3:
            return day, before
        day = before


@pytest.mark.parametrize("made_up", [False, True])
def test_three_working_days_back_make_up_days_counted(
    made_up: bool, app: Flask, world: World
) -> None:
    day = today() - timedelta(days=1)
    while WorkingCalendar().is_working_day(day):
        day -= timedelta(days=1)
    worked = {day: True} if made_up else {}
    if made_up:
        sent = {"day": day.isoformat(), "kind": "working", "name": "调休"}
        assert person(app, "admin").send("/calendar/new/", sent).status_code in {302, 200}
    last, before = _boundary(worked)
    chair, given = person(app, "chair"), {cell(world.cadres["CO"]): "present"}
    at = f"{SESSION}?held_on={before.isoformat()}"
    answer = fill(chair, at, given)
    assert problems(answer) == ["最多可补填3个工作日以内的，更早的由督查领导补录。"]
    assert fill(chair, f"{SESSION}?held_on={last.isoformat()}", given).status_code == 302
    ahead = today() + timedelta(days=1)
    answer = fill(chair, SESSION, {"held_on": ahead.isoformat()})
    assert problems(answer) == ["日期不得晚于今天。"]


def test_rows_drawn_for_another_day_are_looked_at_first(app: Flask, world: World) -> None:
    chair, number = person(app, "chair"), world.cadres["CO"]
    yesterday = {"held_on": (today() - timedelta(days=1)).isoformat(), cell(number): "present"}
    answer = fill(chair, SESSION, yesterday)
    assert answer.status_code == 422
    assert any("下面的名单已换成" in each for each in messages(answer))
    assert send(chair, SESSION, read(answer), {}).status_code == 302


def test_who_joined_that_day_is_listed_and_who_left_it_is_not(app: Flask, world: World) -> None:
    administers(app, world, "district", "D1")
    with app.app_context():
        for code, values in (
            ("CO", {"joined_on": today()}),
            ("CB", {"left_on": today()}),
        ):
            cadre = db.session.get_one(Cadre, world.cadres[code])
            for posting in cadre.postings:
                posting.from_on = values.get("joined_on", posting.from_on)
                if "left_on" in values:
                    posting.until_on = values["left_on"] - timedelta(days=1)
            for name, value in values.items():
                setattr(cadre, name, value)
        db.session.commit()
    chair, ids = person(app, "chair"), world.cadres
    assert set(map(int, opened(chair, SESSION).getlist("row"))) == {ids["CO"]}
    before = today() - timedelta(days=1)
    listed = opened(chair, f"{SESSION}?held_on={before}").getlist("row")
    assert set(map(int, listed)) == {ids["CB"]}
    # A row of somebody who was not in post that day is refused by name.
    sheet = opened(chair, SESSION)
    answer = send(chair, SESSION, sheet, {"row": [str(ids["CB"])], cell(ids["CB"]): "present"})
    assert (answer.status_code, beside(answer, ids["CB"])) == (
        422,
        ["当日不在职，或该组织当日不存在。"],
    )


# --- meetings ------------------------------------------------------------------------------------


def test_a_meeting_and_the_organizations_one_level_down(app: Flask, world: World) -> None:
    has_role(app, world, "district", RoleName.CADRE, "D1")
    with app.app_context():
        place = db.session.get_one(Organization, world.organizations["D1"])
        place.chair_id = world.cadres["CP"]
        db.session.commit()
    chair, ids = person(app, "district"), world.organizations
    at = f"{MEETING}?own=1&kind=chairs"
    sheet = opened(chair, at)
    assert set(map(int, sheet.getlist("row"))) == {ids["F1"], ids["F2"]}
    given = {"bulletin": "yes", cell(ids["F1"]): "present", cell(ids["F2"]): "absent"}
    assert send(chair, at, sheet, given).status_code == 302
    meeting = rows(app, Meeting)[0]
    assert (meeting.kind, meeting.bulletin, meeting.organization_id) == ("chairs", True, ids["D1"])
    stored = {each.organization_id: each.status for each in rows(app, MeetingAttendance)[:2]}
    assert stored == {ids["F1"]: "present", ids["F2"]: "absent"}


def test_an_organization_dissolved_that_day_stands_no_more(app: Flask, world: World) -> None:
    with app.app_context():
        place = db.session.get_one(Organization, world.organizations["F2"])
        place.dissolved_on = today()
        db.session.commit()
    district, ids = person(app, "district"), world.organizations
    at = f"{MEETING}?organization={ids['D1']}&kind=office"
    assert set(map(int, opened(district, at).getlist("row"))) == {ids["F1"]}
    before = f"{at}&held_on={today() - timedelta(days=1)}"
    assert set(map(int, opened(district, before).getlist("row"))) == {ids["F1"], ids["F2"]}


def test_a_supervisor_enters_no_row_of_what_they_chair(app: Flask, world: World) -> None:
    with app.app_context():
        place = db.session.get_one(Organization, world.organizations["F2"])
        place.chair_id = world.cadres["CP"]
        db.session.commit()
    district, ids = person(app, "district"), world.organizations
    at = f"{MEETING}?organization={ids['D1']}&kind=chairs"
    sheet = opened(district, at)
    assert set(map(int, sheet.getlist("row"))) == {ids["F1"]}
    answer = send(district, at, sheet, {"row": [str(ids["F2"])], cell(ids["F2"]): "present"})
    assert beside(answer, ids["F2"]) == ["您是该组织的主席，由他人登记。"]


def test_who_may_open_it(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    for name, status in (("cadre", 403), ("committee", 403), ("keeper", 403), ("admin", 403)):
        assert person(lite_app, name).get(SESSION).status_code == status
    assert "登记学习会" in person(lite_app, "chair").get("/records/study_session/").text
    assert "登记学习会" not in person(lite_app, "cadre").get("/records/study_session/").text
