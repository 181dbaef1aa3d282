"""The pages on which entries of one person are merged and separated again."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import WorkLog
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.people.merges import CadreAlias, CadreMerge
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.organizations import create_cadre
from tiesan.records.services import create_record, update_record
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import ACTOR, AT, World

CADRES = "/people/cadres"


def twice(app: Flask, world: World, code: str = "N1") -> int:
    """Enter the cadre CO a second time, with a log; returns the id of the second entry."""
    with app.app_context():
        session = db.session()
        place = session.get_one(Organization, world.organizations["F1"])
        values = {"code": code, "name": "陈欧", "organization": place, "professional": True,
                  "joined_on": date(2012, 1, 1)}  # fmt: skip
        second = create_cadre(ACTOR, session, values, at=AT)
        log = {"cadre": second, "day": date(2026, 3, 24), "written_on": date(2026, 3, 24),
               "content": "走访"}  # fmt: skip
        create_record(ACTOR, session, WorkLog, log, at=AT)
        session.commit()
        return second.id


def questions(page: str) -> list[str]:
    """What a form asks before it stores."""
    asked = page.partition('class="message message-warning questions"')[2]
    inside = asked.partition("</div>")[0]
    return [part.partition("</p>")[0] for part in inside.split("<p>")[1:]]


def merge(admin: Person, kept: int, other: int) -> list[str]:
    """Merge two entries by the page; returns what was told before."""
    address = f"{CADRES}/merge/?id={kept}"
    form = admin.filled(address, {"merged": other, "reason": "重复登记"})
    first = admin.client.post(address, data=form)
    said = questions(first.text)
    answered = first.text.split('name="answered"')[1].split('value="')[1].partition('"')[0]
    answer = admin.client.post(address, data={**form, "answered": answered})
    assert answer.status_code == 302
    return said


def test_what_a_merge_does_is_told_before_and_it_is_undone(app: Flask, world: World) -> None:
    admin, kept, other = person(app, "admin"), world.cadres["CO"], twice(app, world)
    said = merge(admin, kept, other)
    assert said[0].startswith("保留 CO（陈欧），去掉 N1")
    assert "工作日志 1" in said[1]
    assert said[2] == "合并后的任职经历：东城联合会 2010年1月1日 – 至今。"
    details = admin.get(f"{CADRES}/details/?id={kept}").text
    assert "已并入的登记" in details
    assert admin.get("/persons/N1").status_code == 200
    assert f'/people/cadres/details/?id={kept}"' in admin.get(f"{CADRES}/?search=N1").text
    with app.app_context():
        row = db.session.scalars(select(CadreMerge)).one()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "merge")).one()
        assert entry.details["rows"]["discipline_work_log"] == 1
        assert db.session.get(Cadre, other) is None
    trail = admin.get(f"/audit/details/?id={entry.id}").text
    assert "登记合并" in trail
    assert "工作日志 1" in trail
    address = f"{CADRES}/merged/?id={row.id}"
    answer = admin.send(address, {"reason": "不是同一人"})
    assert answer.status_code == 302, answer.text
    assert "N1" in "".join(messages(admin.get(f"{CADRES}/details/?id={other}")))
    with app.app_context():
        assert db.session.get_one(Cadre, other).code == "N1"
        assert db.session.scalars(select(CadreAlias)).all() == []


def test_what_stands_against_undoing_is_said(lite_app: Flask, lite_world: World) -> None:
    admin, kept = person(lite_app, "admin"), lite_world.cadres["CO"]
    merge(admin, kept, twice(lite_app, lite_world))
    with lite_app.app_context():
        session = db.session()
        log = session.scalars(select(WorkLog).where(WorkLog.day == date(2026, 3, 24))).one()
        update_record(ACTOR, session, log, {"content": "补充"}, at=AT)
        session.commit()
        number = session.scalars(select(CadreMerge.id)).one()
    answer = admin.send(f"{CADRES}/merged/?id={number}", {"reason": "撤销"})
    assert answer.status_code == 200
    assert "“工作日志”记录已被更正或作废：CO + 2026-03-24" in "".join(messages(answer))


def test_only_who_administers_both_and_is_neither_merges(
    lite_app: Flask, lite_world: World
) -> None:
    """The keeper of F1 gets no entry of F2, nor one whose account reaches further, nor theirs."""
    keeper, kept = person(lite_app, "keeper"), lite_world.cadres["CO"]
    other, beyond = twice(lite_app, lite_world), lite_world.cadres["CS"]
    address = f"{CADRES}/merge/?id={kept}"
    form = keeper.filled(address, {"merged": beyond, "reason": "重复"})
    assert "没有可供您选择的这一项。" in keeper.client.post(address, data=form).text
    with lite_app.app_context():
        # The second entry gets the account of somebody who supervises the whole district.
        account = db.session.get_one(Account, lite_world.accounts["committee"])
        account.cadre_id = other
        db.session.commit()
    form = keeper.filled(address, {"merged": other, "reason": "重复"})
    assert "只有管理两份登记" in keeper.client.post(address, data=form).text
    with lite_app.app_context():
        db.session.get_one(Account, lite_world.accounts["committee"]).cadre_id = None
        db.session.get_one(Account, lite_world.accounts["cadre"]).cadre_id = None
        db.session.flush()
        db.session.get_one(Account, lite_world.accounts["keeper"]).cadre_id = kept
        db.session.commit()
        db.session.add(AuditEntry(at=AT, actor_name="tester", verb="x", object_kind="x",
                                  details={}))  # fmt: skip
        db.session.commit()
    assert keeper.get(address).status_code == 403
