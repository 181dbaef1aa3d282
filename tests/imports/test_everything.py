"""Everything that travels in files, brought in by the browser: looked at, confirmed, undone."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Expense
from tests.clocks.bringing import plain
from tests.imports.bringing import everything, exported
from tests.web.world import flag_of
from tiesan.audit import COMMAND_LINE, AuditEntry
from tiesan.clock import now
from tiesan.database import begin_writing
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import EvidenceLink
from tiesan.flags.parameter_check import parameter_check
from tiesan.people.models import Cadre, Organization
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.imports.models import DataImport
from tiesan.testing.world import World

CONFIDENTIAL = {"conduct_reports.csv"}
PEOPLE = {
    "organizations": "code,name,kind,parent,founded_on\nF9,新建联合会,federation,D1,2020-01-01\n",
    "cadres": "code,name,organization,professional,joined_on\nC9,新来,F9,true,2020-01-01\n",
    "expenses": "code,cadre,payee,amount,spent_on\nE9,C9,书店,12.00,2026-03-20\n"
    "E10,CO,书店,90.00,2026-03-20\n",
}


def test_a_folder_is_previewed_confirmed_and_undone(
    app: Flask, world: World, tmp_path: Path
) -> None:
    before = exported(app)
    one = everything(app, "admin")
    page = plain(one.write(tmp_path / "in", **PEOPLE).text)
    assert "4 条新增" in page
    assert "新建联合会" in page
    assert exported(app) == before
    page = plain(one.confirm("补录三月的报销").text)
    assert one.state == "stored", page
    after = exported(app)
    assert b"E9,C9" in after["expenses.csv"]
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "import")).one()
        assert entry.details["reason"] == "补录三月的报销"
        assert {each["file"] for each in entry.details["files"]} == {
            f"{each}.csv" for each in PEOPLE
        }
        assert all(len(each["sha256"]) == 64 for each in entry.details["files"])
        assert entry.details["counts"] == {"new": 4, "changed": 0, "unchanged": 0}
    page = plain(one.go_on("undo", reason="文件有误").text)
    assert one.state == "undone", page
    assert exported(app) == before
    # The same files, mended or not, bring it all once more.
    one.write(tmp_path / "again", **PEOPLE)
    one.confirm()
    assert one.state == "stored"
    assert exported(app) == after
    with app.app_context():
        assert db.session.scalars(select(Cadre.code).where(Cadre.code == "C9")).all() == ["C9"]
        assert len(db.session.scalars(select(Expense).where(Expense.code == "E9")).all()) == 1
        assert len(db.session.scalars(select(DataImport)).all()) == 2


def test_what_an_export_says_changes_nothing(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    before = exported(lite_app)
    one = everything(lite_app, "admin")
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    # Who only administers sees no confidential records, and brings none in.
    one.folder(tmp_path)
    lines = one.files.read_preview()["lines"]
    assert {each.partition(":")[0] for each in lines} == CONFIDENTIAL
    for name in CONFIDENTIAL:
        (tmp_path / name).unlink()
    page = plain(one.folder(tmp_path).text)
    assert "条新增" not in page
    assert "条修改" not in page
    one.confirm()
    assert one.state == "stored"
    assert exported(lite_app) == before


def test_a_changed_cell_is_shown_with_what_it_said(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    expenses = exported(lite_app)["expenses.csv"].decode("utf-8-sig")
    heading, first, *_rest = expenses.splitlines()
    amount = first.split(",")[heading.split(",").index("amount")]
    one = everything(lite_app, "admin")
    page = one.write(tmp_path, expenses=f"{heading}\n{first.replace(amount, '7.77')}\n").text
    assert f"<del>{amount}</del>" in page
    assert "<ins>7.77</ins>" in page


def test_a_preview_that_is_overtaken_is_shown_again(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one, two = everything(lite_app, "admin"), everything(lite_app, "admin")
    one.write(
        tmp_path / "one", work_logs="cadre,day,written_on,content\nCO,2026-03-24,2026-03-24,早\n"
    )
    two.write(
        tmp_path / "two", work_logs="cadre,day,written_on,content\nCO,2026-03-24,2026-03-24,晚\n"
    )
    two.confirm()
    assert two.state == "stored"
    page = plain(one.go_on("confirm", reason="补录").text)
    assert one.state == "previewed"
    assert "预览之后数据已有变化" in page
    assert "晚 → 早" in page
    one.confirm()
    # What has changed since stands against undoing the first one, and is named.
    page = plain(two.go_on("undo", reason="有误").text)
    assert two.state == "stored"
    assert "工作日志 CO + 2026-03-24：导入之后已被修改或作废" in page
    one.go_on("undo", reason="有误")
    assert b"\xe6\x99\x9a" in exported(lite_app)["work_logs.csv"]
    two.go_on("undo", reason="有误")
    assert two.state == "undone"


def test_who_refers_to_what_came_in_keeps_it_there(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one, two = everything(lite_app, "admin"), everything(lite_app, "admin")
    one.write(tmp_path / "one", expenses=PEOPLE["expenses"].replace("C9", "CO"))
    one.confirm()
    approvals = "code,expense,body,decision,decided_on\nA9,E9,chair,approved,2026-03-21\n"
    two.write(tmp_path / "two", expense_approvals=approvals)
    two.confirm()
    page = plain(one.go_on("undo", reason="有误").text)
    assert one.state == "stored"
    assert "A9：引用了本次导入的数据" in page
    two.go_on("undo", reason="有误")
    one.go_on("undo", reason="有误")
    assert one.state == "undone"


def test_reading_can_be_given_up(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    one = everything(lite_app, "admin")
    run_now = lite_app.extensions["runner"].call_for
    asked: list[int] = []
    lite_app.extensions["runner"].call_for = lambda run_id, _seconds: asked.append(run_id)
    assert "取消导入" in plain(one.write(tmp_path, **PEOPLE).text)
    one.go_on("drop")
    run_now(asked[0], 0)
    assert one.state == "dropped"
    assert not one.files.is_there


def test_a_flag_that_was_decided_keeps_its_import(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = everything(lite_app, "admin")
    one.write(tmp_path, expenses=PEOPLE["expenses"].replace("C9", "CO"))
    one.confirm()
    with lite_app.app_context():
        row = db.session.scalars(select(DataImport)).one()
        expense = db.session.scalars(select(Expense).where(Expense.code == "E9")).one()
        place = db.session.get_one(Organization, lite_world.organizations["F1"])
        cadre = db.session.get_one(Cadre, lite_world.cadres["CO"])
        flag = flag_of(place, cadre, "discipline.expense_unapproved", of_cadre=True)
        flag.key, flag.raised_at, flag.review = "E9", row.stored_at or flag.raised_at, "confirmed"
        db.session.add(flag)
        db.session.flush()
        link = {"flag_id": flag.id, "kind": "expense", "row_id": expense.id, "present": True}
        db.session.add(EvidenceLink(**link))
        db.session.commit()
        message = flag.message_zh
    page = plain(one.go_on("undo", reason="有误").text)
    assert one.state == "stored"
    assert f"已有处理结论：{message}" in page


def test_what_a_command_brings_in_is_listed(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "expenses.csv").write_text(PEOPLE["expenses"].replace("C9", "CO"), encoding="utf-8")
    catalog = installed_catalog()
    options = ImportOptions(catalog.plugins.records, parameter_check(catalog), now())
    with lite_app.app_context():
        begin_writing(db.session())
        import_path(db.session(), COMMAND_LINE, folder, options)
        db.session.commit()
        row = db.session.scalars(select(DataImport)).one()
        assert row.district_id == lite_world.organizations["D1"]
        assert [len(each["sha256"]) for each in row.files] == [64]
        address = f"/imports/{row.id}"
    admin = everything(lite_app, "admin").who
    assert "expenses.csv" in plain(admin.get("/imports/").text)
    page = plain(admin.get(address).text)
    assert "2 条新增" in page
    assert "系统" in page
    assert "撤销导入" not in page
    assert everything(lite_app, "supervisor").who.get(address).status_code == 404
