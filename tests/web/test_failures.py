"""When something fails: a page in the reader's language, with its navigation and the true state."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url, select, text

from plugins.discipline.models import Expense, WorkLog
from tests.web.ailing import Wire, broken_before, end_connections, full, only_read
from tests.web.entering import expense, rows
from tests.web.test_kept_forms import NEW, TEXT, filled_in, kept, written
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.fixtures import application
from tiesan.testing.world import PASSWORD, World

FORM = "/records/expense/new/"
AILING = {"full": (full, "磁盘已满"), "read": (only_read, "数据库目前只能读取")}
postgres = pytest.mark.postgres


# --- every error has a page -----------------------------------------------------------------------


def test_every_error_page_has_the_navigation_of_who_is_signed_in(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    supervisor = person(lite_app, "supervisor")
    large = {"content": "x" * (3 * 1024 * 1024)}
    answers = {
        404: supervisor.get("/nowhere"),
        403: supervisor.get("/records/conduct_report/"),
        405: supervisor.client.post("/flags/"),
        413: supervisor.client.post(NEW, data=large),
        400: supervisor.client.post("/language", data={"language": "zh_Hans_CN"}),
    }
    for code, page in answers.items():
        assert page.status_code == code
        _is_a_page(page, "无权访问" if code == 403 else "")


def _is_a_page(page: object, said: str = "", *, language: str = "zh-CN") -> None:
    """Whether an answer is a page as the signed-in know them, without the program's inside."""
    shown = str(page.text)  # type: ignore[attr-defined]
    assert f'<html lang="{language}">' in shown
    assert 'id="page-side"' in shown
    assert 'href="/rules/"' in shown
    assert "Traceback" not in shown
    assert said in shown


def test_a_failure_of_the_program_is_told_in_the_language_of_the_reader(
    lite_app: Flask, lite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lite_world.records
    monkeypatch.setitem(lite_app.view_functions, "flag.index_view", lambda: 1 // 0)
    supervisor = person(lite_app, "supervisor")
    page = supervisor.get("/flags/")
    assert page.status_code == 500
    _is_a_page(page, "系统出错")
    supervisor.send("/language", {"language": "en", "next": "/"}, form="/")
    page = supervisor.get("/flags/")
    _is_a_page(page, "Something went wrong", language="en")
    assert "ZeroDivisionError" not in page.text
    stranger = person(lite_app).get("/nowhere")
    assert stranger.status_code == 404
    assert 'id="page-side"' not in stranger.text


# --- a full disk, and a database that is only read ------------------------------------------------


@pytest.mark.parametrize("how", AILING)
def test_the_true_cause_is_said_and_what_was_typed_is_kept(
    how: str, app: Flask, world: World
) -> None:
    assert world.records
    ails, said = AILING[how]
    cadre, before = person(app, "cadre"), len(rows(app, WorkLog))
    sent = written(cadre)
    with ails(app):
        page = cadre.client.post(NEW, data=sent)
        assert page.status_code == 503
        _is_a_page(page, said)
        assert "正忙" not in page.text
        assert filled_in(page) == TEXT
        assert cadre.get("/records/work_log/").status_code == 200
    again = cadre.client.post(NEW, data={**sent, "csrf_token": _token(page)})
    assert again.status_code == 302
    assert len(rows(app, WorkLog)) == before + 1


def _token(page: object) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', str(page.text))  # type: ignore[attr-defined]
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("how", AILING)
def test_signing_in_works_and_wrong_passwords_still_make_pauses(
    how: str, app: Flask, world: World
) -> None:
    assert world.records
    ails, _said = AILING[how]
    thief = Person(app.test_client())
    with ails(app):
        owner = Person(app.test_client())
        answer = owner.sign_in("cadre")
        assert (answer.status_code, answer.location) == (302, "/first")
        assert owner.get("/").status_code == 200
        wrong = [messages(thief.sign_in("chair", "wrong password")) for _ in range(5)]
        assert wrong == [["用户名或密码不正确。"]] * 5
        paused = messages(thief.sign_in("chair", PASSWORD))
        assert paused == ["密码错误次数过多，请1分钟后再试。"]
        out = owner.send("/logout", form="/")
        assert out.status_code == 302
        assert "已在此处退出" in " ".join(messages(owner.get(out.location)))
        assert owner.get("/").status_code == 302
    # The pause outlives the cause of its not being written.
    assert messages(thief.sign_in("chair", PASSWORD)) == paused
    assert Person(app.test_client()).sign_in("cadre").status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Account.login_count).filter_by(username="cadre")).one()


def test_what_cannot_be_noted_is_not_shown(app: Flask, world: World) -> None:
    """A look at a report is written down, or there is none."""
    address = f"/records/conduct_report/details/?id={world.records['conduct_report']['O']}"
    committee = person(app, "committee")
    for ails, said in AILING.values():
        with ails(app):
            page = committee.get(address)
            assert page.status_code == 503
            assert said in page.text
            assert 'id="page-side"' in page.text
    assert committee.get(address).status_code == 200


def test_no_page_that_only_shows_needs_room(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    with full(lite_app):
        page = cadre.get("/").text
        side = page[page.index('id="page-side"') : page.index("</nav>")]
        links = [part.partition('"')[0] for part in side.split('href="')[1:]]
        # The page of one's own year leads on to where it is.
        found = {link: cadre.client.get(link, follow_redirects=True).status_code for link in links}
        assert found == dict.fromkeys(links, 200)


# --- a connection that breaks ---------------------------------------------------------------------


def _stored(app: Flask, code: str) -> int:
    with app.app_context():
        return db.session.query(Expense).filter_by(code=code).count()


@postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
class TestBroken:
    """On PostgreSQL, whose server ends connections; SQLite has none."""

    def test_connections_that_were_ended_meanwhile_are_replaced(
        self, app: Flask, world: World
    ) -> None:
        assert world.records
        cadre = person(app, "cadre")
        assert cadre.get("/").status_code == 200
        assert end_connections(app) > 0
        assert cadre.get("/").status_code == 200
        sent = written(cadre)
        assert end_connections(app) > 0
        assert cadre.client.post(NEW, data=sent).status_code == 302

    def test_a_page_that_only_shows_says_so(self, app: Flask, world: World) -> None:
        assert world.records
        supervisor = person(app, "supervisor")
        with broken_before(app, lambda statement: "FROM discipline_expense" in statement) as done:
            page = supervisor.get("/records/expense/")
        assert len(done) == 1
        assert page.status_code == 503
        _is_a_page(page, "数据库连接中断")

    def test_so_does_one_whose_reader_is_not_known_yet(self, app: Flask, world: World) -> None:
        assert world.records
        supervisor = person(app, "supervisor")
        with broken_before(app, lambda statement: "FROM account" in statement) as done:
            page = supervisor.get("/records/expense/")
        assert len(done) == 1
        assert page.status_code == 503
        _is_a_page(page, "数据库连接中断")

    @pytest.mark.parametrize(
        "place", ["INSERT INTO discipline_expense", "INSERT INTO audit_entry", "txid_current"]
    )
    def test_before_the_commit_nothing_is_stored_and_what_was_typed_is_kept(
        self, place: str, app: Flask, world: World
    ) -> None:
        supervisor = person(app, "supervisor")
        sent = supervisor.filled(FORM, expense(world, "O", code="B1"))
        with broken_before(app, lambda statement: place in statement) as done:
            page = supervisor.client.post(FORM, data=sent)
        assert len(done) == 1
        assert page.status_code == 503
        _is_a_page(page, "数据库连接中断")
        assert "没有保存" in messages(page)[0]
        assert 'value="红旗饭店"' in page.text
        assert _stored(app, "B1") == 0
        sent["csrf_token"] = _token(page)
        assert supervisor.client.post(FORM, data=sent).status_code == 302
        assert _stored(app, "B1") == 1

    def test_after_the_commit_it_is_said_that_it_was_stored(self, app: Flask, world: World) -> None:
        supervisor = person(app, "supervisor")
        sent = supervisor.filled(FORM, expense(world, "O", code="B2"))
        seen: list[str] = []

        def is_after(statement: str) -> bool:
            """What is said about the row is read after it was stored."""
            seen.append(statement)
            return any("txid_current" in each for each in seen[:-1])

        with broken_before(app, is_after) as done:
            page = supervisor.client.post(FORM, data=sent)
        assert len(done) == 1
        assert page.status_code in (302, 303)
        shown = supervisor.get(page.location)
        assert shown.status_code == 200
        assert any("已保存" in each for each in messages(shown))
        _is_stored_once(app, "B2")

    def test_a_commit_whose_answer_was_lost_is_asked_about(
        self, wired: tuple[Flask, Wire], world: World
    ) -> None:
        app, wire = wired
        supervisor = person(app, "supervisor")
        sent = supervisor.filled(FORM, expense(world, "O", code="B3"))
        wire.cuts_next_commit = True
        answer = supervisor.client.post(FORM, data=sent)
        assert wire.cuts == 1
        assert (answer.status_code, answer.location) == (303, "/records/expense/")
        assert any("已保存" in each for each in messages(supervisor.get(answer.location)))
        _is_stored_once(app, "B3")

    def test_while_the_server_is_away_what_was_typed_is_kept_on_the_page_that_says_so(
        self, wired: tuple[Flask, Wire], world: World
    ) -> None:
        assert world.records
        app, wire = wired
        cadre = person(app, "cadre")
        sent = written(cadre)
        wire.go_down()
        page = cadre.client.post(NEW, data=sent)
        for _time in range(2):
            assert page.status_code == 503
            assert "数据库连接中断" in page.text
            assert "Traceback" not in page.text
            brought = kept(page, over="2")
            assert str(brought["content"]).replace("\r\n", "\n") == TEXT
            page = cadre.client.post(NEW, data=brought)
        assert cadre.get("/").status_code == 503
        wire.is_down = False
        back = cadre.client.post(NEW, data=brought)
        assert back.status_code == 200
        assert any("尚未保存" in each for each in messages(back))
        assert filled_in(back) == TEXT
        stored = cadre.client.post(NEW, data={**sent, "csrf_token": _token(back)})
        assert stored.status_code == 302


@pytest.fixture
def wired(database_url: str, world: World, tmp_path: Path) -> Iterator[tuple[Flask, Wire]]:
    """The application on a server at the other end of a wire."""
    assert world.records
    url = make_url(database_url)
    wire = Wire(str(url.host), url.port or 5432)
    behind = url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
    for app in application(behind, tmp_path):
        yield app, wire
    wire.close()


def _is_stored_once(app: Flask, code: str) -> None:
    """Whether a record is there once, with its entry in the trail, and evaluated."""
    assert _stored(app, code) == 1
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).filter_by(object_code=code)).all()
        assert len(entries) == 1
        assert db.session.scalar(text("SELECT count(*) FROM pending_evaluation")) == 0
