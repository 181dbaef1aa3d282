"""What was written is not lost when it cannot be stored: the form comes back with the cause."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from plugins.discipline.models import Leave, WorkLog
from tests.web.entering import problems, rows
from tiesan.clock import today
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import PASSWORD, World

NEW = "/records/work_log/new/"
TEXT = '走访三家企业，<了解> "欠薪" & 情况\n第二行'
_AREA = re.compile(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', re.DOTALL)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def written(somebody: Person, address: str = NEW) -> dict[str, object]:
    """Have somebody fill in a form, without sending it."""
    return somebody.filled(address, {"day": f"{today():%Y-%m-%d}", "content": TEXT})


def kept(page: Any, over: str = "1") -> dict[str, object]:
    """What the form of a page brings along that keeps what was written, over signing in or else."""
    assert f'name="kept" value="{over}"' in page.text
    found: dict[str, object] = {name: unescape(text) for name, text in _AREA.findall(page.text)}
    token = _TOKEN.search(page.text)
    assert token is not None
    return {**found, "kept": over, "csrf_token": token.group(1)}


def end_session(somebody: Person) -> None:
    """Let the session of somebody end while they write."""
    with somebody.client.session_transaction() as session:
        session.clear()


def filled_in(page: Any) -> str:
    """What the text of the form says."""
    found = re.search(
        r'<textarea[^>]*name="content"[^>]*>\r?\n?(.*?)</textarea>', page.text, re.DOTALL
    )
    assert found is not None, page.text
    return unescape(found.group(1)).replace("\r\n", "\n")


def test_a_session_that_ended_while_writing_loses_nothing(app: Flask, world: World) -> None:
    assert world.records
    before = len(rows(app, WorkLog))
    cadre = person(app, "cadre")
    sent = written(cadre)
    end_session(cadre)
    page = cadre.client.post(NEW, data=sent)
    assert page.status_code == 403
    assert "您已退出登录" in messages(page)[0]
    brought = kept(page)
    assert str(brought["content"]).replace("\r\n", "\n") == TEXT
    address = unescape(re.findall(r'action="(/login[^"]*)"', page.text)[0])
    # A password that is wrong loses nothing either.
    wrong = cadre.client.post(address, data=brought | {"identity": "cadre", "password": "x" * 9})
    assert wrong.status_code == 200
    brought = kept(wrong)
    given = brought | {"identity": "cadre", "password": PASSWORD}
    signed_in = cadre.client.post(address, data=given)
    assert (signed_in.status_code, signed_in.location) == (307, NEW)
    back = cadre.client.post(NEW, data=given)
    assert back.status_code == 200
    assert any("已重新登录" in each for each in messages(back))
    assert filled_in(back) == TEXT
    assert len(rows(app, WorkLog)) == before
    assert PASSWORD not in back.text
    token = _TOKEN.search(back.text)
    assert token is not None
    again = {**sent, "csrf_token": token.group(1)}
    stored = cadre.client.post(NEW, data=again)
    assert stored.status_code == 302, problems(stored)
    assert len(rows(app, WorkLog)) == before + 1


def test_a_page_that_has_become_invalid_comes_back_filled(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    before = len(rows(lite_app, WorkLog))
    cadre = person(lite_app, "cadre")
    sent = written(cadre) | {"csrf_token": "another"}
    page = cadre.client.post(NEW, data=sent)
    assert page.status_code == 400
    assert any("页面在提交前已失效" in each for each in messages(page))
    assert filled_in(page) == TEXT
    assert len(rows(lite_app, WorkLog)) == before
    token = _TOKEN.search(page.text)
    assert token is not None
    again = cadre.client.post(NEW, data={**sent, "csrf_token": token.group(1)})
    assert again.status_code == 302


@pytest.mark.parametrize("token", ["", "another"])
def test_a_verb_comes_back_filled_and_does_nothing(
    token: str, lite_app: Flask, lite_world: World
) -> None:
    """Nothing is carried out by who sends somebody here from elsewhere."""
    assert lite_world.records
    before = len(rows(lite_app, Leave))
    cadre = person(lite_app, "cadre")
    address = "/records/leave/new/request"
    given = {"kind": "sick", "first_day": "2026-12-01", "last_day": "2026-12-01"}
    page = cadre.client.post(address, data=given | {"csrf_token": token})
    assert page.status_code == 400
    assert 'value="2026-12-01"' in page.text
    assert 'value="sick" checked' in page.text
    assert len(rows(lite_app, Leave)) == before


def test_a_kept_form_stores_nothing_even_with_a_good_token(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    before = len(rows(lite_app, WorkLog))
    cadre = person(lite_app, "cadre")
    page = cadre.client.post(NEW, data=written(cadre) | {"kept": "1"})
    assert page.status_code == 200
    assert filled_in(page) == TEXT
    assert len(rows(lite_app, WorkLog)) == before


def test_a_password_is_not_kept(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    admin = person(lite_app, "admin")
    given = {"username": "new1", "password": "Xk29-blau-Tor"}
    sent = admin.filled("/people/accounts/new/", given)
    end_session(admin)
    page = admin.client.post("/people/accounts/new/", data=sent)
    assert "Xk29-blau-Tor" not in page.text
    assert kept(page)["username"] == "new1"


def test_a_record_that_was_voided_meanwhile_says_so_and_keeps_what_was_written(
    lite_app: Flask, lite_world: World
) -> None:
    row = lite_world.records["work_log"]["O"]
    address = f"/records/work_log/edit/?id={row}"
    supervisor = person(lite_app, "supervisor")
    sent = written(supervisor, address) | {"cadre": lite_world.cadres["CO"], "late_reason": "更正"}
    voiding = person(lite_app, "supervisor")
    voided = voiding.send(f"/records/work_log/void/?id={row}", {"reason": "录错"})
    assert voided.status_code == 302
    page = supervisor.client.post(address, data=sent)
    assert page.status_code == 409
    assert any("已作废" in each for each in messages(page))
    assert filled_in(page) == TEXT
    assert supervisor.get(address).status_code == 403


def test_a_record_that_was_changed_meanwhile_leads_to_what_it_says_now(
    lite_app: Flask, lite_world: World
) -> None:
    row = lite_world.records["work_log"]["O"]
    address = f"/records/work_log/edit/?id={row}"
    supervisor = person(lite_app, "supervisor")
    given = {"cadre": lite_world.cadres["CO"], "day": "2026-03-11", "late_reason": "更正"}
    first, second = (
        supervisor.filled(address, given | {"content": each}) for each in ("第一次更正", TEXT)
    )
    assert supervisor.client.post(address, data=first).status_code == 302
    page = supervisor.client.post(address, data=second)
    assert any("他人已作修改" in each for each in messages(page))
    assert f'href="/records/work_log/details/?id={row}"' in page.text
    assert filled_in(page) == TEXT
    # Having looked, they send it once more, and know what they replace.
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page.text)
    assert seen is not None
    again = supervisor.client.post(address, data={**second, "seen": seen.group(1)})
    assert again.status_code == 302, problems(again)


def test_the_script_is_told_where_to_go_and_of_an_ended_session(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    cadre, script = person(lite_app, "cadre"), {"X-Sent-By": "script"}
    sent = written(cadre)
    for before in (False, True):
        answer = cadre.client.post(NEW, data=sent, headers=script)
        assert (answer.status_code, answer.headers["X-Answer"]) == (200, "leads")
        told = answer.get_json()
        assert told["before"] is before
        assert told["to"].startswith("/records/work_log/details/")
    end_session(cadre)
    assert cadre.client.post(NEW, data=sent, headers=script).status_code == 401


def test_what_is_confidential_leaves_no_draft(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    committee = person(lite_app, "committee")
    assert "data-confidential" in committee.get("/records/conduct_report/new/").text
    assert "data-confidential" not in person(lite_app, "cadre").get(NEW).text


def test_the_number_of_the_address_is_that_of_the_form(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    number = "0123456789abcdef"
    page = person(lite_app, "cadre").get(f"{NEW}?once={number}")
    assert page.text.count(f'value="{number}"') == 1
    assert "<script>" not in person(lite_app, "cadre").get(f"{NEW}?once=<script>").text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/people/accounts/new/", 403),
        ("/records/conduct_report/new/", 403),
        ("/records/leave/999999/approve", 404),
        ("/flags/999999/confirm", 404),
    ],
)
def test_a_form_that_is_nobody_elses_does_not_come_back(
    app: Flask, world: World, address: str, code: int
) -> None:
    assert world.records
    cadre = person(app, "cadre")
    answer = cadre.client.post(address, data={"reason": TEXT, "csrf_token": "old"})
    assert answer.status_code == code
    assert TEXT not in unescape(answer.text)
    assert "已失效" not in cadre.client.get("/").text
