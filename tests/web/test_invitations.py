"""Invitations and resets: whose link sets a password, and when it does not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from tests.sending.conftest import teller
from tests.sending.mail_server import mail_server
from tiesan.admin.invitations import view
from tiesan.audit import SIGN_IN, AuditEntry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.notifications.sending.models import Sending, Way, WayAddress
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.speaking import Speaker
from tiesan.notifications.sending.ways import Keeping
from tiesan.notifications.sending.working import Post, work_off
from tiesan.people.invitations import Invitation
from tiesan.people.models import Account
from tiesan.people.passwords import hash_password
from tiesan.people.services import set_active, set_password
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World

CHOSEN = {"new": "一句足够长的新密码短话", "again": "一句足够长的新密码短话"}


def _link(app: Flask, world: World, name: str = "cadre") -> str:
    """A link that an administrator makes for an account."""
    admin, account = person(app, "admin"), world.accounts[name]
    details = f"/people/accounts/details/?id={account}"
    sent = admin.send(f"/people/accounts/invite/?id={account}", form=details)
    answer = admin.get(sent.location)
    assert admin.get(sent.location).location == "/people/accounts/"
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"http://localhost(/invitation/[\w-]+)", answer.text)
    assert found is not None
    assert found.group(1) not in admin.get(details).text
    return found.group(1)


def _opened(app: Flask, link: str, somebody: Person | None = None) -> Person:
    opener = somebody or Person(app.test_client())
    assert opener.get(link).location == "/invitation/"
    return opener


def _refusal(somebody: Person) -> str:
    answer = somebody.get("/invitation/")
    assert answer.status_code == 410
    found = re.search(r'<p role="alert">(.*?)</p>', answer.text)
    assert found is not None
    return found.group(1)


def test_a_link_sets_the_password_once(app: Flask, world: World) -> None:
    elsewhere = person(app, "cadre")
    link = _link(app, world)
    cadre, second = _opened(app, link), _opened(app, link)
    assert Person(app.test_client()).sign_in("cadre").status_code == 302
    assert cadre.send("/invitation/", CHOSEN).location == "/login"
    assert "密码已设置" in cadre.get("/login").text
    assert cadre.sign_in("cadre", CHOSEN["new"]).status_code == 302
    assert elsewhere.get("/my/profile").status_code == 302
    assert Person(app.test_client()).sign_in("cadre", PASSWORD).status_code == 200
    assert "已使用过" in _refusal(second)
    assert "已使用过" in _refusal(_opened(app, link))
    with app.app_context():
        (row,) = db.session.scalars(select(Invitation))
        assert link.rpartition("/")[2] not in row.token_digest
        verbs = list(db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))
        assert [each for each in verbs if each in {"invite", "set password"}] == [
            "invite", "set password",
        ]  # fmt: skip
    assert "生成了重设密码链接" in cadre.get("/notifications/").text


@pytest.mark.parametrize(
    ("new", "why"),
    [("短一点", "至少"), ("1234567890", "太多"), ("陈欧的一个长长的密码", "姓名"),
     ("my CADRE password", "姓名"), ("字" * 129, "最多")],
)  # fmt: skip
def test_what_is_no_good_password_is_refused_and_the_link_holds(
    new: str, why: str, lite_app: Flask, lite_world: World
) -> None:
    cadre = _opened(lite_app, _link(lite_app, lite_world))
    answer = cadre.send("/invitation/", {"new": new, "again": new})
    assert (answer.status_code, why in answer.text) == (200, True)
    differs = cadre.send("/invitation/", CHOSEN | {"again": "另一句足够长的新密码短话"})
    assert "不一致" in differs.text
    assert cadre.send("/invitation/", CHOSEN).location == "/login"


def _made_another(app: Flask, world: World) -> None:
    _link(app, world)


def _switched(app: Flask, world: World) -> None:
    for active in (False, True):
        _set_active(app, world, active=active)


def _switched_off(app: Flask, world: World) -> None:
    _set_active(app, world, active=False)


def _set_active(app: Flask, world: World, *, active: bool) -> None:
    _change(app, world, lambda account: set_active(
        SIGN_IN, db.session(), account, active=active, at=now(), reason="试"
    ))  # fmt: skip


def _password_set(app: Flask, world: World) -> None:
    hashed = hash_password("set in another way")
    _change(app, world, lambda account: set_password(
        SIGN_IN, db.session(), account, hashed, at=now()
    ))  # fmt: skip


def _change(app: Flask, world: World, change: Callable[[Account], None]) -> None:
    with app.app_context():
        change(db.session.get_one(Account, world.accounts["cadre"]))
        db.session.commit()


@pytest.mark.parametrize("change", [_made_another, _switched, _switched_off, _password_set])
def test_another_one_or_a_change_makes_it_void(
    change: Callable[[Flask, World], None], lite_app: Flask, lite_world: World
) -> None:
    early, late = (_opened(lite_app, link) for link in [_link(lite_app, lite_world)] * 2)
    given = early.filled("/invitation/", CHOSEN)
    change(lite_app, lite_world)
    assert "已失效" in _refusal(late)
    # The form that stood open is refused as well.
    assert early.client.post("/invitation/", data=given).status_code == 410


def test_after_72_hours_it_is_late(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cadre = _opened(lite_app, _link(lite_app, lite_world))
    for hours, status in ((71.9, 200), (72.1, 410)):
        moment = datetime.now(UTC) + timedelta(hours=hours)
        monkeypatch.setattr(view, "now", lambda moment=moment: moment)
        assert cadre.get("/invitation/").status_code == status


def test_who_is_signed_in_as_another_is_refused(lite_app: Flask, lite_world: World) -> None:
    link = _link(lite_app, lite_world)
    assert "另一个账号" in _refusal(_opened(lite_app, link, person(lite_app, "chair")))
    own = _opened(lite_app, link, person(lite_app, "cadre"))
    assert own.send("/invitation/", CHOSEN).location == "/login"


@pytest.mark.parametrize("link", ["/invitation/x", "/invitation/%00", "/invitation/" + "x" * 500])
def test_a_link_of_nobody_is_refused(link: str, lite_app: Flask, lite_world: World) -> None:
    assert "无效" in _refusal(_opened(lite_app, link))
    assert Person(lite_app.test_client()).get("/invitation/").status_code == 410


def test_nobody_makes_a_link_for_themself(lite_app: Flask, lite_world: World) -> None:
    admin, account = person(lite_app, "admin"), lite_world.accounts["admin"]
    details = f"/people/accounts/details/?id={account}"
    assert "/people/accounts/invite/" not in admin.get(details).text
    answer = admin.send(f"/people/accounts/invite/?id={account}", form=details)
    assert messages(admin.get(answer.location)) == ["本人的密码请在“个人设置”中修改。"]


def test_of_two_at_once_one_is_taken(app: Flask, world: World) -> None:
    link, together = _link(app, world), Barrier(2)
    openers = [_opened(app, link) for _number in range(2)]
    forms = [each.filled("/invitation/", CHOSEN) for each in openers]
    found: list[int] = []

    def send(opener: Person, form: dict[str, object]) -> None:
        together.wait()
        found.append(opener.client.post("/invitation/", data=form).status_code)

    threads = [Thread(target=send, args=each) for each in zip(openers, forms, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [302, 410]


def _confirmed_mail(app: Flask, account_id: int, port: int) -> None:
    """A mail way to a server on this machine, and a confirmed address of an account."""
    seal = Seal(app.config["SECRET_KEY"])
    with app.app_context():
        fields = {"host": "127.0.0.1", "port": str(port), "sender": "gh@example.cn"}
        way = Way(scheme="mailto", title="邮箱", fields=fields, sealed=seal.seal({}),
                  active=True, created_at=now())  # fmt: skip
        db.session.add(way)
        db.session.flush()
        sealed = seal.seal({"address": "ou@example.cn"})
        db.session.add(WayAddress(account_id=account_id, way_id=way.id, masked="o…@example.cn",
                                  sealed=sealed, entered_at=now(), confirmed_at=now()))  # fmt: skip
        db.session.commit()


def test_a_link_is_sent_by_mail_and_shown_to_nobody(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = lite_world.accounts["cadre"]

    def send(_run_id: int, _seconds: float) -> bool:
        keep = Keeping(Seal(lite_app.config["SECRET_KEY"]), None)
        work_off(Post(db.engine, keep, Speaker(Reach(seconds=5)), now, teller()))
        return True

    monkeypatch.setattr(lite_app.extensions["runner"], "call_for", send)
    admin, details = person(lite_app, "admin"), f"/people/accounts/details/?id={account}"
    assert "用邮件发送链接" not in admin.get(details).text
    with mail_server() as mail:
        _confirmed_mail(lite_app, account, mail.port)
        assert "用邮件发送链接" in admin.get(details).text
        sent = admin.send(f"/people/accounts/invite/?id={account}", {"by": "mail"}, form=details)
        said = admin.get(sent.location)
        [(subject, body)] = mail.texts()
    assert messages(said) == ["链接已发送，72 小时内有效。"]
    assert "/invitation/" not in said.text
    assert "设置密码链接" in subject
    link = re.search(r"http://localhost(/invitation/[\w-]+)", body)
    assert link is not None
    cadre = _opened(lite_app, link.group(1))
    assert cadre.send("/invitation/", CHOSEN).location == "/login"
    with lite_app.app_context():
        assert db.session.scalars(select(Sending.sealed)).all() == [None]
