"""Signing in after wrong passwords, by the page."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tiesan.admin.shell import attempts, sign_in
from tiesan.app import create_app
from tiesan.audit import AuditEntry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World
from tiesan.words.values import moment


@pytest.mark.parametrize("name", ["cadre", "nobody knows"])
def test_after_five_no_password_is_compared(
    name: str, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Person(app.test_client())
    said = [messages(stranger.sign_in(name, "wrong password")) for _ in range(5)]
    assert said == [["用户名或密码不正确。"]] * 5
    monkeypatch.delattr(Account, "verify_and_update_password")
    assert messages(stranger.sign_in(name, PASSWORD)) == ["密码错误次数过多，请1分钟后再试。"]
    with app.app_context():
        (entry,) = db.session.scalars(select(AuditEntry).filter_by(verb="pause sign-in"))
        assert entry.object_code == ("cadre" if name == "cadre" else None)
        assert entry.details["address"] == "127.0.0.1"
        assert "nobody knows" not in str(entry.details)


def test_who_comes_in_is_told_of_wrong_passwords(lite_app: Flask, lite_world: World) -> None:
    for _number in range(3):
        Person(lite_app.test_client()).sign_in("cadre", "wrong password")
    cadre = Person(lite_app.test_client())
    cadre.sign_in("cadre")
    assert "自上次登录以来，本账号有3次密码错误。" in messages(cadre.get("/"))
    again = Person(lite_app.test_client())
    again.sign_in("cadre")
    assert messages(again.get("/")) == []


@pytest.mark.parametrize(
    ("proxies", "counted"), [("", "127.0.0.1"), ("1", "192.0.2.9"), ("2", "203.0.113.5")]
)
def test_the_address_is_the_one_that_trusted_proxies_say(
    proxies: str, counted: str, lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    app = create_app(
        url=lite_app.config["SQLALCHEMY_DATABASE_URI"],
        instance=tmp_path / "instance",
        environment={"TIESAN_PROXIES": proxies},
    )
    stranger = Person(app.test_client())
    forwarded = {"X-Forwarded-For": "203.0.113.5, 192.0.2.9"}
    for _number in range(5):
        given = stranger.filled("/login", {"identity": "cadre", "password": "wrong password"})
        stranger.client.post("/login", data=given, headers=forwarded)
    with app.app_context():
        (entry,) = db.session.scalars(select(AuditEntry).filter_by(verb="pause sign-in"))
        assert entry.details["address"] == counted
        db.engine.dispose()


def test_of_a_thousand_guesses_in_ten_hours_few_are_compared(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else is kept out meanwhile, nor is a session ended that was there."""
    begun, here = now(), person(lite_app, "cadre")
    thief = Person(lite_app.test_client())
    given = thief.filled("/login", {"identity": "cadre", "password": "wrong password"})
    found: Counter[str] = Counter()
    for number in range(1000):
        at = begun + timedelta(seconds=36 * number)
        for module in (attempts, sign_in):
            monkeypatch.setattr(module, "now", lambda at=at: at)
        answer = thief.client.post(
            "/login", data=given, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}
        )
        found[messages(answer)[0][:4]] += 1
    assert found["用户名或"] <= 50
    assert sum(found.values()) == 1000
    assert here.get("/my/profile").status_code == 200
    assert Person(lite_app.test_client()).sign_in("chair").status_code == 302


def test_the_trail_says_until_when_a_pause_is(lite_app: Flask, lite_world: World) -> None:
    stranger = Person(lite_app.test_client())
    for _number in range(5):
        stranger.sign_in("cadre", "wrong password")
    with lite_app.app_context():
        entry = db.session.scalars(select(AuditEntry).filter_by(verb="pause sign-in")).one()
        until, number = moment(datetime.fromisoformat(entry.details["until"])), entry.id
    shown = person(lite_app, "admin").get(f"/audit/details/?id={number}")
    assert (shown.status_code, until in shown.text) == (200, True)
