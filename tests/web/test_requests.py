"""The pages of requests: one's own, the queue, many at once, reminders, nobody there, deputies."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense, Leave
from tests.web.test_courses import JSON, asked, hidden, post, request_leave
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.courses.models import CourseEvent
from tiesan.extensions import db
from tiesan.people.deputies import Deputy
from tiesan.people.models import Account, Grant, Organization
from tiesan.people.notifications import Notification
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

QUEUE = "/requests/queue"
_TOKEN = re.compile(r'name="ids" form="many" value="([^"]+)"')
NEW_EXPENSE = "/records/expense/new/request"


def spend_request(somebody: Person, amount: str = "150", **more: str) -> Any:
    form = hidden(somebody, NEW_EXPENSE) | {"payee": "红星文具店", "item": "纸", "amount": amount}
    return post(somebody, NEW_EXPENSE, form | more, headers=JSON)


def queued(somebody: Person) -> list[tuple[str, int]]:
    answer = somebody.client.get(QUEUE, headers=JSON)
    found: Any = answer.json
    assert answer.status_code == 200
    return [(each["course"], each["row"]) for each in found["requests"]]


def token(somebody: Person) -> dict[str, Any]:
    """What any form sends besides what is asked."""
    found = hidden(somebody, "/requests/deputies") or hidden(somebody, "/profile")
    return {"csrf_token": found.get("csrf_token", "")}


def tokens(somebody: Person) -> list[str]:
    return _TOKEN.findall(somebody.get(QUEUE).text)


def told(app: Flask) -> list[tuple[str, str]]:
    """Which lines were written, and to whom."""
    with app.app_context():
        names = select(Account.username, Notification.kind).join(
            Notification, Notification.account_id == Account.id
        )
        return sorted((row[0], row[1]) for row in db.session.execute(names))


def test_one_s_own_come_with_who_can_decide_and_the_next_step(app: Flask, world: World) -> None:
    assert world.records
    row_id = request_leave(app, days=0)
    cadre, chair = person(app, "cadre"), person(app, "chair")
    shown = cadre.get("/requests/").text
    assert f"/records/leave/details/?id={row_id}" in shown
    assert "可由" in shown
    assert f"/requests/leave/{row_id}/remind" in shown
    page = f"/records/leave/details/?id={row_id}"
    post(chair, f"/records/leave/{row_id}/approve", hidden(chair, page))
    shown = cadre.get("/requests/").text
    assert f"/records/leave/{row_id}/close" in shown
    answer = post(cadre, f"/records/leave/{row_id}/close", hidden(cadre, page) | {"from": "own"})
    assert (answer.status_code, answer.location) == (303, "/requests/")
    # The first page has the same.
    assert 'id="my-requests"' in cadre.get("/").text


def test_the_next_one_comes_by_itself(app: Flask, world: World) -> None:
    assert world.records
    later, soon = request_leave(app, days=9), request_leave(app, days=1)
    chair = person(app, "chair")
    mine = [each for each in queued(chair) if each in {("leave", later), ("leave", soon)}]
    # What is for tomorrow goes before what was asked for earlier.
    assert mine == [("leave", soon), ("leave", later)]
    page = f"/records/leave/details/?id={soon}"
    form = hidden(chair, page) | {"from": "queue", "text": "同意"}
    answer = post(chair, f"/records/leave/{soon}/approve", form)
    assert (answer.status_code, answer.location) == (303, QUEUE)
    assert ("leave", soon) not in queued(chair)


def test_many_of_several_kinds_have_a_result_each(app: Flask, world: World) -> None:
    assert world.records
    leaves = [request_leave(app, days=days) for days in (20, 30)]
    expense = spend_request(person(app, "cadre"), "20").json["expense"]
    chair = person(app, "chair")
    wanted = [("leave", each) for each in leaves] + [("expense", expense)]
    chosen = [each for each in tokens(chair) if tuple(each.split(":")[:2]) in
              {(name, str(row)) for name, row in wanted}]  # fmt: skip
    assert len(chosen) == 3
    # Somebody is faster with one of them.
    page = f"/records/leave/details/?id={leaves[0]}"
    other = person(app, "supervisor")
    post(other, f"/records/leave/{leaves[0]}/reject", hidden(other, page) | {"text": "人手不足"})
    form = token(chair) | {"ids": [*chosen, "leave:999999:requested:x:0"]}
    answer = post(chair, f"{QUEUE}/approve", form, headers=JSON)
    assert answer.status_code == 200
    done = {(each["course"], each["row"]) for each in answer.json["done"]}
    assert done == {("leave", leaves[1]), ("expense", expense)}
    refused = {each["row"] for each in answer.json["refused"]}
    assert refused == {leaves[0], 999999}
    shown = post(chair, f"{QUEUE}/approve", form).text
    assert "办理结果" in shown


@pytest.mark.parametrize(
    ("address", "ids", "status"),
    [
        (f"{QUEUE}/approve", [], 409),
        (f"{QUEUE}/approve", ["nonsense:1:2:3:4"], 404),
        (f"{QUEUE}/nonsense", ["leave:1:requested:x:1"], 404),
        (f"{QUEUE}/reject", ["leave:1:requested:x:1"], 422),
    ],
)
def test_what_is_no_request_is_answered(
    address: str, ids: list[str], status: int, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    chair = person(lite_app, "chair")
    answer = post(chair, address, token(chair) | {"ids": ids}, headers=JSON)
    assert answer.status_code == status, answer.text


def test_a_reminder_once_a_day(app: Flask, world: World) -> None:
    assert world.records
    row_id = request_leave(app)
    cadre, chair = person(app, "cadre"), person(app, "chair")
    address = f"/requests/leave/{row_id}/remind"
    assert post(chair, address, token(chair), headers=JSON).status_code == 409
    answer = post(cadre, address, token(cadre), headers=JSON)
    assert answer.status_code == 200
    assert answer.json["reminded"] >= 1
    assert post(cadre, address, token(cadre), headers=JSON).status_code == 409
    assert ("chair", "remind of request") in told(app)
    assert "催办" in chair.get("/").text
    with app.app_context():
        trail = select(AuditEntry).where(AuditEntry.verb == "remind of request")
        [entry] = db.session.scalars(trail)
        assert (entry.object_kind, entry.object_id) == ("leave", row_id)
    # What somebody else has asked for does not exist for whoever does not see it.
    keeper = person(app, "keeper")
    assert post(keeper, address, token(keeper), headers=JSON).status_code in {404, 409}


def test_nobody_there_is_said_at_once(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    with lite_app.app_context():
        for organization in db.session.scalars(select(Organization)):
            organization.chair = None
        for grant in db.session.scalars(select(Grant)):
            if grant.role.name == "supervisor":
                db.session.delete(grant)
        db.session.commit()
    request_leave(lite_app)
    lines = told(lite_app)
    assert ("cadre", "nobody decides") in lines
    assert ("admin", "nobody decides") in lines
    assert "目前无人可以审批" in person(lite_app, "cadre").get("/requests/").text


def test_what_is_typed_is_counted(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    first = today() + timedelta(days=7 - today().weekday())
    form = token(cadre) | {"kind": "sick", "first_day": first.isoformat(),
                           "last_day": (first + timedelta(days=2)).isoformat()}  # fmt: skip
    lines = post(cadre, "/requests/count/leave", form).json["lines"]
    assert any("工作日" in each for each in lines)
    assert any("证明材料" in each for each in lines)
    parental = form | {"kind": "parental"}
    assert "共 3 个自然日" in post(cadre, "/requests/count/leave", parental).json["lines"]
    # Half of what is typed, or nonsense, counts nothing and is no error.
    for odd in ({"first_day": ""}, {"first_day": "x"}, {"last_day": "9999-12-31"}):
        assert post(cadre, "/requests/count/leave", form | odd).json["lines"] == []
    assert post(cadre, "/requests/count/flag", form).status_code == 404


def test_two_that_make_one_bill_are_the_committee_s_and_shown_before(
    app: Flask, world: World
) -> None:
    """150 and 150 on one day to one payee, however it is spelled; and 200.00 by itself."""
    assert world.records
    cadre, chair = person(app, "cadre"), person(app, "chair")
    first = spend_request(cadre).json["expense"]
    form = token(cadre) | {"payee": "红星 文具店", "amount": "150"}
    lines = post(cadre, "/requests/count/expense", form).json["lines"]
    assert any("2 笔" in each and "300.00" in each for each in lines), lines
    assert any("经审委员会" in each for each in lines)
    second = spend_request(cadre, payee="红星 文具店").json["expense"]
    large = spend_request(cadre, "200.00", payee="乙店").json["expense"]
    committee, supervisor = person(app, "committee"), person(app, "supervisor")
    for row_id in (first, second, large):
        page = f"/records/expense/details/?id={row_id}"
        assert ("expense", row_id) not in queued(chair)
        assert ("expense", row_id) in queued(committee)
        form = hidden(chair, page)
        refused = post(chair, f"/records/expense/{row_id}/approve", form, headers=JSON)
        assert refused.status_code == 409
        spent = hidden(cadre, page) | {
            "spent_on": today().isoformat(),
            "amount": "150" if row_id != large else "200",
        }
        answer = post(cadre, f"/records/expense/{row_id}/spend", spent, headers=JSON)
        assert answer.status_code == 200, answer.text

    def reimburse(row_id: int) -> Any:
        page = f"/records/expense/details/?id={row_id}"
        form = hidden(supervisor, page) | {"receipt": "1"}
        return post(supervisor, f"/records/expense/{row_id}/reimburse", form, headers=JSON)

    # At the threshold without approval: with the clause, by hand as on the page.
    answer = reimburse(large)
    assert (answer.status_code, "clause" in answer.json) == (409, True)
    assert reimburse(first).status_code == 200
    answer = reimburse(second)
    assert (answer.status_code, "clause" in answer.json) == (409, True)
    shown = supervisor.get(f"/records/expense/details/?id={second}").text
    assert "held-back" in shown


# --- deputies -------------------------------------------------------------------------------------


def test_a_deputy_decides_in_the_queue_and_is_ended(app: Flask, world: World) -> None:
    assert world.records
    row_id, other_id = request_leave(app, days=7), request_leave(app, days=17)
    chair, who = person(app, "chair"), "keeper"
    deputy = person(app, who)
    assert ("leave", row_id) not in queued(deputy)
    days = {"first_day": today().isoformat(), "last_day": (today() + timedelta(days=3)).isoformat()}
    answer = post(chair, "/requests/deputies", token(chair) | {"to": who} | days)
    assert answer.status_code == 303, answer.text
    assert ("leave", row_id) in queued(deputy)
    shown = deputy.get(QUEUE).text
    form = dict(re.findall(r'name="(seen_\w+|once|csrf_token)" value="([^"]*)"', shown))
    chosen = next(each for each in tokens(deputy) if each.startswith(f"leave:{row_id}:"))
    answer = post(deputy, f"{QUEUE}/approve", {"csrf_token": form["csrf_token"], "ids": [chosen]},
                  headers=JSON)  # fmt: skip
    assert [each["row"] for each in answer.json["done"]] == [row_id]
    with app.app_context():
        event = db.session.scalars(
            select(CourseEvent).where(CourseEvent.row_id == row_id, CourseEvent.verb == "approve")
        ).one()
        assert (event.capacity, event.for_id) == ("deputy", world.accounts["chair"])
        deputy_id = db.session.scalars(select(Deputy.id)).one()
    assert "代理" in person(app, "cadre").get(f"/records/leave/details/?id={row_id}").text
    supervisor = person(app, "supervisor")
    end = f"/requests/deputies/{deputy_id}/end"
    assert post(supervisor, end, token(supervisor)).status_code == 422
    assert post(chair, end, token(chair)).status_code == 303
    assert ("leave", other_id) not in queued(deputy)


def test_who_is_no_superior_names_nobody(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    form = {"to": "chair", "first_day": today().isoformat(), "last_day": today().isoformat()}
    for name in ("cadre", "committee", "keeper", "admin", "nobody"):
        somebody = person(lite_app, name)
        assert post(somebody, "/requests/deputies", token(somebody) | form).status_code == 403
    chair = person(lite_app, "chair")
    for changed in ({"to": "chair"}, {"first_day": "x"}, {"last_day": "2020-01-01"}):
        answer = post(chair, "/requests/deputies", token(chair) | form | {"to": "cadre"} | changed)
        assert answer.status_code == 422, changed
    with lite_app.app_context():
        assert db.session.scalars(select(Deputy)).all() == []


def test_who_loses_the_role_in_between_decides_nothing(app: Flask, world: World) -> None:
    assert world.records
    row_id = request_leave(app)
    supervisor = person(app, "supervisor")
    page = f"/records/leave/details/?id={row_id}"
    form = hidden(supervisor, page)
    with app.app_context():
        for grant in db.session.scalars(
            select(Grant).where(Grant.account_id == world.accounts["supervisor"])
        ):
            db.session.delete(grant)
        db.session.commit()
    answer = post(supervisor, f"/records/leave/{row_id}/approve", form, headers=JSON)
    assert answer.status_code in {403, 404, 409}
    with app.app_context():
        assert db.session.get_one(Leave, row_id).approved_on is None


def test_a_receipt_of_spending_is_a_receipt(lite_app: Flask, lite_world: World) -> None:
    """Without a photo and without paper a text is needed; the row says that there is none."""
    assert lite_world.records
    cadre, chair, supervisor = (person(lite_app, name) for name in ("cadre", "chair", "supervisor"))
    row_id = spend_request(cadre, "20").json["expense"]
    page = f"/records/expense/details/?id={row_id}"
    post(chair, f"/records/expense/{row_id}/approve", hidden(chair, page))
    spent = hidden(cadre, page) | {"spent_on": today().isoformat(), "amount": "20"}
    post(cadre, f"/records/expense/{row_id}/spend", spent)
    address = f"/records/expense/{row_id}/reimburse"
    answer = post(supervisor, address, hidden(supervisor, page), headers=JSON)
    assert answer.status_code == 422
    answer = post(supervisor, address, hidden(supervisor, page) | {"text": "遗失"}, headers=JSON)
    assert answer.status_code == 200
    with lite_app.app_context():
        assert db.session.get_one(Expense, row_id).receipt is False


def test_asking_is_shown_where_it_is_begun(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    shown = cadre.get("/records/leave/new/request").text
    assert 'type="radio" name="kind" value="annual"' in shown
    assert 'data-only="kind:official"' in shown
    new = "/records/leave/new/request"
    wrong = post(cadre, new, hidden(cadre, new) | asked() | {"kind": "official"})
    assert wrong.status_code == 422
    answer = post(cadre, new, hidden(cadre, new) | asked())
    assert messages(cadre.get(answer.location))
