"""`tiesan serve` under strain: several processes, requests that hang, silent connections."""

import json
import logging
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import psutil
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tiesan.admin.shell.request_log import JsonLine, LogLine
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.testing.browsing import person
from tiesan.testing.command import COMMAND, Tiesan, minding_interrupts
from tiesan.testing.world import World


@contextmanager
def serving(folder: Path, url: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server, and the address that it prints; what it logs is in `log`."""
    with (folder / "log").open("w", encoding="utf-8") as log, minding_interrupts():
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0", *words],
            cwd=folder,
            env=Tiesan(folder)._environment(url, "en")
            | {"TIESAN_INSTANCE": str(folder / "instance"), "TIESAN_SCHEDULER": "off"},
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
        )
        assert process.stdout is not None
        with process.stdout:
            found = re.fullmatch(r"Listening on (http://\S+/)\n", process.stdout.readline())
            assert found is not None, (folder / "log").read_text()
            yield process, found.group(1)
            process.terminate()
            process.wait(60)


def answer(address: str) -> int:
    with urllib.request.urlopen(address, timeout=60) as answered:  # noqa: S310 - our own server
        return int(answered.status)


def soon(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that serve."""
    return psutil.Process(process.pid).children()


def test_one_of_several_processes_that_dies_is_replaced(sqlite_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, sqlite_url, "--processes", "2") as (process, address):
        assert answer(address + "healthz") == 200
        first, second = below(process)
        first.kill()
        assert soon(lambda: len(set(below(process)) - {first}) == 2)
        assert second in below(process)
        assert [answer(address + "login") for _ in range(5)] == [200] * 5
        children = below(process)
    assert process.returncode == 0
    assert not any(child.is_running() for child in children)
    assert f"process {first.pid} ended with status -9" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_one_above(
    ending: signal.Signals, sqlite_url: str, tmp_path: Path
) -> None:
    with serving(tmp_path, sqlite_url, "--processes", "2") as (process, address):
        assert answer(address + "login") == 200
        children = below(process)
        process.send_signal(ending)
        process.wait(60)
        assert soon(lambda: not any(child.is_running() for child in children))


def test_processes_that_cannot_begin_are_given_up(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file where a folder should be")
    with serving(tmp_path, sqlite_url, "--processes", "2") as (process, _address):
        assert process.wait(60) == 1
    said = (tmp_path / "log").read_text()
    assert "The processes end as soon as they have begun." in said


def test_a_request_that_hangs_ends_with_its_process(sqlite_url: str, tmp_path: Path) -> None:
    """It waits for somebody who is writing and does not come to an end."""
    Tiesan(tmp_path)("demo", "--no-evaluate", "--quiet", database=sqlite_url)
    words = ("--processes", "2", "--request-seconds", "2")
    engine = make_engine(read_database_url(sqlite_url))
    with serving(tmp_path, sqlite_url, *words) as (process, address), Session(engine) as session:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address + "login") as form:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.read().decode())
        assert token is not None
        given = {"csrf_token": token.group(1), "identity": "cadre", "password": "tiesan-demo"}
        begin_writing(session)
        hanging = Thread(target=_send, args=(opener, address + "login", given))
        hanging.start()
        before = set(below(process))
        assert soon(lambda: len(set(below(process)) - before) > 0)
        assert answer(address + "login") == 200
        hanging.join(60)
    engine.dispose()
    said = (tmp_path / "log").read_text()
    assert re.search(r"request \w+ has been running for \d+ s: POST /login", said)
    assert "begin_writing" in said


def _send(opener: urllib.request.OpenerDirector, address: str, given: dict[str, str]) -> None:
    try:
        opener.open(address, urllib.parse.urlencode(given).encode()).close()
    except (urllib.error.URLError, ConnectionError):
        # Its process was ended.
        return


def test_half_open_requests_keep_nobody_out(sqlite_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, sqlite_url) as (_process, address), ExitStack() as connections:
        where = urlsplit(address)
        for _number in range(125):
            each = connections.enter_context(
                socket.create_connection((where.hostname or "", where.port or 0))
            )
            each.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        assert answer(address + "login") == 200


def test_each_request_has_a_line_with_its_number(sqlite_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, sqlite_url, "--log", "json") as (_process, address):
        request = urllib.request.Request(  # noqa: S310 - our own server
            address + "login?next=/secret", headers={"X-Request-Id": "from-proxy-1"}
        )
        with urllib.request.urlopen(request) as answered:  # noqa: S310 - as above
            answered.read()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (line,) = [line for line in lines if line["logger"] == "tiesan.requests"]
    assert (line["request"], line["path"], line["status"]) == ("from-proxy-1", "/login", "200")
    assert "secret" not in str(line)


def test_a_line_names_the_account_and_the_error_page_the_number(
    lite_app: Flask, lite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tiesan.requests")
    page = person(lite_app, "cadre").get("/nowhere?name=secret")
    (line,) = [each for each in caplog.records if each.name == "tiesan.requests"]
    number = vars(line)["request_id"]
    assert number in page.text
    assert line.getMessage().startswith("GET /nowhere 404 ")
    assert line.getMessage().endswith(f"account {lite_world.accounts['cadre']}")
    assert number in LogLine().format(line)
    assert json.loads(JsonLine().format(line))["account"] == lite_world.accounts["cadre"]


@pytest.mark.parametrize("given", ["short", "with a blank", "x" * 65, 'quoted"12345'])
def test_what_does_not_look_like_a_number_is_not_taken(
    given: str, lite_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tiesan.requests")
    lite_app.test_client().get("/nowhere", headers={"X-Request-Id": given}).close()
    assert [vars(each)["request_id"] == given for each in caplog.records] == [False]


def test_files_have_no_line(lite_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tiesan.requests")
    lite_app.test_client().get(f"{lite_app.static_url_path}/shell/base.css").close()
    assert caplog.records == []
