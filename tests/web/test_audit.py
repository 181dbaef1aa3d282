"""The audit trail's pages: what was done, in the reader's language."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense
from tiesan.audit import AuditEntry, Subject, record_entry
from tiesan.extensions import db
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
