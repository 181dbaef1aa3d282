"""Forms of people: what they announce, ask and keep, and that the same page acts once."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from plugins.discipline.models import Expense
from tests.web.entering import expense
from tests.web.test_people import problems
from tests.web.test_placing import administers
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import Base, db
from tiesan.flags.models import DistrictState, Flag
from tiesan.people.models import Account, Cadre, Grant, Organization
from tiesan.records.settings import CalendarException, RuleParameterValue
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

NEW, ORGANIZATIONS = "/people/cadres/new/", "/people/organizations/new/"
_ANSWERED = re.compile(r'name="answered"[^>]*value="([^"]+)"')
_NUMBER = re.compile(r"(产生|消除)(\d+)个")


def newcomer(world: World, **changed: object) -> dict[str, object]:
    """What the form of a new cadre sends of somebody in F1."""
    return {
        "code": "C9",
        "name": "新来",
        "organization": world.organizations["F1"],
        "professional": "yes",
        "joined_on": str(today()),
        **changed,
    }


def again(
    somebody: Person, address: str, asked: TestResponse, sent: Mapping[str, object]
) -> TestResponse:
    """Send once more what a form asked about."""
    assert asked.status_code == 200
    answered = _ANSWERED.search(asked.text)
    assert answered is not None, messages(asked)
    return somebody.client.post(address, data={**sent, "answered": answered.group(1)})


def told(answer: TestResponse) -> dict[str, int]:
    """How many flags a form says that it would raise and clear."""
    said = " ".join(text for text in messages(answer) if text.startswith("尚未保存。"))
    return {what: int(number) for what, number in _NUMBER.findall(said)}


def number(app: Flask, model: type[Base]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def judged(app: Flask, world: World) -> None:
    """Have the district judged whole up to yesterday."""
    with app.app_context():
        state = DistrictState(
            district_id=world.organizations["D1"], evaluated_as_of=today() - timedelta(days=1)
        )
        db.session.add(state)
        db.session.commit()


def flags_of(app: Flask, code: str) -> list[Flag]:
    with app.app_context():
        statement = select(Flag).join(Cadre, Flag.cadre_id == Cadre.id).where(Cadre.code == code)
        return list(db.session.scalars(statement))


def test_who_is_entered_late_is_announced_and_leaving_too(app: Flask, world: World) -> None:
    judged(app, world)
    keeper, before = person(app, "keeper"), number(app, Flag)
    joined = today() - timedelta(days=20)
    sent = keeper.filled(NEW, newcomer(world, joined_on=str(joined), assessed_from=""))
    asked = keeper.client.post(NEW, data=sent)
    announced = told(asked)
    assert announced["产生"] > 10
    # Nothing is stored by being announced.
    assert (number(app, Flag), number(app, Cadre)) == (before, len(world.cadres))
    assert again(keeper, NEW, asked, sent).status_code == 302
    raised = flags_of(app, "C9")
    assert len(raised) == announced["产生"]

    leaving = f"/people/cadres/leave/?id={raised[0].cadre_id}"
    left = {"left_on": str(joined + timedelta(days=10)), "reason": "借调期满"}
    sent = keeper.filled(leaving, left)
    asked = keeper.client.post(leaving, data=sent)
    announced = told(asked)
    assert 0 < announced["消除"] < len(raised)
    assert all(flag.active for flag in flags_of(app, "C9"))
    assert again(keeper, leaving, asked, sent).status_code == 302
    ended = Counter(flag.active for flag in flags_of(app, "C9"))
    assert ended[False] == announced["消除"]


def sent_through(somebody: Person, address: str, given: dict[str, object]) -> str:
    """Send a form, and once more where it asks something; returns what it asked."""
    sent = somebody.filled(address, given)
    asked = somebody.client.post(address, data=sent)
    if asked.status_code == 302:
        return ""
    assert again(somebody, address, asked, sent).status_code == 302
    return " ".join(messages(asked))


def test_who_leaves_comes_back_and_is_moved_for_a_reason(
    lite_app: Flask, lite_world: World
) -> None:
    keeper, row = person(lite_app, "keeper"), lite_world.cadres["CO"]
    page = f"/people/cadres/details/?id={row}"
    leave, back, move = (f"/people/cadres/{verb}/?id={row}" for verb in ("leave", "return", "move"))
    buttons = {"离岗": True, "调动": True, "返岗": False}
    for word, offered in buttons.items():
        assert (f">{word}</a>" in keeper.get(page).text) is offered
    yesterday, tomorrow = (str(today() + timedelta(days=days)) for days in (-1, 1))
    assert problems(keeper.send(leave, {"left_on": yesterday})) == ["此项必填。"]
    said = sent_through(keeper, leave, {"left_on": yesterday, "reason": "借调"})
    assert "天内不再需要的应尽事项：" in said
    assert "工作日志" in said
    for word, offered in buttons.items():
        assert (f">{word}</a>" in keeper.get(page).text) is not offered
    there = {"organization": lite_world.organizations["E1"], "reason": "回原单位"}
    assert problems(keeper.send(back, there | {"joined_on": tomorrow})) == ["日期不得晚于今天。"]
    said = sent_through(keeper, back, there | {"joined_on": str(today())})
    assert "天内新增的应尽事项：" in said
    there = {"organization": lite_world.organizations["F1"], "reason": "调回"}
    sent_through(keeper, move, there | {"from_on": str(today())})
    with lite_app.app_context():
        entries = select(AuditEntry).where(AuditEntry.object_kind == "cadre")
        entries = entries.where(AuditEntry.object_id == row).order_by(AuditEntry.id)
        kept = [(each.verb, each.details.get("reason")) for each in db.session.scalars(entries)]
        cadre = db.session.get_one(Cadre, row)
        assert [each.organization.code for each in cadre.postings] == ["F1", "F1"]
    assert kept[1:] == [("leave", "借调"), ("come back", "回原单位"), ("move", "调回")]


def test_who_is_entered_late_is_assessed_from_today_on_unless_said(
    lite_app: Flask, lite_world: World
) -> None:
    judged(lite_app, lite_world)
    keeper = person(lite_app, "keeper")
    offered = re.search(r'name="assessed_from"[^>]*value="([^"]+)"', keeper.get(NEW).text)
    assert offered is not None
    assert offered.group(1) == str(today())
    late = newcomer(lite_world, joined_on=str(today() - timedelta(days=20)))
    assert keeper.send(NEW, late | {"assessed_from": offered.group(1)}).status_code == 302
    assert flags_of(lite_app, "C9") == []


@pytest.mark.parametrize(("name", "seen"), [("keeper", False), ("district", True)])
def test_only_flags_in_sight_are_announced(
    name: str, seen: bool, lite_app: Flask, lite_world: World
) -> None:
    """A report that nobody handled goes along with whom it is about."""
    judged(lite_app, lite_world)
    administers(lite_app, lite_world, "district", "D1")
    moving = f"/people/cadres/move/?id={lite_world.cadres['CO']}"
    there = {"organization": lite_world.organizations["E1"], "from_on": str(today())}
    asked = person(lite_app, name).send(moving, there | {"reason": "调动"})
    assert ("举报" in " ".join(messages(asked))) is seen


# --- reasons -------------------------------------------------------------------------------------


def test_a_change_of_what_rules_read_of_people_needs_a_reason(
    lite_app: Flask, lite_world: World
) -> None:
    keeper, row = person(lite_app, "keeper"), lite_world.cadres["CO"]
    edit = f"/people/cadres/edit/?id={row}"
    same = {"name": "陈鸥", "organization": lite_world.organizations["F1"], "professional": "yes"}
    same |= {"joined_on": "2010-01-01"}
    assert keeper.send(edit, same).status_code == 302
    later = same | {"assessed_from": "2026-05-01"}
    assert problems(keeper.send(edit, later)) == ["所改内容是规则判断的依据，请写明更正理由。"]
    reason = {"reason": "病愈返岗"}
    sent = keeper.filled(edit, later | reason)
    answer = keeper.client.post(edit, data=sent)
    answer = again(keeper, edit, answer, sent) if answer.status_code == 200 else answer
    assert answer.status_code == 302

    place = lite_world.organizations["E1"]
    edit = f"/people/organizations/edit/?id={place}"
    same = {"name": "东城纺织工会", "kind": "enterprise", "founded_on": "2000-01-01"}
    same |= {"parent": lite_world.organizations["F1"]}
    assert keeper.send(edit, same | {"name": "纺织工会"}).status_code == 302
    dissolved = same | {"dissolved_on": "2026-06-01"}
    assert problems(keeper.send(edit, dissolved)) == ["所改内容是规则判断的依据，请写明更正理由。"]
    assert keeper.send(edit, dissolved | {"reason": "企业注销"}).status_code == 302
    with lite_app.app_context():
        entries = select(AuditEntry).where(AuditEntry.verb == "update").order_by(AuditEntry.id)
        kept = [each.details.get("reason") for each in db.session.scalars(entries)]
    assert kept == [None, "病愈返岗", None, "企业注销"]


# --- once ----------------------------------------------------------------------------------------


def twice(somebody: Person, address: str, sent: Mapping[str, object]) -> list[tuple[int, str]]:
    """What the same page is answered when it is sent twice."""
    answers = [somebody.client.post(address, data=sent) for _ in range(2)]
    return [(answer.status_code, answer.location) for answer in answers]


def test_each_form_acts_once_and_answers_alike(app: Flask, world: World) -> None:
    admin, account = person(app, "admin"), world.accounts["nobody"]
    details = f"/people/accounts/details/?id={account}"
    rule = "/rules/discipline.expense_unapproved/"
    organization: dict[str, object] = {"code": "E9", "name": "新企业工会"}
    organization |= {"kind": "enterprise"}
    organization |= {"parent": world.organizations["F1"], "founded_on": "2026-01-01"}
    parameter = {"name": "threshold", "value": "300", "valid_from": "2026-12-01"}
    forms: list[tuple[type[Base], str, str, dict[str, Any]]] = [
        (Cadre, NEW, NEW, newcomer(world)),
        (Organization, ORGANIZATIONS, ORGANIZATIONS, organization),
        (CalendarException, "/calendar/new/", "", {"day": "2026-10-10", "kind": "off"}),
        (Account, "/people/accounts/new/", "", {"username": "bai"}),
        (Grant, details, "", {"role": "supervisor", "organization": world.organizations["F2"]}),
        (RuleParameterValue, f"{rule}parameter", rule, parameter),
    ]
    for model, address, form, given in forms:
        before = number(app, model)
        sent = admin.filled(form or address, given)
        first, second = twice(admin, address, sent)
        assert first == second, address
        assert first[0] == 302, address
        assert number(app, model) == before + 1, address
    entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "set parameter")
    with app.app_context():
        assert db.session.scalar(entries) == 1
        grant = db.session.scalars(select(Grant).where(Grant.account_id == account)).one().id
        day = db.session.scalars(select(CalendarException.id)).first()
    revoke = f"/people/accounts/revoke/?id={account}"
    first, second = twice(admin, revoke, admin.filled(details, {"grant": grant}))
    assert first == second
    remove, page = f"/calendar/remove/?id={day}", f"/calendar/details/?id={day}"
    sent = admin.filled(page, {"reason": "通知已撤销"})
    first, second = twice(admin, remove, sent)
    assert first == second == (302, "/calendar/")


def test_a_change_that_is_sent_twice_answers_alike(lite_app: Flask, lite_world: World) -> None:
    admin, edit = person(lite_app, "admin"), f"/people/cadres/edit/?id={lite_world.cadres['CO']}"
    sent = {"name": "陈鸥", "organization": lite_world.organizations["F1"], "professional": "yes"}
    first, second = twice(admin, edit, admin.filled(edit, sent | {"joined_on": "2010-01-01"}))
    assert first == second
    assert first[0] == 302


# --- codes that look alike -----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["cb", "0CB", "ＣB", "00cB"])
def test_a_code_that_looks_like_a_stored_one_is_asked_about(
    code: str, lite_app: Flask, lite_world: World
) -> None:
    keeper = person(lite_app, "keeper")
    if code == "ＣB":
        # Width is no difference at all.
        assert problems(keeper.send(NEW, newcomer(lite_world, code=code))) == ["已有相同的记录。"]
        return
    sent = keeper.filled(NEW, newcomer(lite_world, code=code))
    asked = keeper.client.post(NEW, data=sent)
    assert any("您要填的是不是白贝" in said for said in messages(asked))
    assert number(lite_app, Cadre) == len(lite_world.cadres)
    # An answer to one question is none to another.
    other = keeper.client.post(NEW, data=sent | {"code": "co", "answered": "0" * 64})
    assert any("您要填的是不是陈欧" in said for said in messages(other))
    assert again(keeper, NEW, asked, sent).status_code == 302


def test_of_codes_out_of_sight_nothing_is_asked(lite_app: Flask, lite_world: World) -> None:
    keeper, supervisor = person(lite_app, "keeper"), person(lite_app, "supervisor")
    assert keeper.send(NEW, newcomer(lite_world, code="0cx")).status_code == 302
    page = "/records/expense/new/"
    assert supervisor.send(page, expense(lite_world, "O", code="EXPENSE-X")).status_code == 302
    sent = supervisor.filled(page, expense(lite_world, "O", code="Expense-O"))
    asked = supervisor.client.post(page, data=sent)
    assert any("您要填的是不是expense-O" in said for said in messages(asked))
    before = number(lite_app, Expense)
    assert again(supervisor, page, asked, sent).status_code == 302
    assert number(lite_app, Expense) == before + 1
