"""Sessions as rows: which end when, and what a copied cookie is worth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.web.ailing import only_read
from tiesan.admin.shell import sign_in, signed_in
from tiesan.app import create_app
from tiesan.audit import SIGN_IN, AuditEntry
from tiesan.clock import day_of, now
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre
from tiesan.people.services import set_active
from tiesan.people.sessions import AccountSession
from tiesan.people.sign_in_settings import PhoneSpan, SignInSettings, change_settings
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World

PHONE = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0"
}
Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Move the clock of signing in ahead, by so long from now on."""

    def move(by: timedelta) -> None:
        for module in (sign_in, signed_in):
            monkeypatch.setattr(module, "now", lambda: datetime.now(UTC) + by)

    return move


def _copied(somebody: Person, app: Flask) -> Person:
    """Somebody with a copy of a person's cookie."""
    other = Person(app.test_client())
    cookie = somebody.client.get_cookie("tiesan_session")
    assert cookie is not None
    other.client.set_cookie("tiesan_session", cookie.value)
    return other


def _signed_in(app: Flask, name: str = "cadre", **sent: object) -> Person:
    somebody = Person(app.test_client())
    given = {"identity": name, "password": PASSWORD, **sent}
    assert somebody.send("/login", given).status_code == 302
    return somebody


def _is_in(somebody: Person) -> bool:
    return somebody.get("/my/profile").status_code == 200


def _rows(app: Flask) -> list[AccountSession]:
    with app.app_context():
        found = list(db.session.scalars(select(AccountSession).order_by(AccountSession.id)))
        db.session.expunge_all()
        return found


def test_signing_out_ends_one_session_and_its_copies(app: Flask, world: World) -> None:
    here, elsewhere = _signed_in(app), _signed_in(app)
    thief = _copied(here, app)
    assert _is_in(thief)
    here.send("/logout", form="/my/profile")
    assert (_is_in(here), _is_in(thief), _is_in(elsewhere)) == (False, False, True)
    with app.app_context():
        beside = create_app(url=db.engine.url, instance=Path(app.instance_path))
    beside.secret_key = app.secret_key
    assert not _is_in(_copied(thief, beside))
    assert _is_in(_copied(elsewhere, beside))
    with beside.app_context():
        db.engine.dispose()


def test_what_was_planted_before_is_worth_nothing(lite_app: Flask, lite_world: World) -> None:
    """The cookie of a stranger, and the token of an old session, are others after signing in."""
    victim = Person(lite_app.test_client())
    victim.get("/login")
    planted = _copied(victim, lite_app)
    victim.sign_in("cadre")
    assert not _is_in(planted)
    with victim.client.session_transaction() as session:
        first = session["token"]
        session["token"] = "chosen by somebody"
    assert not _is_in(victim)
    victim.sign_in("cadre")
    with victim.client.session_transaction() as session:
        assert session["token"] not in {first, "chosen by somebody"}
    assert all(first not in row.token_digest for row in _rows(lite_app))


def test_a_token_is_worth_nothing_with_another_account(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    with cadre.client.session_transaction() as session:
        session["_user_id"] = "admin"
    assert not _is_in(cadre)


def test_sessions_are_listed_and_ended_from_elsewhere(lite_app: Flask, lite_world: World) -> None:
    here, phone, third = _signed_in(lite_app), Person(lite_app.test_client()), _signed_in(lite_app)
    phone.client.environ_base.update(PHONE)
    phone.sign_in("cadre")
    listed = here.get("/my/profile").text
    assert "微信 · Android" in listed
    assert listed.count("/my/profile/session/") == 2
    row = next(each for each in _rows(lite_app) if each.browser == "wechat")
    answer = here.send(f"/my/profile/session/{row.id}/end", form="/my/profile")
    assert "该会话已结束" in here.get(answer.location).text
    assert (_is_in(phone), _is_in(third)) == (False, True)
    here.send("/my/profile/sessions/end", form="/my/profile")
    assert (_is_in(here), _is_in(third)) == (True, False)
    assert here.get("/my/profile").text.count("/my/profile/session/") == 0


def test_nobody_ends_a_session_of_somebody_else(lite_app: Flask, lite_world: World) -> None:
    cadre, admin = _signed_in(lite_app), person(lite_app, "admin")
    row = _rows(lite_app)[0]
    answer = admin.send(f"/my/profile/session/{row.id}/end", form="/my/profile")
    assert messages(admin.get(answer.location)) == ["该会话已不存在。"]
    assert _is_in(cadre)


def test_another_password_ends_all_but_this_one(lite_app: Flask, lite_world: World) -> None:
    here, elsewhere = _signed_in(lite_app), _signed_in(lite_app)
    copied = _copied(here, lite_app)
    given = {"present": PASSWORD, "new": "又一个足够长的新密码", "again": "又一个足够长的新密码"}
    assert here.send("/my/profile/", given).status_code == 302
    assert (_is_in(here), _is_in(elsewhere), _is_in(copied)) == (True, False, False)
    assert [row.ended_at is None for row in _rows(lite_app)] == [False, False, True]


def test_switched_off_and_on_or_left_one_signs_in_again(lite_app: Flask, lite_world: World) -> None:
    cadre, chair = _signed_in(lite_app), _signed_in(lite_app, "chair")
    with lite_app.app_context():
        account = db.session.get_one(Account, lite_world.accounts["cadre"])
        for active in (False, True):
            set_active(SIGN_IN, db.session(), account, active=active, at=now(), reason="试")
        of_chair = db.session.get_one(Account, lite_world.accounts["chair"]).cadre_id
        leaves = update(Cadre).where(Cadre.id == of_chair)
        db.session.execute(leaves.values(left_on=day_of(now())))
        db.session.commit()
    assert (_is_in(cadre), _is_in(chair)) == (False, False)
    assert chair.sign_in("chair").status_code == 302
    assert _is_in(chair)


@pytest.mark.parametrize(
    ("steps", "holds"),
    # In minutes, at each of which a page is opened; the last one says.
    [([119], True), ([121], False), ([100, 200, 300, 400, 500, 600, 700, 719], True),
     ([100, 200, 300, 400, 500, 600, 700, 721], False)],
)  # fmt: skip
def test_a_session_is_idle_for_two_hours_and_holds_for_twelve(
    steps: list[int], holds: bool, later: Later, app: Flask, world: World
) -> None:
    cadre = _signed_in(app)
    for minutes in steps:
        later(timedelta(minutes=minutes))
        found = _is_in(cadre)
    assert found == holds


def test_a_page_that_is_read_writes_seldom(
    later: Later, lite_app: Flask, lite_world: World
) -> None:
    cadre = _signed_in(lite_app)

    def seen() -> datetime:
        cadre.get("/my/profile")
        return _rows(lite_app)[0].seen_at

    first = seen()
    later(timedelta(minutes=4))
    assert seen() == first
    later(timedelta(minutes=6))
    assert seen() > first


def _phone(app: Flask, name: str, *, ticked: bool = True) -> Person:
    phone = Person(app.test_client())
    phone.client.environ_base.update(PHONE)
    ticks = {"own_phone": "1"} if ticked else {}
    phone.send("/login", {"identity": name, "password": PASSWORD, **ticks})
    return phone


@pytest.mark.parametrize(
    ("phone", "days", "holds"),
    [("cadre", [6, 12, 18, 24, 29.9], True), ("cadre", [7.1], False),
     ("cadre", [6, 12, 18, 24, 30.1], False), ("cadre, not ticked", [1], False),
     ("supervisor", [1], False)],
)  # fmt: skip
def test_on_a_phone_of_ones_own_a_cadre_stays(
    phone: str, days: list[float], holds: bool, later: Later, lite_app: Flask, lite_world: World
) -> None:
    name, _comma, unticked = phone.partition(",")
    somebody = _phone(lite_app, name, ticked=not unticked)
    for each in days:
        later(timedelta(days=each))
        found = _is_in(somebody)
    assert found == holds


def test_own_phones_can_be_switched_off(later: Later, lite_app: Flask, lite_world: World) -> None:
    phone = _phone(lite_app, "cadre")
    with lite_app.app_context():
        off = SignInSettings(PhoneSpan(0, 30))
        change_settings(SIGN_IN, db.session(), off, at=now())
        db.session.commit()
    assert "own_phone" not in Person(_client(lite_app)).get("/login").text
    later(timedelta(hours=3))
    assert not _is_in(phone)


def _client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base.update(PHONE)
    return client


def test_where_nothing_is_written_one_signs_in_and_out_later(app: Flask, world: World) -> None:
    """The cookie says since when; once the database takes rows, the session is one like others."""
    with only_read(app):
        cadre = _signed_in(app)
        thief = _copied(cadre, app)
        assert _is_in(cadre)
        assert _rows(app) == []
    assert _is_in(cadre)
    assert [row.ended_at for row in _rows(app)] == [None]
    cadre.send("/logout", form="/my/profile")
    assert (_is_in(cadre), _is_in(thief)) == (False, False)


def test_the_settings_are_for_who_administers_everything(
    lite_app: Flask, lite_world: World
) -> None:
    admin = person(lite_app, "admin")
    answer = admin.send("/settings/sign-in/", {"idle_days": "3", "most_days": "20"})
    assert "已保存" in admin.get(answer.location).text
    assert 'value="3"' in admin.get("/settings/sign-in/").text
    with lite_app.app_context():
        entry = db.session.scalars(select(AuditEntry).filter_by(verb="set sign-in")).one()
        number = entry.id
    kept = admin.get(f"/audit/details/?id={number}").text
    assert all(each in kept for each in ("本人手机：闲置天数", "7 → 3", "30 → 20"))
    refused = admin.send("/settings/sign-in/", {"idle_days": "31", "most_days": "20"})
    assert refused.status_code == 200
    assert 'value="20"' in admin.get("/settings/sign-in/").text
