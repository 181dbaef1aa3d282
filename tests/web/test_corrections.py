"""This is wrong (申请更正): asked for by whom a record is about, decided by a supervisor."""

import re
from datetime import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from plugins.discipline.models import Attendance
from tests.web.entering import problems, rows
from tests.web.test_correcting import has_role, raised
from tiesan.audit import AuditEntry
from tiesan.courses.models import CourseEvent
from tiesan.extensions import db
from tiesan.people.models import Account, RoleName
from tiesan.records.corrections import CorrectionRequest
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

DAY = "2026-03-23"
WISH = {"to_clock_in": "08:20", "to_clock_out": "17:30", "text": "当日忘记打卡，门卫可以证明"}


def missing_punch(app: Flask, world: World, cadre: str = "CO") -> int:
    """Have a supervisor enter a late day without clocking out; returns the id of the row."""
    sent = {"cadre": world.cadres[cadre], "day": DAY, "clock_in": "08:40", "clock_out": ""}
    answer = person(app, "supervisor").send("/records/attendance/new/", sent)
    assert answer.status_code == 302, problems(answer)
    return int(answer.location.rpartition("=")[2])


def new(row: int, kind: str = "attendance") -> str:
    return f"/corrections/new?about={kind}:{row}"


def asked(cadre: Person, row: int, **changed: Any) -> int:
    """Have somebody ask for a correction; returns the id of the request."""
    answer = cadre.send(new(row), WISH | changed)
    assert answer.status_code == 303, (problems(answer), messages(answer))
    return int(answer.location.rpartition("/")[2])


def carried(somebody: Person, request: int, verb: str, **form: Any) -> Any:
    """Send the form of a verb as its page has it."""
    page = f"/corrections/{request}/{verb}"
    return somebody.client.post(page, data={**form_of(somebody, page), **form})


def form_of(somebody: Person, page: str) -> dict[str, object]:
    """What the form of a verb sends unseen."""
    text = somebody.get(page).text
    seen = re.findall(r'name="(seen_\w+)" value="([^"]*)"', text)
    return somebody.filled(page) | dict(seen)


def test_a_missing_punch_is_asked_for_and_granted(app: Flask, world: World) -> None:
    row, cadre = missing_punch(app, world), person(app, "cadre")
    page = f"/records/attendance/details/?id={row}"
    assert f'href="{new(row)}"' in cadre.get(page).text
    form = cadre.get(new(row)).text
    assert 'value="08:40"' in form
    request = asked(cadre, row)
    waiting = cadre.get(page).text
    assert f'href="{new(row)}"' not in waiting
    assert "当日忘记打卡" in waiting
    supervisor = person(app, "supervisor")
    assert f'href="/corrections/{request}"' in supervisor.get("/corrections/").text
    shown = supervisor.get(f"/corrections/{request}/grant").text
    assert 'value="17:30"' in shown
    assert "当日忘记打卡，门卫可以证明" in shown
    flag = raised(app, "late")
    assert flag.active
    answer = carried(supervisor, request, "grant")
    assert answer.status_code == 303, messages(answer)
    assert rows(app, Attendance)[0].clock_out == time(17, 30)
    assert not raised(app, "late").active
    entry = next(each for each in rows(app, AuditEntry) if each.verb == "update")
    assert entry.actor_name == "supervisor"
    assert entry.details["reason"] == WISH["text"]
    assert entry.details["requested_by"] == "陈欧"
    assert entry.details["changed"] == {
        "clock_in": ["08:40:00", "08:20:00"],
        "clock_out": [None, "17:30:00"],
    }
    home = cadre.get("/").text
    assert "已按您的申请更正" in home
    assert "已更正" in cadre.get(page).text


def test_the_supervisor_may_grant_another_value(lite_app: Flask, lite_world: World) -> None:
    row = missing_punch(lite_app, lite_world)
    request = asked(person(lite_app, "cadre"), row)
    supervisor = person(lite_app, "supervisor")
    wrong = carried(supervisor, request, "grant", to_clock_out="25:99", reason="x")
    assert wrong.status_code == 422
    assert rows(lite_app, Attendance)[0].clock_out is None
    sent = {"to_clock_out": "17:05", "reason": "按门卫登记"}
    assert carried(supervisor, request, "grant", **sent).status_code == 303
    assert rows(lite_app, Attendance)[0].clock_out == time(17, 5)
    entry = next(each for each in rows(lite_app, AuditEntry) if each.verb == "update")
    assert entry.details["reason"] == "按门卫登记"


def test_it_is_refused_with_a_text_and_told(app: Flask, world: World) -> None:
    row, cadre = missing_punch(app, world), person(app, "cadre")
    request, supervisor = asked(cadre, row), person(app, "supervisor")
    assert carried(supervisor, request, "refuse", text="").status_code == 422
    assert carried(supervisor, request, "refuse", text="门卫无登记").status_code == 303
    assert rows(app, Attendance)[0].clock_out is None
    home = cadre.get("/").text
    assert "未同意您的更正申请" in home
    assert "门卫无登记" in home
    # What was decided is decided, and can be asked for once more.
    assert supervisor.get(f"/corrections/{request}/grant").status_code == 409
    assert asked(cadre, row, text="补交门卫证明") != request


def test_the_requester_takes_it_back(lite_app: Flask, lite_world: World) -> None:
    row, cadre = missing_punch(lite_app, lite_world), person(lite_app, "cadre")
    request = asked(cadre, row)
    # Once only while it waits.
    again = cadre.client.post(new(row), data=cadre.filled(new(row), WISH))
    assert again.status_code == 409
    assert carried(person(lite_app, "supervisor"), request, "withdraw").status_code == 409
    assert carried(cadre, request, "withdraw").status_code == 303
    assert person(lite_app, "supervisor").get(f"/corrections/{request}/grant").status_code == 409
    assert "已撤回" in cadre.get(f"/corrections/{request}").text


def test_nobody_grants_their_own(app: Flask, world: World) -> None:
    """Not a supervisor who is the cadre, and not for an organization that they chair."""
    has_role(app, world, "cadre", RoleName.SUPERVISOR, "D1")
    row, cadre = missing_punch(app, world), person(app, "cadre")
    request = asked(cadre, row)
    for verb in ("grant", "refuse"):
        assert cadre.get(f"/corrections/{request}/{verb}").status_code == 409
        assert carried_past(cadre, request, verb).status_code == 409
    assert raised(app, "late").active
    assert "同意更正" not in cadre.get(f"/corrections/{request}").text
    # Another supervisor does.
    assert carried(person(app, "supervisor"), request, "grant").status_code == 303


def carried_past(somebody: Person, request: int, verb: str) -> Any:
    """Send a verb past its form, which is not shown."""
    token = somebody.filled("/corrections/")["csrf_token"]
    sent = {"csrf_token": token, "text": "同意", "to_clock_out": "17:30"}
    sent |= {"seen_state": "requested", "seen_version": "x", "seen_events": "1"}
    return somebody.client.post(f"/corrections/{request}/{verb}", data=sent)


def test_only_what_is_about_oneself_can_be_said_to_be_wrong(
    lite_app: Flask, lite_world: World
) -> None:
    cadre, chair = person(lite_app, "cadre"), person(lite_app, "chair")
    others = lite_world.records["attendance"]
    assert cadre.get(new(others["O"])).status_code == 200
    for place in "BSPX":
        assert cadre.get(new(others[place])).status_code == 404
    # The chair sees nobody's attendance; what is about the organization is theirs.
    assert chair.get(new(others["O"])).status_code == 404
    assert chair.get(new(lite_world.records["conflict"]["O"], "conflict")).status_code == 200
    for name in ("supervisor", "admin", "keeper"):
        assert person(lite_app, name).get(new(others["O"])).status_code == 403
    for odd in ("attendance:0", "tea:1", "attendance", "attendance:99999999999"):
        assert cadre.get(f"/corrections/new?about={odd}").status_code == 404
    # A report about oneself is not there at all.
    report = new(lite_world.records["conduct_report"]["O"], "conduct_report")
    assert cadre.get(report).status_code == 404


@pytest.mark.parametrize(
    ("name", "sees", "decides"),
    [
        ("cadre", True, False),
        ("supervisor", True, True),
        ("district", True, True),
        ("keeper", True, False),
        ("admin", True, False),
        ("chair", False, False),
        ("committee", False, False),
    ],
)
def test_who_sees_a_request_and_who_decides(
    name: str, *, sees: bool, decides: bool, lite_app: Flask, lite_world: World
) -> None:
    request = asked(person(lite_app, "cadre"), missing_punch(lite_app, lite_world))
    somebody = person(lite_app, name)
    assert somebody.get(f"/corrections/{request}").status_code == (200 if sees else 404)
    offered = somebody.get(f"/corrections/{request}/grant").status_code
    assert offered == (200 if decides else 409 if sees else 404)
    assert person(lite_app, "nobody").get(f"/corrections/{request}").status_code == 403


def test_nothing_to_change_is_no_request(lite_app: Flask, lite_world: World) -> None:
    row, cadre = missing_punch(lite_app, lite_world), person(lite_app, "cadre")
    answer = cadre.send(new(row), {"text": "有误"})
    assert answer.status_code == 422
    assert "勾选" in " ".join(messages(answer))
    answer = cadre.send(new(row), {"to_clock_out": "17:30", "text": ""})
    assert problems(answer) == ["此项必填。"]
    answer = cadre.send(new(row), {"to_clock_out": "abc", "text": "有误"})
    assert len(problems(answer)) == 1
    assert len(rows(lite_app, CorrectionRequest)) == len(lite_world.corrections)


def test_what_should_not_be_there_is_voided(app: Flask, world: World) -> None:
    row, cadre = missing_punch(app, world), person(app, "cadre")
    answer = cadre.send(new(row), {"text": "当天我在外地开会", "voids": "1"})
    request = int(answer.location.rpartition("/")[2])
    assert carried(person(app, "supervisor"), request, "grant").status_code == 303
    kept = rows(app, Attendance)[0]
    assert kept.void_reason == "当天我在外地开会"
    page = cadre.get(f"/records/attendance/details/?id={row}").text
    assert "本记录已作废" in page
    assert f'href="{new(row)}"' not in page


def test_a_supervisor_is_refused_what_clears_a_flag_of_their_own(
    lite_app: Flask, lite_world: World
) -> None:
    """Who becomes the chair of the place meanwhile decides nothing about it any more."""
    world = lite_world
    row = world.records["conflict"]["O"]
    chair = person(lite_app, "chair")
    answer = chair.send(
        new(row, "conflict"), {"to_mediated_on": "2026-03-25", "text": "当日已调解"}
    )
    assert answer.status_code == 303, problems(answer)
    request = int(answer.location.rpartition("/")[2])
    with lite_app.app_context():
        account = db.session.get_one(Account, world.accounts["supervisor"])
        account.cadre_id, of_chair = world.cadres["CH"], db.session.get_one(
            Account, world.accounts["chair"])  # fmt: skip
        of_chair.cadre_id = None
        db.session.commit()
    supervisor = person(lite_app, "supervisor")
    assert supervisor.get(f"/corrections/{request}/grant").status_code == 409
    assert carried_past(supervisor, request, "grant").status_code == 409


def test_who_changed_the_record_meanwhile_is_seen(lite_app: Flask, lite_world: World) -> None:
    row = missing_punch(lite_app, lite_world)
    request = asked(person(lite_app, "cadre"), row)
    supervisor = person(lite_app, "supervisor")
    sent = form_of(supervisor, f"/corrections/{request}/grant")
    with lite_app.app_context():
        statement = update(Attendance).where(Attendance.id == row)
        db.session.execute(statement.values(clock_out=time(17, 45)))
        db.session.commit()
    answer = supervisor.client.post(f"/corrections/{request}/grant", data=sent)
    assert answer.status_code == 409
    assert rows(lite_app, Attendance)[0].clock_out == time(17, 45)


def test_sent_twice_it_is_asked_for_once(lite_app: Flask, lite_world: World) -> None:
    row, cadre = missing_punch(lite_app, lite_world), person(lite_app, "cadre")
    sent = cadre.filled(new(row), WISH)
    for _time in range(2):
        assert cadre.client.post(new(row), data=sent).status_code == 303
    assert len(rows(lite_app, CorrectionRequest)) == len(lite_world.corrections) + 1
    with lite_app.app_context():
        assert len(db.session.scalars(select(CourseEvent)).all()) == 1
