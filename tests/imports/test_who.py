"""Who brings in what: everything one administers, records of what one supervises, never oneself."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.clocks.bringing import plain
from tests.imports.bringing import Everything, everything, exported
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role, revoke_role
from tiesan.records.imports.models import DataImport
from tiesan.testing.world import ACTOR, AT, World

LOGS = "cadre,day,written_on,content\n{},2026-03-24,2026-03-24,下基层走访\n"
REPORTS = "code,cadre,kind,reported_on\nR9,CO,conduct,2026-03-24\n"
PEOPLE = "code,name,organization,professional,joined_on\nN1,新来,{},true,2020-01-01\n"
RATES = "rule,name,from,value\ndiscipline.late,work_start,2026-01-01,09:00\n"
EXPENSES = "code,cadre,payee,amount,spent_on\nE9,CO,书店,12.00,2026-03-20\n"
REACH = "不能由您导入"
KIND = "只能由有权查看的管理员导入"
# Who, which file with what in it, and words of the refusal (none: it is taken).
CASES = (
    ("supervisor", "work_logs", LOGS.format("CO"), ""),
    ("supervisor", "work_logs", LOGS.format("CB"), ""),
    ("supervisor", "work_logs", LOGS.format("CS"), REACH),
    ("supervisor", "cadres", PEOPLE.format("F1"), KIND),
    ("supervisor", "parameters", RATES, KIND),
    ("supervisor", "conduct_reports", REPORTS, KIND),
    # The district's supervisor is the cadre CP.
    ("district", "work_logs", LOGS.format("CS"), ""),
    ("district", "work_logs", LOGS.format("CP"), REACH),
    ("district", "work_logs", LOGS.format("CX"), REACH),
    # Who administers F1 and what is below it.
    ("keeper", "cadres", PEOPLE.format("E1"), ""),
    ("keeper", "cadres", PEOPLE.format("F2"), REACH),
    ("keeper", "work_logs", LOGS.format("CS"), REACH),
    ("keeper", "parameters", RATES, KIND),
    ("admin", "parameters", RATES, ""),
    ("admin", "work_logs", LOGS.format("CX"), ""),
    ("admin", "conduct_reports", REPORTS, KIND),
)


def test_what_is_taken_of_whom(lite_app: Flask, lite_world: World, tmp_path: Path) -> None:
    before = exported(lite_app)
    for number, (name, stem, content, words) in enumerate(CASES):
        one = everything(lite_app, name)
        page = plain(one.write(tmp_path / str(number), **{stem: content}).text)
        assert one.state == ("refused" if words else "previewed"), (name, stem, content, page)
        assert words in page, (name, stem, content, page)
        one.go_on("drop")
    assert exported(lite_app) == before


def test_whose_role_was_taken_away_undoes_nothing(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = everything(lite_app, "supervisor")
    one.write(tmp_path, work_logs=LOGS.format("CO"))
    one.confirm()
    after = exported(lite_app)
    with lite_app.app_context():
        named = select(Account).where(Account.id == lite_world.accounts["supervisor"])
        account = db.session.scalars(named).one()
        for grant in [each for each in account.grants if each.role.name == RoleName.SUPERVISOR]:
            revoke_role(ACTOR, db.session(), grant, at=AT)
        # The page is open to them still, for another district.
        elsewhere = db.session.get_one(Organization, lite_world.organizations["D2"])
        grant_role(ACTOR, db.session(), account, RoleName.SUPERVISOR, elsewhere, at=AT)
        db.session.commit()
    assert one.who.send(f"{one.address}/undo", {"reason": "有误"}).status_code == 403
    assert exported(lite_app) == after
    assert one.state == "stored"


def test_a_row_that_is_somebody_elses_is_not_taken_over_or_shown(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    rows = exported(lite_app)["expenses.csv"].decode("utf-8-sig").splitlines()
    [foreign] = [each for each in rows if ",CS," in each]
    mine = foreign.replace(",CS,", ",CO,")
    one = everything(lite_app, "supervisor")
    for number, row in enumerate((foreign, mine)):
        page = one.write(tmp_path / str(number), expenses=f"{rows[0]}\n{row}\n").text
        assert one.state == "refused"
        assert "<del>" not in page


@pytest.fixture
def fetched(lite_app: Flask, lite_world: World, tmp_path: Path) -> Everything:
    """An import of an administrator that is stored, in the district D1."""
    one = everything(lite_app, "admin")
    one.write(tmp_path / "in", expenses=EXPENSES)
    one.confirm()
    return one


def test_the_files_are_for_who_administers_and_sees_all(
    lite_app: Flask, lite_world: World, fetched: Everything
) -> None:
    address = f"{fetched.address}/files/0"
    answer = fetched.who.get(address)
    assert answer.data.decode() == EXPENSES
    for name, status in (("keeper", 404), ("district", 404), ("cadre", 403)):
        assert everything(lite_app, name).who.get(address).status_code == status
    with lite_app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "fetch file")).one()
        assert entry.actor_name == "admin"
        assert entry.district_id == lite_world.organizations["D1"]
        # Were there conduct reports in it, who does not see them would not get it.
        row = db.session.scalars(select(DataImport)).one()
        row.result = {
            **row.result,
            "files": [{**row.result["files"][0], "stem": "conduct_reports"}],
        }
        db.session.commit()
    assert fetched.who.get(address).status_code == 404


def test_an_account_of_a_person_who_came_in_keeps_them(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = everything(lite_app, "admin")
    one.write(tmp_path / "in", cadres=PEOPLE.format("F1"))
    one.confirm()
    with lite_app.app_context():
        nobody = db.session.scalars(select(Account).where(Account.username == "nobody")).one()
        nobody.cadre = db.session.scalars(select(Cadre).where(Cadre.code == "N1")).one()
        db.session.commit()
    page = plain(one.go_on("undo", reason="有误").text)
    assert one.state == "stored"
    assert "账号 nobody" in page
    with lite_app.app_context():
        db.session.scalars(select(Account).where(Account.username == "nobody")).one().cadre = None
        db.session.commit()
    one.go_on("undo", reason="有误")
    assert one.state == "undone"
    # Nobody sees who was taken back.
    assert "新来" not in one.who.get("/cadres/").text


def test_what_confidential_rows_say_is_shown_to_few_and_noted(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    with lite_app.app_context():
        account = db.session.scalars(select(Account).where(Account.username == "keeper")).one()
        place = db.session.get_one(Organization, lite_world.organizations["D1"])
        for role in (RoleName.ADMINISTRATOR, RoleName.AUDIT_COMMITTEE):
            grant_role(ACTOR, db.session(), account, role, place, at=AT)
        db.session.commit()
    rows = exported(lite_app)["conduct_reports.csv"].decode("utf-8-sig").splitlines()
    [report] = [each for each in rows if ",CS," in each]
    [foreign] = [each for each in rows if ",CX," in each]
    kind = next(word for word in ("political", "integrity", "conduct") if word in report)
    other = "integrity" if kind != "integrity" else "conduct"
    one = everything(lite_app, "keeper")
    text = f"{rows[0]}\n{report.replace(kind, other)}\n"
    assert "<del>" in one.write(tmp_path / "in", conduct_reports=text).text
    with lite_app.app_context():
        about = AuditEntry.object_kind == "conduct_report"
        entries = select(AuditEntry).where(about).order_by(AuditEntry.id)
        assert [each.verb for each in db.session.scalars(entries)][-1] == "export"
    text = f"{rows[0]}\n{foreign.replace(kind, other)}\n"
    assert "<del>" not in one.write(tmp_path / "foreign", conduct_reports=text).text
    assert one.state == "refused"
