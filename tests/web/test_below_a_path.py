"""Served below a path of a host by a proxy, nothing leads out of it: links, redirects, cookies."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tiesan.app import create_app
from tiesan.extensions import db
from tiesan.testing.browsing import Person
from tiesan.testing.world import PASSWORD, World

PREFIX = "/union"
FLAGS = f"{PREFIX}/flags/"
_ADDRESS = re.compile(r"""(?<![\w-])(?:href|src|action|formaction|data-[a-z-]+)=["']([^"']*)["']""")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_MANY_PAGES = 60


@pytest.fixture
def below(filled: tuple[Path, World], lite_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application as one proxy serves it below a path, by one name."""
    with lite_app.app_context():
        url = db.engine.url
    environment = {"TIESAN_PROXIES": "1", "TIESAN_HOSTS": "tiesan.example.cn"}
    app = create_app(url=url, instance=tmp_path / "instance", environment=environment)
    app.config["PATIENCE_SECONDS"] = app.config["SAVE_SECONDS"] = 300
    yield app
    app.extensions["background"].close()
    app.extensions["runner"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()


class Below(Person):
    """Somebody whose proxy cuts off the prefix and says so."""

    def ask(self, address: str, method: str = "GET", **given: object) -> TestResponse:
        """Open an address as it stands on a page."""
        assert address.startswith(f"{PREFIX}/"), address
        answer = self.client.open(
            address.removeprefix(PREFIX),
            method=method,
            headers={
                "X-Forwarded-Prefix": PREFIX,
                "X-Forwarded-Host": "tiesan.example.cn",
                "X-Forwarded-For": "192.0.2.1",
                "X-Forwarded-Proto": "https",
                "Referer": f"https://tiesan.example.cn{PREFIX}/",
            },
            # By it the client knows which cookies go with the request.
            base_url=f"http://tiesan.example.cn{PREFIX}",
            **given,  # type: ignore[arg-type]
        )
        answer.get_data()
        answer.close()
        return answer

    def sent(self, address: str, form: str, given: dict[str, str]) -> TestResponse:
        """Send what is given to an address, with the word of a form that another one shows."""
        token = _TOKEN.search(self.ask(form).text)
        assert token is not None
        return self.ask(address, "POST", data={"csrf_token": token.group(1)} | given)


def addresses(page: str) -> Iterator[str]:
    """Every address of this site on a page."""
    for found in _ADDRESS.findall(page):
        address = unescape(found)
        if address.startswith("/"):
            yield address


def kind_of(address: str) -> str:
    """Pages that differ in numbers only are one."""
    return re.sub(r"\d+", "0", address.partition("#")[0])


def signed_in(app: Flask) -> Below:
    """The administrator, who wanted to see the flags."""
    somebody = Below(app.test_client())
    sent = somebody.ask(FLAGS)
    assert sent.location == f"{PREFIX}/login?next={FLAGS}"
    given = {"identity": "admin", "password": PASSWORD}
    done = somebody.sent(sent.location, sent.location, given)
    assert done.location == FLAGS
    cookies = done.headers.getlist("Set-Cookie")
    assert cookies
    assert [each for each in cookies if f"Path={PREFIX};" not in f"{each};"] == []
    return somebody


def test_no_page_leads_out_of_it(below: Flask) -> None:
    somebody = signed_in(below)
    waiting, known, opened = [f"{PREFIX}/"], {f"{PREFIX}/"}, 0
    while waiting and opened < _MANY_PAGES:
        address = waiting.pop(0)
        page = somebody.ask(address)
        if page.location:
            assert page.location.startswith(f"{PREFIX}/"), (address, page.location)
        if page.mimetype != "text/html" or page.location:
            continue
        opened += 1
        for found in addresses(page.text):
            assert found.startswith((f"{PREFIX}/", f"{PREFIX}?")), (address, found)
            if kind_of(found) not in known and "/assets/" not in found:
                known.add(kind_of(found))
                waiting.append(found)
    assert opened == _MANY_PAGES


def test_no_form_leads_out_of_it(below: Flask) -> None:
    somebody = signed_in(below)
    assert somebody.sent(f"{PREFIX}/logout", f"{PREFIX}/", {}).location == f"{PREFIX}/login"
    assert somebody.sent(f"{PREFIX}/login", f"{PREFIX}/login", {
        "identity": "admin", "password": PASSWORD,
    }).location == f"{PREFIX}/first"  # fmt: skip
    for there, leads in ((FLAGS, FLAGS), ("/elsewhere", f"{PREFIX}/"), ("//x", f"{PREFIX}/")):
        given = {"language": "en", "next": there}
        assert somebody.sent(f"{PREFIX}/language", FLAGS, given).location == leads


def test_what_installs_it_begins_below_it(below: Flask) -> None:
    given = {"X-Forwarded-Prefix": PREFIX, "X-Forwarded-Host": "tiesan.example.cn"}
    said = below.test_client().get("/manifest.webmanifest", headers=given).get_json()
    assert (said["start_url"], said["scope"]) == (f"{PREFIX}/", f"{PREFIX}/")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("tiesan.example.cn", "/login", 200),
        ("tiesan.example.cn:8443", "/login", 200),
        ("elsewhere.example.cn", "/login", 400),
        ("tiesan.example.cn.elsewhere.example.cn", "/login", 400),
        ("127.0.0.1:8000", "/healthz", 200),
        ("127.0.0.1:8000", "/login", 400),
    ],
)
def test_only_the_hosts_that_are_named_are_answered(
    host: str, path: str, status: int, below: Flask
) -> None:
    answer = below.test_client().get(path, headers={"X-Forwarded-Host": host})
    assert answer.status_code == status


def test_without_names_every_host_is_answered(lite_app: Flask) -> None:
    answer = lite_app.test_client().get("/login", base_url="http://elsewhere.example.cn")
    assert answer.status_code == 200
