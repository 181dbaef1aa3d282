"""A leave and an expense on their way by HTTP: pages, JSON, many at once, and every refusal."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense, Leave
from tiesan.clock import today
from tiesan.courses.models import CourseEvent
from tiesan.extensions import db
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

JSON = {"Accept": "application/json"}
_HIDDEN = re.compile(r'name="(seen_\w+|once|csrf_token)" value="([^"]*)"')
_TOKEN = re.compile(r'name="ids" form="many" value="([^"]+)"')

# The navigation of who is signed in.
PAGE = 'id="page-side"'


def asked(days: int = 7) -> dict[str, str]:
    """What the form of a leave sends, beginning so many days from today."""
    first = (today() + timedelta(days=days)).isoformat()
    return {"kind": "annual", "first_day": first, "last_day": first}


def hidden(somebody: Person, address: str) -> dict[str, str]:
    """What the forms of a page send unseen."""
    text = somebody.get(address).text
    return dict(_HIDDEN.findall(text))


def post(somebody: Person, address: str, form: dict[str, Any], **options: Any) -> Any:
    return somebody.client.post(address, data=form, **options)


def request_leave(app: Flask, days: int = 7) -> int:
    """A leave that the cadre CO has asked for."""
    cadre = person(app, "cadre")
    new = "/records/leave/new/request"
    answer = post(cadre, new, hidden(cadre, new) | asked(days), headers=JSON)
    assert answer.status_code == 200, answer.text
    assert answer.json["state"] == "requested"
    return int(answer.json["leave"])


def page_of(row_id: int) -> str:
    return f"/records/leave/details/?id={row_id}"


def state(app: Flask, row_id: int) -> tuple[Any, ...]:
    with app.app_context():
        row = db.session.get(Leave, row_id)
        assert row is not None
        return (row.approved_on, row.rejected_on, row.closed_on, row.withdrawn_on)


NOTHING = (None, None, None, None)


def test_a_leave_is_asked_for_and_approved_on_pages(app: Flask, world: World) -> None:
    assert world.records
    cadre, chair = person(app, "cadre"), person(app, "chair")
    new = "/records/leave/new/request"
    # The cadre's only way to a new leave is the verb: no date of doing can be typed.
    assert cadre.get("/records/leave/new/").status_code == 403
    shown = cadre.get(new).text
    assert 'name="first_day"' in shown
    assert "requested_on" not in shown
    answer = post(cadre, new, hidden(cadre, new) | asked() | {"approved_on": "2026-01-01"})
    assert answer.status_code == 303
    page = answer.location
    opened = cadre.get(page)
    assert "已申请。" in messages(opened)
    assert "撤回" in opened.text
    assert ">批准<" not in opened.text
    row_id = int(page.rpartition("=")[2])
    assert state(app, row_id) == NOTHING
    shown = chair.get(page).text
    assert ">批准<" in shown
    verb = f"/records/leave/{row_id}/approve"
    answer = post(chair, verb, hidden(chair, page) | {"text": "同意"})
    assert (answer.status_code, answer.location) == (303, page)
    shown = chair.get(page).text
    assert "同意" in shown
    assert ">批准<" not in shown
    assert state(app, row_id) == (today(), None, None, None)
    listed = chair.get("/records/leave/?flt_state=approved").text
    assert page.partition("?")[2] in listed
    assert page.partition("?")[2] not in chair.get("/records/leave/?flt_state=closed").text


def test_it_is_rejected_only_with_a_reason(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    row_id = request_leave(lite_app)
    chair, verb = person(lite_app, "chair"), f"/records/leave/{row_id}/reject"
    form = hidden(chair, page_of(row_id))
    answer = post(chair, verb, form | {"text": " "})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert state(lite_app, row_id) == NOTHING
    again = post(chair, verb, dict(_HIDDEN.findall(answer.text)) | {"text": "人手不足"})
    assert again.status_code == 303
    assert state(lite_app, row_id)[1] == today()


def test_what_was_written_stands_on_the_page_that_refuses(
    lite_app: Flask, lite_world: World
) -> None:
    row_id = request_leave(lite_app)
    chair, verb = person(lite_app, "chair"), f"/records/leave/{row_id}/reject"
    form = hidden(chair, page_of(row_id)) | {"text": "人手<不>足"}
    answer = post(chair, verb, form | {"seen_version": "0"})
    assert answer.status_code == 409
    assert "人手&lt;不&gt;足" in answer.text


@pytest.mark.parametrize("json", [False, True])
def test_each_way_of_being_refused(lite_app: Flask, lite_world: World, *, json: bool) -> None:
    row_id = request_leave(lite_app)
    verb, page = f"/records/leave/{row_id}/approve", page_of(row_id)
    options: dict[str, Any] = {"headers": JSON} if json else {}
    chair = person(lite_app, "chair")
    form = hidden(chair, page)

    def sent(who: str, address: str = verb, **changed: str) -> Any:
        somebody = person(lite_app, who)
        # Everybody has a token of their own; what was seen is what the chair saw.
        token = {"csrf_token": hidden(somebody, "/")["csrf_token"]} if who != "stranger" else {}
        return post(somebody, address, form | token | changed, **options)

    answers = {
        "a stranger": (sent("stranger"), 401 if json else 403),
        "a bad token": (sent("chair", csrf_token="x"), 400),
        "not visible": (sent("committee"), 404),
        "not there": (sent("chair", "/records/leave/999999/approve"), 404),
        "no such verb": (sent("chair", verb.replace("approve", "dance")), 404),
        "the cadre": (sent("cadre"), 409),
        "an administrator": (sent("admin"), 409),
        "a gate": (sent("cadre", verb.replace("approve", "close")), 409),
        "what was seen is missing": (sent("chair", seen_events=""), 422),
        "no text": (sent("chair", verb.replace("approve", "reject")), 422),
        "seen otherwise": (sent("chair", seen_events="7"), 409),
        "another version": (sent("chair", seen_version="0"), 409),
    }
    found = {name: answer.status_code for name, (answer, _code) in answers.items()}
    assert found == {name: code for name, (_answer, code) in answers.items()}
    assert state(lite_app, row_id) == NOTHING
    if json:
        for name, (answer, _code) in answers.items():
            assert answer.is_json, (name, answer.text)
            assert answer.json["error"], name
        assert answers["no text"][0].json["field"] == "text"
        assert answers["what was seen is missing"][0].json["field"] == "seen_events"
    else:
        pages = {name for name, (answer, _code) in answers.items() if PAGE in answer.text}
        assert pages == answers.keys() - {"a stranger"}
    # A gate says on what it stands.
    assert sent("chair").status_code in {200, 303}
    early = form | {"seen_state": "approved", "seen_events": "2"}
    cadre = person(lite_app, "cadre")
    early |= hidden(cadre, page)
    answer = post(cadre, verb.replace("approve", "close"), early, headers=JSON)
    assert answer.status_code == 409
    assert "请销假" in answer.json["clause"]
    assert lite_world.records


def test_a_form_sent_twice_acts_once_and_answers_alike(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    row_id = request_leave(lite_app)
    chair = person(lite_app, "chair")
    form = hidden(chair, page_of(row_id))
    verb = f"/records/leave/{row_id}/approve"
    answers = [post(chair, verb, form) for _each in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert len({each.location for each in answers}) == 1
    cadre, new = person(lite_app, "cadre"), "/records/leave/new/request"
    form = hidden(cadre, new) | asked(20)
    made = [post(cadre, new, form, headers=JSON).json["leave"] for _each in range(2)]
    assert made[0] == made[1]
    with lite_app.app_context():
        assert len(db.session.scalars(select(CourseEvent)).all()) == 3


def test_many_at_once_with_a_result_for_each(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    ids = [request_leave(lite_app, days) for days in (7, 8, 9)]
    supervisor = person(lite_app, "supervisor")
    text = supervisor.get("/records/leave/?flt_state=requested").text
    tokens = _TOKEN.findall(text)
    assert {int(each.partition(":")[0]) for each in tokens} == set(ids)
    chair = person(lite_app, "chair")
    post(chair, f"/records/leave/{ids[1]}/approve", hidden(chair, page_of(ids[1])))
    token = dict(_HIDDEN.findall(text))["csrf_token"]
    form = {"csrf_token": token, "ids": tokens, "text": ""}
    bulk = "/records/leave/bulk/reject"
    answer = post(supervisor, bulk, form, headers=JSON)
    assert (answer.status_code, answer.json["field"]) == (422, "text")
    answer = post(supervisor, bulk, form)
    assert answer.status_code == 422
    answer = post(supervisor, bulk, form | {"text": "人手不足"}, headers=JSON)
    assert answer.status_code == 200
    assert answer.json["done"] == [
        {"leave": each, "state": "rejected"} for each in (ids[0], ids[2])
    ]
    [refused] = answer.json["refused"]
    assert refused["leave"] == ids[1]
    assert refused["error"]
    shown = post(supervisor, bulk, form | {"text": "人手不足"})
    assert shown.status_code == 200
    assert shown.text.count("details/?id=") >= 3


def test_what_a_gate_holds_back_is_said_beside_the_buttons(
    lite_app: Flask, lite_world: World
) -> None:
    row_id = request_leave(lite_app)
    chair = person(lite_app, "chair")
    post(chair, f"/records/leave/{row_id}/approve", hidden(chair, page_of(row_id)))
    text = person(lite_app, "cadre").get(page_of(row_id)).text
    assert "请销假" in text
    assert f"/records/leave/{row_id}/close" not in text
    assert f"/records/leave/{row_id}/withdraw" in text
    assert lite_world.records


def test_nobody_enters_dates_of_doing_for_themselves(lite_app: Flask, lite_world: World) -> None:
    """The district's supervisor is the cadre CP: late entries are for others' records."""
    supervisor = person(lite_app, "district")
    for kind in ("leave", "expense"):
        assert supervisor.get(f"/records/{kind}/new/request").status_code == 200
        own = lite_world.records[kind]["P"]
        assert supervisor.get(f"/records/{kind}/edit/?id={own}").status_code == 403
        other = lite_world.records[kind]["O"]
        assert supervisor.get(f"/records/{kind}/edit/?id={other}").status_code == 200
    late = {"cadre": lite_world.cadres["CP"], "kind": "annual", "code": ""}
    late |= {"first_day": "2026-03-20", "last_day": "2026-03-20", "approved_on": "2026-03-19"}
    late |= {"late_reason": "补录"}
    answer = supervisor.send("/records/leave/new/", late)
    assert answer.status_code == 200
    assert "field-error" in answer.text
    others = late | {"cadre": lite_world.cadres["CO"]}
    assert supervisor.send("/records/leave/new/", others).status_code == 302


def test_an_expense_goes_its_way_by_json(app: Flask, world: World) -> None:
    assert world.records
    cadre, chair = person(app, "cadre"), person(app, "chair")
    new = "/records/expense/new/request"
    form = hidden(cadre, new) | {"payee": "甲店", "item": "纸", "amount": "1，０００.50"}
    made = post(cadre, new, form | {"amount": "1,000.50"}, headers=JSON)
    row_id = made.json["expense"]
    page = f"/records/expense/details/?id={row_id}"
    base = f"/records/expense/{row_id}"

    def does(who: Person, verb: str, **given: str) -> Any:
        return post(who, f"{base}/{verb}", hidden(who, page) | given, headers=JSON)

    refused = does(chair, "approve")
    assert refused.status_code == 409
    committee, supervisor = person(app, "committee"), person(app, "supervisor")
    assert does(committee, "approve").json["state"] == "approved"
    day = today().isoformat()
    assert cadre.get(f"{base}/spend").status_code == 200
    spent = does(cadre, "spend", spent_on=day, amount="1000.60")
    assert spent.json["state"] == "spent"
    held = does(supervisor, "reimburse", receipt="1")
    assert held.status_code == 409
    assert "200元以上" in held.json["clause"]
    assert does(committee, "approve").json["state"] == "spent"
    assert does(supervisor, "reimburse", receipt="1").json["state"] == "reimbursed"
    with app.app_context():
        row = db.session.get(Expense, row_id)
        assert row is not None
        assert (row.amount, row.reimbursed_on, row.receipt) == (1000_60, today(), True)
