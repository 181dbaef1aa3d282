"""One-time codes: set up, asked for, taken once, guessed at, taken off."""

import re
from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.web.ailing import only_read
from tiesan.admin.profile import codes as pages
from tiesan.admin.shell import attempts, second_step, sign_in, signed_in
from tiesan.audit import SIGN_IN, AuditEntry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.codes import OneTimeSecret, RecoveryCode, code_at
from tiesan.people.models import RoleName
from tiesan.people.notifications import Notification
from tiesan.people.sign_in_settings import SignInSettings, change_settings
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World

PAGE = "/my/profile/codes"
BEGUN = datetime(2026, 11, 29, 2, 0, 10, tzinfo=UTC)


class Clock:
    """The clock of signing in, which goes when it is moved."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = BEGUN
        for module in (attempts, pages, second_step, sign_in, signed_in):
            patch.setattr(module, "now", lambda: self.at)

    def go_on(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def _set_up(somebody: Person, clock: Clock, present: str = PASSWORD) -> tuple[bytes, list[str]]:
    """Set codes up; return the secret as an app has it, and the recovery codes."""
    somebody.send(f"{PAGE}/begin", {"present": present}, form=PAGE)
    typed = re.search(r'class="typed-key">([A-Z2-7 ]+)<', somebody.get(PAGE).text)
    assert typed is not None
    key = b32decode(typed.group(1).replace(" ", ""))
    somebody.send(f"{PAGE}/confirm", {"code": code_at(key, clock.at)}, form=PAGE)
    found = re.findall(r"<li><code>([a-z2-7-]+)</code>", somebody.get(PAGE).text)
    assert len(found) == 10
    return key, found


def _at_the_door(app: Flask, name: str = "cadre") -> Person:
    """Somebody who has given the right password and is asked for a code."""
    somebody = Person(app.test_client())
    answer = somebody.sign_in(name)
    assert (answer.status_code, 'name="code"' in answer.text) == (200, True)
    return somebody


def _send(somebody: Person, code: str) -> tuple[int, list[str]]:
    answer = somebody.send("/login", {"code": code})
    return answer.status_code, messages(answer)


def _signed_in(app: Flask, name: str = "cadre") -> Person:
    somebody = Person(app.test_client())
    assert somebody.sign_in(name).status_code == 302
    return somebody


def test_a_code_is_asked_for_and_taken_once(app: Flask, world: World, clock: Clock) -> None:
    key, _recovery = _set_up(_signed_in(app), clock)
    used = code_at(key, clock.at)
    first = _at_the_door(app)
    assert first.get("/my/profile").status_code == 302
    # The code that set it up is not taken again, nor after the password alone was given.
    assert _send(first, used) == (200, ["验证码不正确，或已经使用过。"])
    clock.go_on(seconds=30)
    second, third = _at_the_door(app), _at_the_door(app)
    assert _send(second, code_at(key, clock.at)) == (302, [])
    assert second.get("/my/profile").status_code == 200
    assert _send(third, code_at(key, clock.at))[0] == 200
    with app.app_context():
        secret = db.session.scalars(select(OneTimeSecret)).one()
        assert key.hex() not in secret.sealed
        digests = db.session.scalars(select(RecoveryCode.digest)).all()
        assert all(len(digest) == 64 for digest in digests)


@pytest.mark.parametrize(("seconds", "status"), [(-30, 302), (30, 302), (60, 200), (-60, 200)])
def test_a_clock_may_be_half_a_minute_wrong(
    seconds: int, status: int, lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    key, _recovery = _set_up(_signed_in(lite_app), clock)
    clock.go_on(minutes=10)
    code = code_at(key, clock.at + timedelta(seconds=seconds))
    assert _send(_at_the_door(lite_app), code)[0] == status


def test_a_recovery_code_opens_once(app: Flask, world: World, clock: Clock) -> None:
    cadre = _signed_in(app)
    _key, recovery = _set_up(cadre, clock)
    assert recovery[0] not in cadre.get(PAGE).text
    assert _send(_at_the_door(app), recovery[0].upper().replace("-", " "))[0] == 302
    assert _send(_at_the_door(app), recovery[0])[0] == 200
    assert "还有 9 个" in cadre.get(PAGE).text
    cadre.send(f"{PAGE}/renew", {"present": PASSWORD}, form=PAGE)
    assert _send(_at_the_door(app), recovery[1])[0] == 200


def test_whoever_knows_the_password_alone_guesses_no_longer_than_others(
    lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    """Each try comes after the right password, which ends no pause."""
    key, _recovery = _set_up(_signed_in(lite_app), clock)
    thief, tried = Person(lite_app.test_client()), 0
    for _number in range(60):
        clock.go_on(seconds=1)
        asked = thief.sign_in("cadre")
        if 'name="code"' not in asked.text:
            assert "请" in messages(asked)[0]
            clock.go_on(seconds=20)
            continue
        tried += 1
        assert _send(thief, "000000")[0] == 200
    assert tried < 15
    pause = Person(lite_app.test_client()).sign_in("cadre")
    assert 'name="code"' not in pause.text
    with lite_app.app_context():
        paused = select(AuditEntry).where(AuditEntry.verb == "pause sign-in")
        assert db.session.scalars(paused).first() is not None
    clock.go_on(minutes=16)
    owner = _at_the_door(lite_app)
    assert _send(owner, code_at(key, clock.at))[0] == 302


def test_between_the_steps_there_are_ten_minutes(
    lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    key, _recovery = _set_up(_signed_in(lite_app), clock)
    late = _at_the_door(lite_app)
    clock.go_on(minutes=11)
    assert _send(late, code_at(key, clock.at)) == (200, ["等待时间过长，请重新登录。"])
    nobody = Person(lite_app.test_client())
    assert _send(nobody, code_at(key, clock.at))[0] == 200
    assert nobody.get("/my/profile").status_code == 302


def test_a_role_that_needs_codes_has_them_set_up_first(
    lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    with lite_app.app_context():
        needed = SignInSettings(codes_required=frozenset({RoleName.SUPERVISOR}))
        change_settings(SIGN_IN, db.session(), needed, at=now())
        db.session.commit()
    supervisor, cadre = _signed_in(lite_app, "supervisor"), _signed_in(lite_app)
    assert cadre.get("/flags/").status_code == 200
    assert supervisor.get("/flags/").location == PAGE
    assert supervisor.send("/language", {"language": "en"}, form=PAGE).status_code == 302
    assert supervisor.send("/my/profile/sessions/end", form=PAGE).status_code == 403
    _set_up(supervisor, clock, present="")
    assert supervisor.get("/flags/").status_code == 200
    ended = supervisor.send(f"{PAGE}/stop", {"present": PASSWORD}, form=PAGE)
    assert "need" in messages(supervisor.get(ended.location))[0]


def test_setting_up_and_ending_needs_the_password(
    lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    cadre = _signed_in(lite_app)
    cadre.send(f"{PAGE}/begin", {"present": "wrong password"}, form=PAGE)
    assert "typed-key" not in cadre.get(PAGE).text
    _set_up(cadre, clock)
    cadre.send(f"{PAGE}/stop", {"present": "wrong password"}, form=PAGE)
    _at_the_door(lite_app)
    cadre.send(f"{PAGE}/stop", {"present": PASSWORD}, form=PAGE)
    _signed_in(lite_app)


def test_an_administrator_takes_them_off_which_is_told(
    app: Flask, world: World, clock: Clock
) -> None:
    cadre = _signed_in(app)
    _set_up(cadre, clock)
    admin, account = _signed_in(app, "admin"), world.accounts["cadre"]
    details = f"/people/accounts/details/?id={account}"
    answer = admin.send(f"/people/accounts/codes/?id={account}", form=details)
    assert "已取消动态验证码" in admin.get(answer.location).text
    _signed_in(app)
    with app.app_context():
        kind = Notification.kind == "one-time codes taken off"
        told = set(db.session.scalars(select(Notification.account_id).where(kind)))
        assert told == {account, world.accounts["committee"]}
    for name in ("cadre", "committee"):
        assert "取消了陈欧账号的动态验证码" in person(app, name).get("/notifications/").text
    own = admin.send(f"/people/accounts/codes/?id={world.accounts['admin']}", form=details)
    assert own.status_code == 403


def test_where_nothing_is_written_a_code_is_taken_once_as_well(
    lite_app: Flask, lite_world: World, clock: Clock
) -> None:
    key, recovery = _set_up(_signed_in(lite_app), clock)
    clock.go_on(minutes=1)
    with only_read(lite_app):
        first, second, third = (_at_the_door(lite_app) for _number in range(3))
        assert _send(first, code_at(key, clock.at))[0] == 302
        assert first.get("/my/profile").status_code == 200
        assert _send(second, code_at(key, clock.at))[0] == 200
        assert _send(third, recovery[0])[0] == 200
