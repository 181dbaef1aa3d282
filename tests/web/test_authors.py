"""Whoever has entered a record of their own changes or withdraws it until the day is over."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from plugins.discipline.models import WorkLog
from plugins.innovation.models import Innovation
from plugins.research.models import InfoReport
from tests.web.entering import problems, rows
from tests.web.test_correcting import name_in_evidence
from tiesan.audit import AuditEntry
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

NEW = "/records/work_log/new/"
LOG: dict[str, object] = {"content": "走访三家企业"}


def logged(cadre: Person) -> int:
    """Have a cadre log today; returns the id of the row."""
    day = f"{today():%Y-%m-%d}"
    answer = cadre.send(NEW, LOG | {"day": day})
    assert answer.status_code == 302, problems(answer)
    return int(answer.location.rpartition("=")[2])


def address(verb: str, row: int, kind: str = "work_log") -> str:
    return f"/records/{kind}/{verb}/?id={row}"


def offered(somebody: Person, row: int, kind: str = "work_log") -> list[str]:
    """What the page of a record offers to do with it."""
    page = somebody.get(address("details", row, kind)).text
    return [verb for verb in ("edit", "void") if address(verb, row, kind) in page]


@pytest.mark.parametrize("kind", ["work_log", "info_report", "research_paper"])
@pytest.mark.parametrize("content", ["", "  \u3000", "下企业。"])
def test_an_entry_that_says_nothing_is_not_taken(
    kind: str, content: str, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    given = {"day": f"{today():%Y-%m-%d}", "title": "动态", "content": content}
    cadre = person(lite_app, "cadre")
    refused = cadre.send(f"/records/{kind}/new/", given)
    assert refused.status_code == 200
    blank = "此项必填。" if kind == "work_log" else "请填写正文，或者添加文件。"
    wanted = "至少写5个字。" if content.strip() else blank
    assert problems(refused) == [wanted]
    written = given | {"content": "下企业两家"}
    assert cadre.send(f"/records/{kind}/new/", written).status_code == 302


def test_a_record_that_came_without_its_text_can_be_corrected_without(
    lite_app: Flask, lite_world: World
) -> None:
    """A file may leave the text out, and whoever corrects the day does not know it."""
    row = lite_world.records["work_log"]["O"]
    given = {"cadre": lite_world.cadres["CO"], "day": "2026-03-11", "content": ""}
    page = address("edit", row)
    answer = person(lite_app, "supervisor").send(page, given | {"late_reason": "日期有误"})
    assert answer.status_code == 302, problems(answer)


def test_an_author_changes_and_withdraws_an_entry_of_today(app: Flask, world: World) -> None:
    assert world.records
    cadre = person(app, "cadre")
    row = logged(cadre)
    assert offered(cadre, row) == ["edit", "void"]
    form = cadre.get(address("edit", row)).text
    for others in ("cadre", "written_on"):
        assert f'name="{others}"' not in form
    changed = cadre.send(
        address("edit", row), {"day": f"{today():%Y-%m-%d}", "content": "走访四家企业"}
    )
    assert changed.status_code == 302, problems(changed)
    assert rows(app, WorkLog)[0].content == "走访四家企业"
    assert "撤回" in cadre.get(address("details", row)).text
    assert problems(cadre.send(address("void", row), {"reason": ""})) == ["此项必填。"]
    assert cadre.send(address("void", row), {"reason": "写错了日期"}).status_code == 302
    assert rows(app, WorkLog)[0].void_reason == "写错了日期"
    assert offered(cadre, row) == []
    trail = [(each.verb, each.actor_name) for each in rows(app, AuditEntry)[:3]]
    assert trail == [("withdraw", "cadre"), ("update", "cadre"), ("create", "cadre")]
    # It says 撤回 wherever it is shown, and never 作废.
    page = cadre.get(address("details", row)).text.partition("<main")[2]
    for said in ("本记录已撤回", "撤回时间", "撤回人", "撤回理由"):
        assert said in page
    assert "作废" not in page
    listed = cadre.get("/records/work_log/?flt_voided=yes").text
    assert '<span class="under ended">已撤回</span>' in listed
    seen = person(app, "supervisor").get("/records/work_log/?flt_voided=yes").text
    assert '<span class="under ended">已撤回</span>' in seen
    assert "已撤回" in person(app, "admin").get("/audit/").text
    # The day is free again.
    assert logged(cadre) != row


def test_the_form_of_a_withdrawal_says_so_and_that_of_a_supervisor_does_not(
    lite_app: Flask, lite_world: World
) -> None:
    cadre = person(lite_app, "cadre")
    row = logged(cadre)
    form = cadre.get(address("void", row)).text.partition("<main")[2]
    assert "撤回理由" in form
    assert "作废" not in form
    supervisor, other = person(lite_app, "supervisor"), lite_world.records["work_log"]["O"]
    theirs = supervisor.get(address("void", other)).text.partition("<main")[2]
    assert "作废理由" in theirs
    assert "撤回" not in theirs
    answer = supervisor.send(address("void", other), {"reason": "录错"})
    assert answer.status_code == 302
    assert "本记录已作废" in supervisor.get(address("details", other)).text
    listed = supervisor.get("/records/work_log/?flt_voided=yes").text
    assert '<span class="under ended">已作废</span>' in listed


def test_nobody_else_does(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    row = logged(person(lite_app, "cadre"))
    chair = person(lite_app, "chair")
    assert chair.get(address("edit", row)).status_code in (403, 404)
    # What the cadre's supervisor has entered is no entry of the cadre's own.
    entered = person(lite_app, "supervisor").send(
        "/records/work_log/new/",
        {"cadre": lite_world.cadres["CO"], "day": "2026-03-09", "written_on": "2026-03-09"}
        | LOG | {"late_reason": "补录"},
    )  # fmt: skip
    theirs = int(entered.location.rpartition("=")[2])
    assert offered(person(lite_app, "cadre"), theirs) == []
    assert person(lite_app, "cadre").get(address("void", theirs)).status_code == 403


def test_when_the_day_is_over_it_stands(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    row = logged(cadre)
    sent = cadre.filled(address("edit", row), LOG | {"content": "另一段文字"})
    _change(
        lite_app, WorkLog, row, recorded_at=rows(lite_app, WorkLog)[0].recorded_at - timedelta(1)
    )
    assert offered(cadre, row) == []
    assert cadre.client.post(address("edit", row), data=sent).status_code == 403
    assert cadre.client.post(address("void", row), data=sent).status_code == 403
    assert offered(person(lite_app, "supervisor"), row) == ["edit", "void"]


def test_when_somebody_has_decided_it_stands(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    chair = person(lite_app, "chair")
    given = {"title": "流动维权站", "proposed_on": f"{today():%Y-%m-%d}"}
    given |= {"organization": str(lite_world.organizations["F1"])}
    answer = chair.send("/records/innovation/new/", given)
    assert answer.status_code == 302, problems(answer)
    row = rows(lite_app, Innovation)[0].id
    assert offered(chair, row, "innovation") == ["edit", "void"]
    _change(lite_app, Innovation, row, adopted_on=today())
    assert offered(chair, row, "innovation") == []
    assert chair.get(address("void", row, "innovation")).status_code == 403


def _change(app: Flask, model: Any, row: int, **values: object) -> None:
    with app.app_context():
        db.session.execute(update(model).where(model.id == row).values(**values))
        db.session.commit()


def test_under_a_flag_an_author_only_withdraws(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    answer = cadre.send("/records/info_report/new/", {"title": "动态", "content": "本周工作动态"})
    row = int(answer.location.rpartition("=")[2])
    code = rows(lite_app, InfoReport)[0].code
    flag = lite_world.flags["cO"]
    name_in_evidence(lite_app, flag, {"fact": "info_report", "code": code})
    assert offered(cadre, row, "info_report") == ["void"]
    said = messages(cadre.get(address("details", row, "info_report")))
    assert any("当日只能撤回" in each for each in said), said
    assert cadre.get(address("edit", row, "info_report")).status_code == 403
    # Once somebody has judged the flag, what it rests on stands.
    _change(lite_app, Flag, flag, review="confirmed")
    assert offered(cadre, row, "info_report") == []
    assert cadre.get(address("void", row, "info_report")).status_code == 403
    _change(lite_app, Flag, flag, review="open")
    withdrawn = cadre.send(address("void", row, "info_report"), {"reason": "发错稿件"})
    assert withdrawn.status_code == 302


@pytest.mark.parametrize("kind", ["leave", "expense"])
def test_a_request_goes_its_own_way(kind: str, lite_app: Flask, lite_world: World) -> None:
    """It is withdrawn by a verb of its course, whatever day it is."""
    row = lite_world.records[kind]["O"]
    _change_source(lite_app, kind, row, lite_world.accounts["cadre"])
    assert offered(person(lite_app, "cadre"), row, kind) == []
    assert person(lite_app, "cadre").get(address("void", row, kind)).status_code == 403


def _change_source(app: Flask, kind: str, row: int, account: int) -> None:
    model = app.extensions["catalog"].records[kind]
    with app.app_context():
        values = {"source": "web", "recorded_by_id": account, "recorded_at": now()}
        db.session.execute(update(model).where(model.id == row).values(**values))
        db.session.commit()
