"""Ways out on pages: set up, tried, switched off; addresses of persons; nothing secret is shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from tests.sending.robots import Robots, false_robots
from tiesan.access.viewer import read_viewer
from tiesan.audit import AuditEntry
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.notifications.sending.models import Sending, State, Way, WayAddress
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.speaking import Speaker
from tiesan.notifications.sending.ways import Keeping
from tiesan.notifications.sending.working import Post, work_off
from tiesan.people.models import Account
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PEOPLE, World

KEY = "0e1d2c3b4a5968778695"
TOKEN, SECRET = "aabbccddeeff00112233", "SEC00112233445566"
DEVICE = "devicekey4711abcdef"
NEW, INDEX, SENT = "/ways/new/{}", "/ways/", "/sendings/"


@dataclass
class Outside:
    """The world outside: robots, and a runner that reaches them instead of the real ones."""

    app: Flask
    robots: Robots
    runs: list[int] = field(default_factory=list)

    def call_for(self, run_id: int, _seconds: float) -> bool:
        """Do what a child of the runner does, with the robots instead."""
        self.runs.append(run_id)
        keep = Keeping(Seal(self.app.config["SECRET_KEY"]), None)
        speaker = Speaker(Reach(instead=self.robots.instead(), seconds=1))
        work_off(Post(db.engine, keep, speaker, now))
        return True


@pytest.fixture
def outside(lite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with false_robots() as robots:
        found = Outside(lite_app, robots)
        monkeypatch.setattr(lite_app.extensions["runner"], "call_for", found.call_for)
        yield found


def every(app: Flask, model: type[Any]) -> list[Any]:
    with app.app_context():
        rows = db.session.scalars(select(model).order_by(model.id)).all()
        db.session.expunge_all()
        return list(rows)


def set_up(admin: Person, scheme: str = "wecombot", **given: str) -> int:
    """Set up a way; returns its id."""
    values = {"title": "网格工作群", "key": KEY} if scheme == "wecombot" else {}
    answer = admin.send(NEW.format(scheme), {**values, **given})
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("=")[2])


def try_it(admin: Person, way: int, **given: str) -> str:
    """Send a test; returns the page that shows what came of it."""
    answer = admin.send(f"/ways/test/?id={way}", given, form=f"/ways/details/?id={way}")
    return admin.get(answer.location).text


def test_a_robot_is_set_up_tried_and_switched_off(outside: Outside, lite_world: World) -> None:
    admin = person(outside.app, "admin")
    way = set_up(admin, organization=str(lite_world.organizations["D1"]))
    assert "甲区总工会" in admin.get(INDEX).text
    assert "已发送" in try_it(admin, way)
    outside.robots.answer("webhook", 200, {"errcode": 93000, "errmsg": f"bad {KEY}"})
    shown = try_it(admin, way)
    assert "HTTP 200, errcode 93000 bad ***" in shown
    assert "发送失败" in shown
    admin.send(f"/ways/switch/?id={way}", {"active": "0"}, form=f"/ways/details/?id={way}")
    assert "已停用" in admin.get(INDEX).text
    assert "发送测试消息" not in admin.get(f"/ways/details/?id={way}").text
    admin.send(f"/ways/switch/?id={way}", {"active": "1"}, form=f"/ways/details/?id={way}")
    verbs = [each.verb for each in every(outside.app, AuditEntry) if each.object_kind == "way"]
    assert verbs == ["create", "test way", "test way", "switch way off", "switch way on"]


def test_what_is_secret_is_on_no_page_and_in_no_row(outside: Outside, lite_world: World) -> None:
    admin = person(outside.app, "admin")
    way = set_up(admin, "dingtalk", title="钉钉群", token=TOKEN, secret=SECRET)
    outside.robots.answer("robot", 200, {"errcode": 310000, "errmsg": f"{TOKEN} {SECRET}"})
    pages = [try_it(admin, way)]
    for address in (
        INDEX,
        f"/ways/details/?id={way}",
        f"/ways/edit/?id={way}",
        "/ways/export/csv/",
        SENT,
        "/sendings/export/csv/",
        "/sendings/details/?id=1",
        "/audit/",
        *(f"/audit/details/?id={each.id}" for each in every(outside.app, AuditEntry)[-3:]),
        "/operation/",
        f"/operation/details/?id={outside.runs[0]}",
    ):
        answer = admin.get(address)
        assert answer.status_code == 200, address
        pages.append(answer.text)
    for text in (*pages, *map(repr, (each.__dict__ for each in every(outside.app, Way)))):
        assert TOKEN not in text
        assert SECRET not in text


@pytest.mark.parametrize(
    ("scheme", "given"),
    [
        ("wecombot", {"key": "https://qyapi.weixin.qq.com/?key=1"}),
        ("wecombot", {"key": ""}),
        ("wecombot", {"title": " "}),
        ("mailto", {"title": "邮箱", "host": "a b", "port": "25", "sender": "gh@example.cn"}),
        ("mailto", {"title": "邮箱", "host": "mail", "port": "99999", "sender": "gh@example.cn"}),
        ("mailto", {"title": "邮箱", "host": "mail", "port": "25", "sender": "nobody"}),
        ("bark", {"title": "Bark", "host": "http://10.0.0.1/"}),
        ("mailtos", {"title": "邮箱", "host": "mail", "port": "465", "mode": "tls",
                     "sender": "gh@example.cn", "user": "gh"}),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_beside_its_input(
    scheme: str, given: dict[str, str], lite_app: Flask
) -> None:
    admin = person(lite_app, "admin")
    values = {"title": "网格工作群", "key": KEY, **given}
    answer = admin.send(NEW.format(scheme), values)
    assert answer.status_code == 200
    assert 'class="field-error"' in answer.text
    assert every(lite_app, Way) == []


def test_two_ways_have_two_names(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    set_up(admin)
    answer = admin.send(NEW.format("wecombot"), {"title": "网格工作群", "key": KEY})
    assert "已有同名渠道" in answer.text


def test_a_secret_that_is_left_blank_stays_as_it_is(outside: Outside) -> None:
    admin = person(outside.app, "admin")
    way = set_up(admin)
    before = Seal(outside.app.config["SECRET_KEY"]).unseal(every(outside.app, Way)[0].sealed)
    admin.send(f"/ways/edit/?id={way}", {"title": "改名", "key": ""})
    [kept] = every(outside.app, Way)
    assert kept.title == "改名"
    assert Seal(outside.app.config["SECRET_KEY"]).unseal(kept.sealed) == before


def test_another_secret_key_is_said_in_red(outside: Outside) -> None:
    admin = person(outside.app, "admin")
    way = set_up(admin)
    outside.app.config["SECRET_KEY"] = "another secret key, as long as it has to be"
    admin = person(outside.app, "admin")
    for address in (INDEX, f"/ways/details/?id={way}"):
        assert "系统密钥已更换" in " ".join(messages(admin.get(address)))
    assert "无法使用" in admin.get(INDEX).text
    answer = admin.send(f"/ways/edit/?id={way}", {"title": "网格工作群", "key": ""})
    assert 'class="field-error"' in answer.text
    admin.send(f"/ways/edit/?id={way}", {"title": "网格工作群", "key": KEY})
    assert "已发送" in try_it(admin, way)


def test_a_host_that_is_not_allowed_is_refused(
    lite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIESAN_HOSTS_OUT", "smtp.example.cn")
    admin = person(lite_app, "admin")
    answer = admin.send(NEW.format("wecombot"), {"title": "网格工作群", "key": KEY})
    assert "qyapi.weixin.qq.com" in " ".join(messages(answer))
    assert every(lite_app, Way) == []


@pytest.mark.parametrize("name", [each for each in PEOPLE[1:] if each != "admin"])
def test_nobody_else_sets_up_tries_or_sends_again(
    name: str, outside: Outside, lite_world: World
) -> None:
    way = set_up(person(outside.app, "admin"))
    somebody = person(outside.app, name)
    for address in (
        NEW.format("bark"),
        f"/ways/edit/?id={way}",
        f"/ways/test/?id={way}",
        f"/ways/switch/?id={way}",
        "/sendings/again/?id=1",
    ):
        answer = somebody.send(address, {"title": "x", "active": "0"}, form="/my/profile")
        assert answer.status_code == 403, address
    [kept] = every(outside.app, Way)
    assert kept.active
    assert outside.robots.asked == []


def test_what_failed_is_sent_again_by_an_administrator(
    outside: Outside, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = person(outside.app, "admin")
    way = set_up(admin)
    with outside.app.app_context():
        row = Sending(
            way_id=way,
            organization_id=lite_world.organizations["D1"],
            purpose="group",
            urgent=False,
            details={"text": "12个联合会中3个本月未召开会议"},
            made_at=now(),
            due_at=now(),
            state=State.UNKNOWN.value,
            ended_at=now(),
            reason="no_answer",
        )
        db.session.add(row)
        db.session.commit()
        sending = row.id
    page = f"/sendings/details/?id={sending}"
    assert "对方可能已经收到" in admin.get(page).text
    runner = outside.app.extensions["runner"]
    monkeypatch.setattr(runner, "call", lambda **_given: outside.call_for(0, 0))
    admin.send(f"/sendings/again/?id={sending}", form=page)
    assert "已发送" in admin.get(page).text
    again = admin.send(f"/sendings/again/?id={sending}", form="/my/profile")
    assert "只有发送失败" in " ".join(messages(admin.get(again.location)))


# --- addresses of persons ----------------------------------------------------------------------


def code_of(outside: Outside) -> str:
    found = re.search(r"(\d{6})", outside.robots.sent()[-1].encode().decode("unicode_escape"))
    assert found is not None
    return found.group(1)


def test_a_person_enters_and_confirms_an_address(outside: Outside) -> None:
    way = set_up(person(outside.app, "admin"), "bark", title="Bark", host="api.day.app")
    cadre, profile = person(outside.app, "cadre"), "/my/profile"
    cadre.send(f"/my/profile/address/{way}", {"address": DEVICE}, form=profile)
    page = cadre.get(profile)
    assert "已发送6位验证码" in " ".join(messages(page))
    assert DEVICE not in page.text
    assert f"…{DEVICE[-4:]}" in page.text
    code = code_of(outside)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    cadre.send(f"/my/profile/address/{way}/confirm", {"code": wrong}, form=profile)
    assert "验证码不正确" in " ".join(messages(cadre.get(profile)))
    cadre.send(f"/my/profile/address/{way}/confirm", {"code": code}, form=profile)
    assert "已确认" in cadre.get(profile).text
    [address] = every(outside.app, WayAddress)
    assert address.confirmed_at is not None
    # Somebody else has none, and takes none away.
    chair = person(outside.app, "chair")
    assert f"…{DEVICE[-4:]}" not in chair.get(profile).text
    answer = chair.send(f"/my/profile/address/{way}/remove", form=profile)
    assert answer.status_code == 404
    cadre.send(f"/my/profile/address/{way}/remove", form=profile)
    [address] = every(outside.app, WayAddress)
    assert (address.sealed, address.confirmed_at) == (None, None)


def test_a_code_that_cannot_be_sent_is_said(outside: Outside) -> None:
    way = set_up(person(outside.app, "admin"), "bark", title="Bark", host="api.day.app")
    outside.robots.answer("push", 200, {"code": 400, "message": "failed to get device token"})
    cadre = person(outside.app, "cadre")
    cadre.send(f"/my/profile/address/{way}", {"address": DEVICE}, form="/my/profile")
    assert "验证码未能发送" in " ".join(messages(cadre.get("/my/profile")))


def test_no_robot_of_a_group_takes_an_address(outside: Outside) -> None:
    way = set_up(person(outside.app, "admin"))
    cadre = person(outside.app, "cadre")
    answer = cadre.send(f"/my/profile/address/{way}", {"address": DEVICE}, form="/my/profile")
    assert answer.status_code == 404
    assert "消息接收方式" not in cadre.get("/my/profile").text


# --- on both kinds of database -----------------------------------------------------------------


def test_lists_and_what_is_seen_of_others(app: Flask, world: World) -> None:
    with app.app_context():
        way = Way(scheme="schan", title="Server酱", fields={}, sealed="", created_at=now())
        db.session.add(way)
        db.session.flush()
        for name in ("cadre", "chair"):
            account = world.accounts[name]
            address = WayAddress(account_id=account, way_id=way.id, entered_at=now())
            db.session.add(address)
            db.session.flush()
            sending = Sending(
                way_id=way.id,
                account_id=account,
                address_id=address.id,
                purpose="notifications",
                urgent=False,
                made_at=now(),
                due_at=now(),
            )
            db.session.add(sending)
        db.session.commit()
    admin = person(app, "admin")
    assert "共2条" in admin.get(f"{SENT}?flt_state=waiting&flt_way={way_id(app)}&sort=0").text
    assert "共0条" in admin.get(f"{SENT}?flt_purpose=test").text
    assert "Server酱" in admin.get(f"{INDEX}?sort=0").text
    for name, seen in (("cadre", 1), ("admin", 2), ("keeper", 0)):
        assert seen_by(app, name) == (seen % 2, seen)


def way_id(app: Flask) -> int:
    return int(every(app, Way)[0].id)


def seen_by(app: Flask, name: str) -> tuple[int, int]:
    """How many addresses and sendings of others and their own a page could show to somebody."""
    with app.test_request_context("/"):
        account = db.session.scalars(select(Account).where(Account.username == name)).one()
        g.viewer = read_viewer(db.session(), account, today())
        return tuple(len(db.session.scalars(select(each)).all()) for each in (WayAddress, Sending))  # type: ignore[return-value]
