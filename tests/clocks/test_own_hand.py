"""Rows about the importer: stored and marked, but for those that would clear a flag of theirs."""

from datetime import date, time
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance
from tests.clocks.bringing import bringing, plain, rows
from tests.clocks.files import Day, book, dingtalk_days
from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre
from tiesan.records.services import create_record, update_record
from tiesan.testing.world import World

MONDAY, TUESDAY, SATURDAY = date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 17)
TESTER = Actor(None, "tester", "web")


def evaluate(app: Flask, day: date) -> None:
    """Judge everything as of a day."""
    engine: Engine = app.extensions["engine"]
    task = Task(TESTER, installed_catalog(), engine.decide, day, day, now())
    with app.app_context(), Session(db.engine) as session:
        evaluate_installation(session, task)


def test_own_rows_are_stored_but_for_those_that_clear_a_flag(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    evaluate(lite_app, date(2026, 10, 31))
    absences = select(Flag).where(Flag.rule == "discipline.absent", Flag.active)
    with lite_app.app_context():
        of_own = absences.where(Flag.cadre_id == lite_world.cadres["CP"], Flag.key == "2026-10-12")
        assert len(db.session.scalars(of_own).all()) == 1
    one = bringing(lite_app, "district")
    # On a Saturday nobody is absent, so that nothing is cleared by a row of that day.
    given = [Day("潘培", "", MONDAY), Day("潘培", "", SATURDAY), Day("陈欧", "", MONDAY)]
    path = book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(given)))
    page = plain(one.drop(path).text)
    assert "会消除您本人预警的本人记录：须由他人导入 1 10-12" in page
    while "确认导入" not in page:
        page = plain(one.go_on("answers", **{f"answer-{at}": "yes" for at in range(9)}).text)
    one.go_on("store")
    assert set(rows(lite_app)) == {("CP", SATURDAY), ("CO", MONDAY)}
    with lite_app.app_context():
        row = db.session.scalars(select(Attendance).where(Attendance.day == SATURDAY)).one()
        address = f"/records/attendance/details/?id={row.id}"
    assert "由本人自行导入" in plain(one.who.get(address).text)
    other = bringing(lite_app, "admin")
    page = plain(other.drop(path).text)
    while "确认导入" not in page:
        page = plain(other.go_on("answers", **{f"answer-{at}": "yes" for at in range(9)}).text)
    other.go_on("store")
    assert set(rows(lite_app)) == {("CP", SATURDAY), ("CP", MONDAY), ("CO", MONDAY)}


def test_what_was_decided_keeps_an_import_from_being_undone(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    late = [Day("陈欧", "", MONDAY, "11:00"), Day("白贝", "", MONDAY)]
    one.bring(book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(late))))
    evaluate(lite_app, date(2026, 10, 31))
    with lite_app.app_context():
        flag = db.session.scalars(
            select(Flag).where(
                Flag.rule == "discipline.late", Flag.cadre_id == lite_world.cadres["CO"]
            )
        ).one()
        flag.review = "confirmed"
        db.session.commit()
    page = plain(one.go_on("undo", reason="多余").text)
    assert "不能撤销，原因如下" in page
    assert "陈欧" in page
    assert one.state == "stored"
    assert len(rows(lite_app)) == len(late)


def test_what_somebody_changed_keeps_an_import_from_being_undone(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    given = [Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY)]
    one.bring(book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(given))))
    with lite_app.app_context():
        row = db.session.scalars(
            select(Attendance).where(
                Attendance.day == MONDAY, Attendance.cadre_id == lite_world.cadres["CO"]
            )
        ).one()
        update_record(TESTER, db.session(), row, {"clock_in": time(8)}, at=now(), reason="补卡")
        db.session.commit()
    page = plain(one.go_on("undo", reason="多余").text)
    assert "不能撤销，原因如下： 陈欧 10-12" in page
    assert "理由" in plain(one.go_on("undo", reason=" ").text)


def test_a_row_of_another_import_is_a_source_and_comes_back(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    with lite_app.app_context():
        cadre = db.session.get_one(Cadre, lite_world.cadres["CO"])
        values = {"cadre": cadre, "day": MONDAY, "clock_in": time(9), "clock_out": time(19)}
        by_file = Actor(None, "command line", "import")
        create_record(by_file, db.session(), Attendance, values, at=now())
        typed = {**values, "cadre": db.session.get_one(Cadre, lite_world.cadres["CB"])}
        create_record(TESTER, db.session(), Attendance, typed, at=now())
        db.session.commit()
    one = bringing(lite_app, "supervisor")
    given = [Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY)]
    path = book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(given)))
    page = plain(one.drop(path).text)
    assert "1 条改动" in page
    assert "白贝 10-12 08:55–18:02" in page
    one.go_on("store")
    assert rows(lite_app) == {("CO", MONDAY): "08:55-19:00", ("CB", MONDAY): "09:00-19:00"}
    one.go_on("undo", reason="多余")
    assert rows(lite_app) == {("CO", MONDAY): "09:00-19:00", ("CB", MONDAY): "09:00-19:00"}
    one.bring(path)
    assert rows(lite_app)["CO", MONDAY] == "08:55-19:00"
