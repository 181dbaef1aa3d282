"""A server that is killed between a save and its evaluation loses no flag."""

import http.client
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense
from tests.web.entering import expense
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.records.pending import PendingEvaluation, backlogs
from tiesan.testing.browsing import _ONCE, _TOKEN, signed_in
from tiesan.testing.command import Tiesan
from tiesan.testing.world import World

SERVER = Path(__file__).with_name("killed_server.py")
UNAPPROVED = "discipline.expense_unapproved"
PLACES = ("unlocked", "read", "written")
TIMES = 10
FORM = "/records/expense/new/"


class Server:
    """A server process, and a browser whose session is that of the district's supervisor."""

    def __init__(self, app: Flask, url: str, folder: Path, place: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, SERVER, place, "serve", "--port", "0"],
            cwd=folder,
            # What is due would judge the made-up flags meanwhile, if the machine is slow enough.
            env=Tiesan(folder)._environment(url, "en")
            | {"TIESAN_INSTANCE": str(folder / "instance"), "PYTHONWARNINGS": "ignore"}
            | {"TIESAN_SCHEDULER": "off"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        found = re.search(r"http://\S+", self._process.stdout.readline())
        assert found is not None
        self._address = urlsplit(found.group()).netloc
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        kept = signed_in(app, "district")
        self._cookies = {"tiesan_session": serializer.dumps(kept)}

    def ask(self, method: str, address: str, body: str = "") -> str:
        """Send a request and return the page; raises ConnectionError when the server dies."""
        connection = http.client.HTTPConnection(self._address, timeout=120)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        connection.close()
        return page

    def save(self, values: dict[str, object]) -> None:
        """Fill the form and send it; the server dies over it."""
        page = self.ask("GET", FORM)
        for name, pattern in (("csrf_token", _TOKEN), ("once", _ONCE)):
            found = pattern.search(page)
            assert found is not None, page
            values = {**values, name: found.group(1)}
        self.dies_over(FORM, urlencode(values))

    def dies_over(self, address: str, body: str) -> None:
        """Send a form over which the server dies."""
        try:
            self.ask("POST", address, body)
        except ConnectionError:
            assert self._process.wait(timeout=60) == -9
            return
        raise AssertionError("the server has survived")

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def left(app: Flask) -> tuple[int, int]:
    """How many entries are left over, and how many changes the first page shows as such."""
    with app.app_context():
        found = db.session.scalars(select(PendingEvaluation)).all()
        return len(found), sum(each.number for each in backlogs(db.session()))


def test_a_killed_server_leaves_word_and_the_next_one_makes_up_for_it(
    app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    codes = [f"K{number}" for number in range(TIMES)]
    for number, code in enumerate(codes):
        server = Server(app, database_url, tmp_path, PLACES[number % len(PLACES)])
        try:
            # The first request makes up for what the server before it has left.
            assert "Traceback" not in server.ask("GET", "/")
            assert left(app) == (0, 0)
            server.save(expense(world, "O", code=code, payee=code))
        finally:
            server.end()
        assert left(app) == (1, 1)
    with app.app_context():
        stored = set(db.session.scalars(select(Expense.code).where(Expense.code.in_(codes))))
    assert stored == set(codes)
    app.test_client().get("/login")
    assert left(app) == (0, 0)
    with app.app_context():
        flags = select(Flag.key).where(Flag.rule == UNAPPROVED, Flag.active, Flag.key.in_(codes))
        assert sorted(db.session.scalars(flags)) == sorted(codes)
