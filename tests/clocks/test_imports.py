"""A file of a clock on its way: dropped, previewed, asked about, stored, replaced, undone."""

from datetime import date, time
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from plugins.discipline.models import Attendance
from tests.clocks.bringing import bringing, plain, rows
from tests.clocks.files import Day, attlog, book, csv_file, dingtalk_days, dingtalk_punches, wecom
from tiesan.audit import Actor, AuditEntry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.imports.kept import FOLDER
from tiesan.records.imports.models import ImportPerson
from tiesan.records.services import update_record
from tiesan.testing.world import World

SOMEBODY = Actor(None, "somebody", "web")
MONDAY, TUESDAY = date(2026, 10, 12), date(2026, 10, 13)
FEDERATION = (Day("陈欧", "", MONDAY), Day("周主席", "", MONDAY, "09:20", "18:30"),
              Day("白贝", "", MONDAY))  # fmt: skip


def days(tmp_path: Path, *given: Day, name: str = "考勤.xlsx") -> Path:
    return book(tmp_path / name, ("每日统计", dingtalk_days(given)))


def test_a_file_is_previewed_stored_and_undone(app: Flask, world: World, tmp_path: Path) -> None:
    one = bringing(app, "supervisor")
    page = plain(one.drop(days(tmp_path, *FEDERATION)).text)
    assert "3 条新增" in page
    assert rows(app) == {}
    assert one.state == "previewed"
    folder = Path(app.instance_path) / FOLDER
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.rglob("*"))
    page = plain(one.go_on("store").text)
    assert one.state == "stored", page
    stored = {
        ("CO", MONDAY): "08:55-18:02",
        ("CH", MONDAY): "09:20-18:30",
        ("CB", MONDAY): "08:55-18:02",
    }
    assert rows(app) == stored
    assert list(folder.iterdir()) == []
    page = plain(one.go_on("undo", reason="文件有误").text)
    assert one.state == "undone", page
    assert rows(app) == {}
    with app.app_context():
        verbs = db.session.scalars(
            select(AuditEntry.verb).where(AuditEntry.object_kind == "data_import")
        ).all()
    assert verbs == ["import", "undo import"]


def test_the_same_file_again_changes_nothing(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    one.bring(days(tmp_path, *FEDERATION))
    before = rows(lite_app)
    page = plain(one.drop(days(tmp_path, *FEDERATION)).text)
    assert "3 条没有变化" in page
    assert "新增" not in page
    one.go_on("store")
    assert rows(lite_app) == before


def test_a_later_file_replaces_and_another_source_widens(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    one.bring(days(tmp_path, Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY)))
    later = Day("陈欧", "", MONDAY, "09:10", "17:40"), Day("白贝", "", MONDAY, "缺卡", "--")
    one.bring(days(tmp_path, *later))
    assert rows(lite_app) == {("CO", MONDAY): "09:10-17:40"}
    other = book(
        tmp_path / "w.xlsx", ("Sheet1", wecom([Day("陈欧", "", MONDAY, "09:02", "17:20")]))
    )
    one.bring(other)
    assert rows(lite_app) == {("CO", MONDAY): "09:02-17:40"}
    # Undone in any order, what the others say stands.
    one.go_on("undo", reason="多余")
    assert rows(lite_app) == {("CO", MONDAY): "09:10-17:40"}


def test_a_month_ends_after_midnight_in_any_order(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    friday, saturday = date(2026, 10, 30), date(2026, 10, 31)
    one = bringing(lite_app, "supervisor")
    november = tmp_path / "1_attlog.dat"
    november.write_text(f"CO\t{saturday} 00:40:10\t1\t0\t0\t0\n".replace("CO", "1"))
    one.drop(november)
    one.go_on("answers", **{"answer-0": _cadre(lite_app, "CO")})
    one.go_on("store")
    assert rows(lite_app) == {("CO", saturday): "00:40-"}
    october = tmp_path / "1_attlog-10.dat"
    october.write_text(f"1\t{friday} 08:55:59\t1\t0\t0\t0\n")
    one.bring(october)
    assert rows(lite_app) == {("CO", friday): "08:55-00:40+"}


def _cadre(app: Flask, code: str) -> str:
    with app.app_context():
        return str(db.session.scalar(select(Cadre.id).where(Cadre.code == code)))


def test_unknown_numbers_are_asked_once(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    path = tmp_path / "1_attlog.dat"
    path.write_text(attlog([Day("", "501", MONDAY), Day("", "502", MONDAY)]))
    one = bringing(lite_app, "supervisor")
    page = plain(one.drop(path).text)
    assert "“501”是哪位干部？" in page
    assert "确认导入" not in page
    # Who is not in reach cannot be meant.
    one.go_on("answers", **{"code-0": "CS"})
    assert "“501”是哪位干部？" in plain(one.page().text)
    page = plain(one.go_on("answers", **{"code-0": "CO", "rest": "skip"}).text)
    assert "确认导入" in page
    one.go_on("store")
    assert rows(lite_app) == {("CO", MONDAY): "08:55-18:02"}
    with lite_app.app_context():
        [kept] = db.session.scalars(select(ImportPerson)).all()
        assert (kept.source, kept.number) == ("zkteco:1", "501")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "import")).one()
        assert entry.details["skipped"] == ["502"]
        assert len(entry.details["files"][0]["sha256"]) == 64
    path.write_text(attlog([Day("", "501", TUESDAY)]))
    one.bring(path)
    assert rows(lite_app)["CO", TUESDAY] == "08:55-18:02"


def test_two_people_of_one_name_are_asked(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    with lite_app.app_context():
        chair = db.session.scalars(select(Cadre).where(Cadre.code == "CH")).one()
        chair.name = "陈欧"
        db.session.commit()
    one = bringing(lite_app, "supervisor")
    page = plain(one.drop(days(tmp_path, Day("陈欧", "88", MONDAY))).text)
    assert "“陈欧 · u88 · 88”是哪位干部？" in page
    assert "陈欧 CO · 东城联合会" in page
    one.go_on("answers", **{"answer-0": _cadre(lite_app, "CH")})
    one.go_on("store")
    assert rows(lite_app) == {("CH", MONDAY): "08:55-18:02"}
    one.bring(days(tmp_path, Day("陈欧", "88", TUESDAY)))
    assert rows(lite_app)["CH", TUESDAY] == "08:55-18:02"


def test_nobody_out_of_reach_is_touched(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    one = bringing(lite_app, "supervisor")
    page = plain(
        one.drop(days(tmp_path, Day("石诗", "CS", MONDAY), Day("陈欧", "CO", MONDAY))).text
    )
    assert "“石诗 · uCS · CS”是哪位干部？" in page
    one.go_on("answers", rest="skip")
    one.go_on("store")
    assert rows(lite_app) == {("CO", MONDAY): "08:55-18:02"}


def test_what_a_person_entered_or_corrected_stays(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    one.bring(days(tmp_path, Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY)))
    with lite_app.app_context():
        row = db.session.scalars(select(Attendance).where(Attendance.day == MONDAY)).first()
        assert row is not None
        update_record(SOMEBODY, db.session(), row, {"clock_in": time(8)}, at=now(), reason="补卡")
        db.session.commit()
    later = Day("陈欧", "", MONDAY, "09:10", "17:40"), Day("白贝", "", MONDAY, "09:10", "17:40")
    page_after = plain(one.drop(days(tmp_path, *later)).text)
    assert "1 条人工录入的保持不变" in page_after
    one.go_on("store")
    assert set(rows(lite_app).values()) == {"08:00-18:02", "09:10-17:40"}


def test_leave_of_the_clock_is_reminded_of(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    page = plain(one.drop(days(tmp_path, Day("陈欧", "", MONDAY, "", "", result="请假"))).text)
    assert "陈欧 10-12 请假" in page
    assert "已提醒 1 人" in plain(one.go_on("remind").text)
    assert "已提醒 0 人" in plain(one.go_on("remind").text)
    other = bringing(lite_app, "cadre")
    assert "请及时补办申请" in other.who.get("/").text


def test_what_is_missing_is_said_and_a_day_of_nobody_is_asked(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    wednesday = date(2026, 10, 14)
    one = bringing(lite_app, "supervisor")
    given = Day("陈欧", "", MONDAY), Day("周主席", "", wednesday), Day("陈欧", "", wednesday)
    page = plain(one.drop(days(tmp_path, *given)).text)
    assert "10-12：2 名干部中有 1 人没有考勤记录（周主席）" in page
    assert "10-13 是工作日，但没有任何人的考勤记录" in page
    assert "确认导入" in plain(one.go_on("answers", **{"answer-0": "yes"}).text)


def test_columns_of_an_unknown_file_are_told_once(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    given = [["员工", "日期", "签到", "签退"], ["陈欧", "2026-10-12", "08:50", "18:00"]]
    path = csv_file(tmp_path / "a.csv", given, "gb18030")
    one = bringing(lite_app, "supervisor")
    assert "各列的含义" in plain(one.drop(path).text)
    assert "请给这类文件起个名字" in plain(
        one.go_on("columns", person="员工", day="日期", came="签到", went="签退").text
    )
    one.go_on("columns", name="签到", person="员工", day="日期", came="签到", went="签退")
    one.go_on("store")
    assert rows(lite_app) == {("CO", MONDAY): "08:50-18:00"}
    assert "确认导入" in plain(one.drop(path).text)


def test_a_stale_preview_is_shown_again(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    one, two = bringing(lite_app, "supervisor"), bringing(lite_app, "district")
    one.drop(days(tmp_path, Day("陈欧", "", MONDAY)))
    two.bring(days(tmp_path, Day("陈欧", "", MONDAY, "07:00", "20:00")))
    page = plain(one.go_on("store").text)
    assert "预览之后数据已有变化" in page
    assert rows(lite_app) == {("CO", MONDAY): "07:00-20:00"}
    one.go_on("store")
    assert rows(lite_app) == {("CO", MONDAY): "08:55-18:02"}


def test_what_is_refused_names_row_and_column(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = bringing(lite_app, "supervisor")
    page = plain(one.drop(days(tmp_path, Day("陈欧", "", MONDAY, "早上"))).text)
    assert "考勤.xlsx[每日统计] 5 上班1打卡时间 不是时间" in page
    assert one.state == "refused"
    one.go_on("drop")
    assert one.state == "dropped"


def test_only_who_brings_it_in_goes_on(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    one = bringing(lite_app, "supervisor")
    one.drop(days(tmp_path, Day("陈欧", "", MONDAY)))
    admin = bringing(lite_app, "admin")
    assert "陈欧" not in plain(admin.who.get(one.address).text)
    assert admin.who.send(f"{one.address}/store", form=one.address).status_code == 403
    for name in ("cadre", "chair", "committee", "nobody"):
        assert bringing(lite_app, name).who.get("/imports/").status_code == 403
    assert bringing(lite_app, "keeper").who.get(one.address).status_code == 404


def test_split_and_shuffled_punches_give_the_rows_of_the_days(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    given = [Day("陈欧", "", MONDAY), Day("白贝", "", MONDAY, "09:00", "20:00")]
    header, punches = dingtalk_punches(given)[:3], dingtalk_punches(given)[3:]
    one = bringing(lite_app, "supervisor")
    one.bring(book(tmp_path / "b.xlsx", ("原始记录", [*header, *reversed(punches[1:])])))
    one.bring(book(tmp_path / "a.xlsx", ("原始记录", [*header, punches[0]])))
    of_punches = rows(lite_app)
    assert of_punches == {("CO", MONDAY): "08:55-18:02", ("CB", MONDAY): "09:00-20:00"}
    with lite_app.app_context():
        number = db.session.scalar(select(func.count()).select_from(AuditEntry).where(
            AuditEntry.verb == "import"))  # fmt: skip
    assert number == 2
