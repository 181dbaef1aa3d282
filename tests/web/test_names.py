"""Who did something is named as a person; by the name of the account where it is no person's."""

from flask import Flask

from plugins.discipline.models import Expense, WorkLog
from tests.web.entering import expense, rows
from tests.web.test_record_history import said
from tiesan.audit import COMMAND_LINE, record_entry
from tiesan.extensions import db
from tiesan.flags.models import FlagEvent
from tiesan.people.models import Account
from tiesan.records.services import subject_of
from tiesan.scheduler.models import JobRun
from tiesan.testing.browsing import person
from tiesan.testing.world import AT, World


def test_the_page_of_a_record_names_the_person_who_entered_and_corrected_it(
    app: Flask, world: World
) -> None:
    district = person(app, "district")
    given = expense(world, "H", code="BX-2")
    assert district.send("/records/expense/new/", given).status_code == 302
    row = rows(app, Expense)[0].id
    change = given | {"amount": "1300.50", "late_reason": "原单据看错"}
    assert district.send(f"/records/expense/edit/?id={row}", change).status_code == 302
    page = district.get(f"/records/expense/details/?id={row}")
    assert "录入人 潘培" in said(page, "<h2>记录来源</h2>")
    assert "· 潘培" in said(page, "<h2>更正记录</h2>")
    district.send(f"/records/expense/void/?id={row}", {"reason": "重复录入"})
    voided = district.get(f"/records/expense/details/?id={row}")
    assert "作废人 潘培" in said(voided, "<h2>记录来源</h2>")


def test_the_audit_trail_names_persons_and_finds_them(app: Flask, world: World) -> None:
    with app.app_context():
        district = db.session.get_one(Account, world.accounts["district"])
        log = db.session.get_one(WorkLog, world.records["work_log"]["O"])
        for actor in (district.actor, COMMAND_LINE):
            record_entry(db.session(), actor, "look", subject_of(log), at=AT)
        db.session.commit()
    admin = person(app, "admin")
    page = admin.get("/audit/?flt_verb=look").text
    assert "潘培" in page
    assert ">district<" not in page
    assert "系统" in page
    # A work log has no code: it is known by whose it is, and of which day.
    assert "陈欧 · 2026年" in page
    assert "CO + 2026-" not in page
    found = admin.get("/audit/?search=潘培").text
    assert "潘培" in found
    assert "没有符合条件的记录" not in found


def test_flags_and_runs_name_persons(lite_app: Flask, lite_world: World) -> None:
    flag, run = lite_world.flags["mO"], lite_world.runs["X"]
    district = lite_world.accounts["district"]
    with lite_app.app_context():
        step = {"at": AT, "on": AT.date(), "actor_name": "district", "actor_id": district}
        db.session.add(FlagEvent(flag_id=flag, verb="revised", **step))
        done = db.session.get_one(JobRun, run)
        done.actor_id, done.actor_name = district, "district"
        db.session.commit()
    admin = person(lite_app, "admin")
    page = said(person(lite_app, "district").get(f"/flags/{flag}"), "<h2>历史记录</h2>")
    assert "· 潘培" in page
    assert "发起人 潘培" in said(admin.get(f"/operation/details/?id={run}"), "<main", "</main>")


def test_an_office_reads_its_own_words_for_entering(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    supervisor = person(lite_app, "supervisor")
    for kind, words in (
        ("info_report", "报送信息"),
        ("work_log", "填写工作日志"),
        ("accountability_case", "责任追究立案"),
        ("meeting_attendance", "登记出席情况"),
        ("asset", "登记财产"),
    ):
        assert f">{words}</a>" in supervisor.get(f"/records/{kind}/").text, kind
        assert f"<h1>{words}</h1>" in supervisor.get(f"/records/{kind}/new/").text, kind


def test_a_form_says_what_is_looked_for_and_what_is_wrong_in_sentences(
    lite_app: Flask, lite_world: World
) -> None:
    supervisor = person(lite_app, "supervisor")
    page = supervisor.get("/records/accountability_case/new/").text
    assert 'placeholder="编号、姓名或职务"' in page
    given = {"cadre": lite_world.cadres["CO"], "kind": "annual", "first_day": "2026-03-20"}
    given |= {"last_day": "2026-03-19", "late_reason": "补录"}
    refused = supervisor.send("/records/leave/new/", given)
    assert ">结束日期不得早于开始日期。<" in refused.text
    large = expense(lite_world, "H", amount="99999999999999999")
    assert "金额过大，请核对。" in supervisor.send("/records/expense/new/", large).text


def test_an_account_is_in_use_or_switched_off(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.accounts
    page = person(lite_app, "admin").get("/people/accounts/").text
    assert "正常" in page
    assert "可登录" not in page
