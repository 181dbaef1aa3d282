"""Signing in and out, and what holds for every answer."""

import re
import stat
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tiesan.admin.shell.assets import assets_path
from tiesan.app import create_app
from tiesan.clock import day_of, now
from tiesan.config import read_database_url
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.people.services import set_active
from tiesan.secret_key import stored_key
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World


def test_signing_in_leads_to_where_one_was_going(app: Flask, world: World) -> None:
    stranger = Person(app.test_client())
    sent = stranger.get("/flags/?flt_severity=serious")
    assert sent.location == "/login?next=/flags/?flt_severity%3Dserious"
    answer = stranger.send(sent.location, {"identity": "cadre", "password": PASSWORD})
    assert answer.location == "/flags/?flt_severity=serious"
    assert stranger.get(answer.location).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example"]
)
def test_signing_in_leads_to_no_other_site(
    elsewhere: str, lite_app: Flask, lite_world: World
) -> None:
    stranger = Person(lite_app.test_client())
    answer = stranger.send(f"/login?next={elsewhere}", {"identity": "cadre", "password": PASSWORD})
    assert urlsplit(urljoin("http://localhost/", answer.location)).netloc == "localhost"


def test_an_e_mail_address_is_as_good_as_a_name(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["cadre"])
        assert account is not None
        account.email = "ou@tiesan.example"
        db.session.commit()
    assert Person(lite_app.test_client()).sign_in("ou@tiesan.example").status_code == 302


@pytest.mark.parametrize(
    ("identity", "password"), [("cadre", "wrong password"), ("nobody knows", PASSWORD)]
)
def test_what_was_wrong_is_not_told(
    identity: str, password: str, lite_app: Flask, lite_world: World
) -> None:
    answer = Person(lite_app.test_client()).sign_in(identity, password)
    assert answer.status_code == 200
    assert messages(answer) == ["用户名或密码不正确。"]


@pytest.mark.parametrize(
    ("identity", "password"),
    # The last one is one character that Unicode takes for eighteen.
    [("a\0b", PASSWORD), ("cadre", "x" * 10_000), ("cadre", "\ufdfa" * 500)],
)
def test_no_name_and_no_password_makes_signing_in_fail(
    identity: str, password: str, app: Flask, world: World
) -> None:
    answer = Person(app.test_client()).sign_in(identity, password)
    assert answer.status_code == 200
    assert messages(answer) == ["用户名或密码不正确。"]


def test_an_old_hash_lets_in_and_is_renewed(app: Flask, world: World) -> None:
    def stored() -> str:
        with app.app_context():
            account = db.session.get(Account, world.accounts["cadre"])
            assert account is not None
            assert account.password is not None
            return account.password

    old = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4).hash(PASSWORD)
    with app.app_context():
        account = db.session.get(Account, world.accounts["cadre"])
        assert account is not None
        account.password = old
        db.session.commit()
    here = person(app, "cadre")
    assert Person(app.test_client()).sign_in("cadre", "wrong password").status_code == 200
    assert stored() == old
    assert Person(app.test_client()).sign_in("cadre").status_code == 302
    renewed = stored()
    assert "$m=19456,t=2,p=1$" in renewed
    assert here.get("/").status_code == 200
    assert Person(app.test_client()).sign_in("cadre").status_code == 302
    assert stored() == renewed


def test_an_account_that_is_switched_off_stays_outside(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["cadre"])
        assert account is not None
        account.active = False
        db.session.commit()
    assert messages(Person(lite_app.test_client()).sign_in("cadre")) == ["账号已停用。"]


def test_signing_out_ends_the_session(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    assert cadre.client.get("/logout").status_code == 405
    assert cadre.send("/logout", form="/").location == "/login"
    assert cadre.get("/").status_code == 302


def test_the_session_is_for_this_site_and_no_script(lite_app: Flask, lite_world: World) -> None:
    answer = Person(lite_app.test_client()).sign_in("cadre")
    cookies = answer.headers.getlist("Set-Cookie")
    names = sorted(each.partition("=")[0] for each in cookies)
    assert names == ["tiesan_device", "tiesan_session"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/login",
        "/flags/",
        "/nowhere",
        pytest.param(f"{assets_path()}/shell/base.css", id="/assets/shell/base.css"),
    ],
)
def test_every_answer_carries_the_headers(address: str, lite_app: Flask, lite_world: World) -> None:
    headers = person(lite_app, "cadre").get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; script-src 'self' 'nonce-")
    assert "unsafe" not in policy


def test_each_page_has_a_nonce_of_its_own(lite_app: Flask, lite_world: World) -> None:
    pages = [person(lite_app).get("/login") for _ in range(2)]
    nonces = [re.findall(r'nonce="([^"]+)"', page.text) for page in pages]
    assert all(len(set(found)) == 1 for found in nonces)
    assert nonces[0][0] != nonces[1][0]
    assert f"'nonce-{nonces[0][0]}'" in pages[0].headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("who", "address", "said"),
    [
        ("supervisor", "/records/expense/new/", "页面在提交前已失效"),
        ("admin", "/evaluate", "表单已失效"),
        ("admin", "/language", "表单已失效"),
        ("admin", "/logout", "表单已失效"),
        (None, "/login", "表单已失效"),
    ],
)
def test_nothing_is_done_without_a_token(
    who: str | None, address: str, said: str, lite_app: Flask, lite_world: World
) -> None:
    answer = person(lite_app, who).client.post(address, data={"payee": "x"})
    assert answer.status_code == 400
    assert said in answer.text
    assert "Traceback" not in answer.text


def test_errors_speak_both_languages(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    assert "页面不存在" in cadre.get("/nowhere").text
    assert "无权访问" in cadre.get("/people/accounts/").text
    cadre.send("/language", {"language": "en", "next": "/"}, form="/")
    assert "Nothing here" in cadre.get("/nowhere").text
    assert "Not for you" in cadre.get("/people/accounts/").text
    assert '<html lang="en">' in cadre.get("/").text


def test_a_failure_shows_nothing_of_the_inside(lite_app: Flask, lite_world: World) -> None:
    @lite_app.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError("the secret inside")

    answer = person(lite_app, "cadre").get("/fails")
    assert answer.status_code == 500
    assert "系统出错" in answer.text
    assert "secret" not in answer.text


def test_the_language_is_kept_and_no_other_is_taken(lite_app: Flask, lite_world: World) -> None:
    stranger = person(lite_app)
    assert "登录" in stranger.get("/login").text
    answer = stranger.send("/language", {"language": "en", "next": "//evil"}, form="/login")
    assert answer.location == "/"
    assert "Sign in" in stranger.get("/login").text
    assert stranger.send("/language", {"language": "xx"}, form="/login").status_code == 400


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("bootstrap/bootstrap4/css/bootstrap.min.css", 200),
        ("vendor/jquery.min.js", 404),
        ("vendor/moment.min.js", 404),
        ("bootstrap/bootstrap4/js/bootstrap.min.js", 404),
    ],
)
def test_of_the_library_only_what_pages_use_is_served(
    file: str, code: int, lite_app: Flask, lite_world: World
) -> None:
    for who in (person(lite_app), person(lite_app, "cadre")):
        assert who.get(f"/static/admin/{file}").status_code == code


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    key = stored_key(folder)
    assert len(key) > 40
    assert stored_key(folder) == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_a_given_key_is_not_stored(tmp_path: Path) -> None:
    url = read_database_url(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    given = {"TIESAN_SECRET_KEY": "given " * 6}
    app = create_app(url=url, instance=tmp_path / "i", environment=given)
    assert app.secret_key == "given " * 6
    assert not (tmp_path / "i").exists()


@pytest.mark.parametrize("key", ["", "a", "x" * 31])
def test_a_given_key_that_is_too_short_is_refused(key: str, tmp_path: Path) -> None:
    url = read_database_url(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(UserError, match="TIESAN_SECRET_KEY"):
        create_app(url=url, instance=tmp_path / "i", environment={"TIESAN_SECRET_KEY": key})


@pytest.mark.parametrize(("key", "mode"), [("", 0o600), ("a", 0o600), ("x" * 40, 0o666)])
def test_a_key_file_that_is_no_secret_is_refused(key: str, mode: int, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(key)
    (tmp_path / "secret_key").chmod(mode)
    with pytest.raises(UserError, match="secret_key"):
        stored_key(tmp_path)


# --- what ends a session --------------------------------------------------------------------


def _copied(cookies: Person, app: Flask) -> Person:
    """Somebody with a copy of a person's cookie."""
    other = Person(app.test_client())
    cookie = cookies.client.get_cookie("tiesan_session")
    assert cookie is not None
    other.client.set_cookie("tiesan_session", cookie.value)
    return other


def test_a_copied_cookie_ends_with_signing_out(app: Flask, world: World) -> None:
    cadre = Person(app.test_client())
    cadre.sign_in("cadre")
    thief = _copied(cadre, app)
    assert thief.get("/").status_code == 200
    cadre.send("/logout", form="/")
    assert thief.get("/").status_code == 302
    assert cadre.sign_in("cadre").status_code == 302
    assert thief.get("/").status_code == 302


def test_an_account_switched_off_and_on_has_no_old_session(
    lite_app: Flask, lite_world: World
) -> None:
    cadre = person(lite_app, "cadre")
    with lite_app.app_context():
        account = db.session.get_one(Account, lite_world.accounts["cadre"])
        for active in (False, True):
            set_active(account.actor, db.session(), account, active=active, at=now(), reason="试")
        db.session.commit()
    assert cadre.get("/").status_code == 302


@pytest.mark.parametrize("name", ["CADRE", "ｃａｄｒｅ", "Cadre"])
def test_a_name_may_be_spelled_otherwise(name: str, lite_app: Flask, lite_world: World) -> None:
    assert Person(lite_app.test_client()).sign_in(name).status_code == 302


def test_signing_in_gives_no_token(lite_app: Flask, lite_world: World) -> None:
    stranger = Person(lite_app.test_client())
    given = stranger.filled("/login", {"identity": "cadre", "password": PASSWORD})
    answer = stranger.client.post(
        "/login?include_auth_token=1", data=given, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 302
    assert "token" not in answer.text


@pytest.mark.parametrize("address", ["/flags", "/records/expense", "/flags?x=1"])
def test_an_address_without_its_slash_leads_to_no_other_site(
    address: str, lite_app: Flask, lite_world: World
) -> None:
    answer = person(lite_app, "cadre").client.get(address, headers={"Host": "evil.example"})
    path, _mark, query = address.partition("?")
    assert answer.location == f"{path}/" + (f"?{query}" if query else "")


def test_who_has_left_signs_in_to_see_flags(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        cadre = db.session.get_one(Account, lite_world.accounts["cadre"]).cadre
        assert cadre is not None
        cadre.left_on = day_of(now())
        db.session.commit()
    left = Person(lite_app.test_client())
    assert left.sign_in("cadre").status_code == 302
    assert left.get("/flags/").status_code == 200
