"""The audit trail's pages: what was done, in the reader's language."""

import csv
import html
import io
import re
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense
from tiesan.audit import Actor, AuditEntry, Subject, record_entry, remove_contents
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.records.services import update_record
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, AT, World
from tiesan.words.audit import VERBS


def _latest(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).all()[0]


def _note(app: Flask, verb: str, subject: Subject, **details: object) -> int:
    with app.app_context():
        record_entry(db.session(), ACTOR, verb, subject, at=AT, details=details)
        db.session.commit()
    return _latest(app)


def test_a_change_is_told_in_words_with_amounts_in_yuan(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        expense = db.session.get(Expense, lite_world.records["expense"]["O"])
        assert expense is not None
        values = {"amount": 20000, "receipt": True, "reimbursed_on": date(2026, 3, 25)}
        update_record(ACTOR, db.session(), expense, values, at=AT, reason="票据已补交")
        db.session.commit()
    page = person(lite_app, "admin").get(f"/audit/details/?id={_latest(lite_app)}").text
    for words in ("修改", "开支", "123.45 → 200.00", "否 → 是", "— → 2026年3月25日", "票据已补交"):
        assert words in page
    for raw in ("update", "amount", "20000", "null"):
        assert raw not in page


def test_the_list_has_no_raw_words_and_is_filtered_by_what_was_done(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    admin = person(lite_app, "admin")
    page = admin.get("/audit/?flt_verb=create").text
    assert ">录入<" in page
    assert ">create<" not in page
    assert ">expense<" not in page
    assert "没有符合条件的记录" in admin.get("/audit/?flt_verb=evaluate").text


def test_every_verb_has_words(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    for verb in VERBS:
        _note(lite_app, verb, Subject("installation"))
    page = person(lite_app, "admin").get("/audit/?page_size=25").text
    assert all(f"<span>{verb}</span>" not in page for verb in VERBS)


def test_what_has_no_words_is_shown_as_it_is_kept(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    subject = Subject("gadget", None, "G1")
    files = {"expenses": {"added": 3}}
    entry = _note(lite_app, "polish", subject, files=files, role="cadre", until="2026-03-20")
    page = person(lite_app, "admin").get(f"/audit/details/?id={entry}").text
    for words in ("polish", "gadget", "G1", "&#34;added&#34;: 3", "工会干部", "2026年3月20日"):
        assert words in page


def test_a_verb_of_a_course_is_told_in_its_words(lite_app: Flask, lite_world: World) -> None:
    row = lite_world.records["leave"]["O"]
    changed = {"approved_on": [None, "2026-03-20"]}
    noted = _note(
        lite_app,
        "close",
        Subject("leave", row, "leave-O", lite_world.organizations["D1"]),
        from_state="approved",
        to_state="closed",
        capacity="superior",
        changed=changed,
    )
    page = person(lite_app, "admin").get(f"/audit/details/?id={noted}").text
    for words in ("已销假", "已批准", "上级", "批准日期", "2026年3月20日"):
        assert words in page
    for raw in ("from_state", "superior", "approved"):
        assert raw not in page


def test_an_export_streams_what_is_found_with_numbers(lite_app: Flask, lite_world: World) -> None:
    subject = Subject("expense", 1, "B7 + 2026-03-02", lite_world.organizations["D1"])
    _note(lite_app, "update", subject)
    _note(lite_app, "void", subject)
    admin = person(lite_app, "admin")
    answer = admin.get("/audit/export/csv/?search=B7&flt_verb=update")
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["链上序号", "时间", "操作人", "操作", "类别", "编号", "内容"]
    assert [row[0].isdigit() for row in rows] == [True]


def test_pages_follow_each_other_and_show_each_entry_once(
    lite_app: Flask, lite_world: World
) -> None:
    district = lite_world.organizations["D1"]
    for number in range(60):
        _note(lite_app, "update", Subject("expense", 1, f"B{number}", district))
    admin = person(lite_app, "admin")
    address, seen = "/audit/?flt_kind=expense&flt_verb=update", []
    while address:
        page = admin.get(address).text
        seen += re.findall(r">(B\d+)<", page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = "" if found is None else html.unescape(found[1])
    # One was changed when the world was made, and has a code of its own.
    assert seen == [f"B{number}" for number in reversed(range(60))]


def test_who_did_it_and_the_whole_code_are_found(app: Flask, world: World) -> None:
    district = world.organizations["D1"]
    _note(app, "update", Subject("attendance", 1, "C77 + 2026-03-02", district))
    _note(app, "void", Subject("expense", 1, "C7", district))
    with app.app_context():
        account = db.session.get_one(Account, world.accounts["committee"])
        actor = Actor(account.id, account.username)
        record_entry(db.session(), actor, "test way", Subject("way"), at=AT)
        db.session.commit()
        assert account.cadre is not None
        cadre, name = account.cadre_id, account.cadre.name
    admin = person(app, "admin")

    def found(asked: str) -> list[str]:
        page = admin.get(f"/audit/?{asked}").text
        return re.findall(r'<tr>.*?data-label="操作">\s*<span>([^<]+)<', page, re.DOTALL)

    assert found("search=C77") == ["修改"]
    assert found("search=C7") == ["作废"]
    assert found("search=C777") == []
    assert found(f"search={name}")[0] == "已发送测试消息"
    assert found(f"flt_person={cadre}&flt_verb=test+way") == found(f"search={name}")[:1]
    assert found("flt_kind=attendance&flt_verb=update&flt_at_to=2020-01-01") == []


def test_what_retention_removed_is_said_where_it_was(lite_app: Flask, lite_world: World) -> None:
    district = lite_world.organizations["D1"]
    entry = _note(lite_app, "update", Subject("expense", 1, "秘密", district), reason="隐情")
    with lite_app.app_context():
        before, at = AT + timedelta(days=1), AT + timedelta(days=400)
        remove_contents(db.session(), ACTOR, before, district, rule="retention", at=at)
        db.session.commit()
    admin = person(lite_app, "admin")
    page = admin.get(f"/audit/details/?id={entry}").text
    assert "按“保存期限”清除" in page
    assert re.search(r"第 \d+ 号", page)
    assert "隐情" not in page
    listed = admin.get("/audit/?flt_kind=expense&flt_verb=update").text
    assert "按“保存期限”清除" in listed
    assert "秘密" not in listed
