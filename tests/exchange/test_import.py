"""What an import stores: added, changed and unchanged rows, and everything around them."""

from datetime import date, time
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, Expense, ExpenseApproval, Leave
from plugins.harmony.models import Conflict
from plugins.study.models import StudyAttendance, StudySession
from tests.exchange.importing import AT, WORLD, all_rows, bring, counts, write
from tiesan.audit import AuditEntry
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.settings import CalendarException, RuleParameterValue

T = TypeVar("T")
EXPENSES = "code,cadre,payee,item,amount,spent_on,receipt\n"


def one(session: Session, model: type[T], **values: object) -> T:
    """The one row with these values."""
    return session.scalars(select(model).filter_by(**values)).one()


def test_everything_arrives(either: Session) -> None:
    district = one(either, Organization, code="Q1")
    assert (district.kind, district.parent_id, district.district_id) == (
        "district",
        None,
        district.id,
    )
    assert district.tracked_from == date(2026, 1, 1)
    enterprise = one(either, Organization, code="E1")
    assert enterprise.parent is not None
    assert (enterprise.parent.code, enterprise.district_id) == ("F1", district.id)
    cadre = one(either, Cadre, code="C2")
    assert (cadre.name, cadre.organization.code, cadre.professional) == ("李四", "F1", True)
    assert one(either, Organization, code="F1").chair is cadre
    expense = one(either, Expense, code="B1")
    assert (expense.amount, expense.receipt, expense.source) == (20000, True, "import")
    assert (expense.district_id, expense.recorded_at, expense.recorded_by) == (
        district.id,
        AT,
        None,
    )
    attendance = one(either, Attendance, cadre_id=cadre.id)
    assert (attendance.day, attendance.clock_in) == (date(2026, 3, 2), time(8, 20))
    parameter = one(either, RuleParameterValue)
    assert (parameter.valid_from, parameter.value) == (date(2026, 5, 1), "08:40")
    assert parameter.reason == "夏令时间"


def test_importing_twice_changes_nothing(either: Session) -> None:
    before = all_rows(either)
    report = bring(either, WORLD)
    assert report.changes == 0
    assert counts(report)["cadres"] == (0, 0, 3)
    assert all_rows(either) == before


def test_a_dry_run_tells_and_stores_nothing(either: Session, tmp_path: Path) -> None:
    before = all_rows(either)
    folder = write(
        tmp_path, expenses=f"{EXPENSES}B2,C2,甲,,1,2026-03-01,\nB1,C2,乙,,1,2026-03-01,\n"
    )
    report = bring(either, folder, dry_run=True)
    assert counts(report) == {"expenses": (1, 1, 0)}
    assert all_rows(either) == before


def test_an_update_leaves_missing_columns_alone_and_clears_empty_cells(
    either: Session, tmp_path: Path
) -> None:
    expenses = "code,cadre,payee,item,amount,spent_on\nB1,C2,新店,,150,2026-03-01\n"
    report = bring(either, write(tmp_path, expenses=expenses))
    assert counts(report) == {"expenses": (0, 1, 0)}
    expense = one(either, Expense, code="B1")
    assert (expense.payee, expense.item, expense.amount) == ("新店", None, 15000)
    assert (expense.reimbursed_on, expense.receipt) == (date(2026, 3, 5), True)


def test_an_empty_boolean_is_false_where_the_format_says_so(
    either: Session, tmp_path: Path
) -> None:
    folder = write(tmp_path, expenses=f"{EXPENSES}B1,C2,甲,,1,2026-03-01,\n")
    bring(either, folder)
    assert one(either, Expense, code="B1").receipt is False
    bring(
        either,
        write(tmp_path, meetings="code,organization,kind,held_on\nM1,Q1,office,2026-03-02\n"),
    )


def test_rows_may_refer_forward_and_to_what_is_stored(either: Session, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        organizations="code,name,kind,parent,founded_on,tracked_from,chair\n"
        "E7,七,enterprise,F7,2020-01-01,,C7\nF7,联,federation,Q7,2020-01-01,,\n"
        "Q7,区,district,,2020-01-01,2026-01-01,C7\nE8,八,enterprise,F1,2020-01-01,,C2\n",
        cadres="code,name,organization,professional,joined_on\nC7,甲,E7,true,2020-01-01\n",
        study_sessions="code,organization,held_on,main_speaker\nS1,F7,2026-03-01,C7\n",
        study_attendance="session,cadre,status\nS1,C7,present\nS1,C2,absent\n",
        expense_approvals="code,expense,body,approver,decision,decided_on\n"
        "A1,B1,chair,C7,approved,2026-03-01\nA2,B2,chair,C2,approved,2026-03-01\n",
        expenses=f"{EXPENSES}B2,C7,甲,,1,2026-03-01,\n",
    )
    report = bring(either, folder)
    assert report.changes == 11
    assert bring(either, folder).changes == 0
    district = one(either, Organization, code="Q7")
    assert district.chair is one(either, Cadre, code="C7")
    assert one(either, Organization, code="E7").district is district
    assert one(either, StudySession, code="S1").district is district
    assert one(either, Expense, code="B2").district is district
    absent = one(either, StudyAttendance, status="absent")
    assert absent.district.code == "Q1"
    assert one(either, ExpenseApproval, code="A1").district.code == "Q1"


def test_the_chair_may_change_and_be_cleared(either: Session, tmp_path: Path) -> None:
    head = "code,name,kind,parent,founded_on,tracked_from,chair\n"
    bring(either, write(tmp_path, organizations=f"{head}F1,一,federation,Q1,2008-03-01,,C1\n"))
    assert one(either, Organization, code="F1").chair is one(either, Cadre, code="C1")
    bring(either, write(tmp_path, organizations=f"{head}F1,一,federation,Q1,2008-03-01,,\n"))
    assert one(either, Organization, code="F1").chair is None


def test_a_cadre_who_moves_gets_a_new_posting(either: Session, tmp_path: Path) -> None:
    cadre = one(either, Cadre, code="C2")
    assert [(each.organization.code, each.from_on) for each in cadre.postings] == [
        ("F1", date(2012, 1, 1))
    ]
    head = "code,name,organization,professional,joined_on\n"
    report = bring(either, write(tmp_path, cadres=f"{head}C2,李四,E1,true,2012-01-01\n"))
    assert counts(report) == {"cadres": (0, 1, 0)}
    postings = either.scalars(
        select(Posting).filter_by(cadre_id=cadre.id).order_by(Posting.from_on)
    )
    found = [(each.organization.code, each.from_on, each.until_on) for each in postings]
    assert found == [
        ("F1", date(2012, 1, 1), date(2026, 10, 31)),
        ("E1", date(2026, 11, 1), None),
    ]
    bring(either, write(tmp_path, cadres=f"{head}C2,李四,F1,true,2012-01-01\n"))
    assert either.scalar(select(func.count(Posting.id)).filter_by(cadre_id=cadre.id)) == 2


def test_an_organization_may_move_inside_its_district(either: Session, tmp_path: Path) -> None:
    head = "code,name,kind,parent,founded_on\n"
    bring(either, write(tmp_path, organizations=f"{head}E1,一,enterprise,Q1,2012-06-01\n"))
    moved = one(either, Organization, code="E1")
    assert moved.parent is one(either, Organization, code="Q1")


def test_an_import_adds_one_audit_entry(either: Session, tmp_path: Path) -> None:
    entries = select(AuditEntry).filter_by(verb="import")
    (first,) = either.scalars(entries)
    assert (first.actor_name, first.at, first.district_id) == ("command line", AT, None)
    assert len(first.details["files"]["cadres"]["sha256"]) == 64
    folder = write(tmp_path, expenses=f"{EXPENSES}B2,C2,甲,,1,2026-03-01,\n")
    bring(either, folder)
    second = either.scalars(entries.order_by(AuditEntry.id)).all()[-1]
    assert second.district_id == one(either, Organization, code="Q1").id
    assert second.details["files"]["expenses"]["added"] == 1
    bring(either, folder)
    assert len(either.scalars(entries).all()) == 2


def test_columns_may_stand_in_any_order_and_be_chinese(session: Session, tmp_path: Path) -> None:
    content = (
        "开支日期,有票据,编号,开支金额（元）,收款单位,工会干部,,\n2026-03-01,是,B2,12.5,甲,C2,,\n"
    )
    bring(session, write(tmp_path, expenses=content))
    expense = one(session, Expense, code="B2")
    assert (expense.amount, expense.receipt, expense.payee) == (1250, True, "甲")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(
    session: Session, tmp_path: Path, encoding: str, ending: str
) -> None:
    lines = ["编号,组织,发生日期,摘要", 'H1,F1,2026-03-01,"分工，争议"', "H2,F1,2026-03-02,", ""]
    (tmp_path / "conflicts.csv").write_bytes(ending.join(lines).encode(encoding))
    assert counts(bring(session, tmp_path)) == {"conflicts": (2, 0, 0)}
    assert one(session, Conflict, code="H1").summary == "分工，争议"


def test_gb18030_that_looks_a_little_like_utf_8(session: Session, tmp_path: Path) -> None:
    content = "code,organization,opened_on,summary\nH1,F1,2026-03-01,联通模式啊\n"
    (tmp_path / "conflicts.csv").write_bytes(content.encode("gb18030"))
    bring(session, tmp_path)
    assert one(session, Conflict, code="H1").summary == "联通模式啊"


def test_texts_are_stored_as_typed_without_white_space_around_them(
    session: Session, tmp_path: Path
) -> None:
    content = (
        "code,organization,opened_on,summary\n"
        '" H1 ",\u3000F1\u00a0, 2026-03-01 ,"\ufeff\u3000 cafe\u0301\r\n第二行\t"\n'
        " , ,\u3000,\n"
        "H2,F1,2026-03-02,  \n"
    )
    (tmp_path / "conflicts.csv").write_text(content, encoding="utf-8", newline="")
    assert counts(bring(session, tmp_path)) == {"conflicts": (2, 0, 0)}
    assert one(session, Conflict, code="H1").summary == "cafe\u0301\n第二行"
    assert one(session, Conflict, code="H2").summary is None
    assert bring(session, tmp_path).changes == 0


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("TRUE", True), ("是", True), ("False", False), ("否", False)],
)
def test_booleans(session: Session, tmp_path: Path, word: str, value: bool) -> None:
    bring(session, write(tmp_path, expenses=f"{EXPENSES}B1,C2,甲,,1,2026-03-01,{word}\n"))
    assert one(session, Expense, code="B1").receipt is value


@pytest.mark.parametrize(
    ("text", "fen"), [("0", 0), ("0.01", 1), ("200", 20000), ("199.9", 19990), ("007.50", 750)]
)
def test_amounts(session: Session, tmp_path: Path, text: str, fen: int) -> None:
    bring(session, write(tmp_path, expenses=f"{EXPENSES}B1,C2,甲,,{text},2026-03-01,\n"))
    assert one(session, Expense, code="B1").amount == fen


def test_a_choice_may_be_given_by_its_chinese_label(session: Session, tmp_path: Path) -> None:
    content = (
        "code,cadre,kind,first_day,first_half,last_day\nL1,C2,公出,2026-03-01,下午,2026-03-02\n"
    )
    bring(session, write(tmp_path, leaves=content))
    leave = one(session, Leave, code="L1")
    assert (leave.kind, leave.first_half) == ("official", "pm")


def test_the_dates_of_different_events_may_stand_in_any_order(
    session: Session, tmp_path: Path
) -> None:
    folder = write(
        tmp_path,
        innovations="code,organization,title,proposed_on,adopted_on,result_on\n"
        "N1,F1,甲,2026-10-08,2026-06-28,2026-06-27\n",
        expenses="code,cadre,payee,amount,spent_on,requested_on,reimbursed_on\n"
        "B2,C2,甲,5,2026-03-05,2026-03-09,2026-03-01\n",
        leaves="code,cadre,kind,first_day,last_day,requested_on,approved_on,closed_on\n"
        "L1,C2,sick,2026-03-05,2026-03-06,2026-04-01,2026-03-31,2026-01-01\n",
        calendar_exceptions="day,kind,name\n2026-03-07,working,\n",
    )
    assert bring(session, folder).changes == 4
    assert one(session, CalendarException).name is None


def test_other_files_are_ignored(session: Session, tmp_path: Path) -> None:
    folder = write(tmp_path, expenses=EXPENSES)
    for name in ("notes.txt", "expenses.csv.bak", "~$book.xlsx", "._cadres.csv", "README"):
        (folder / name).write_text("something else\n")
    (folder / "older.csv").mkdir()
    assert counts(bring(session, folder)) == {"expenses": (0, 0, 0)}


def test_an_empty_folder_brings_nothing(session: Session, tmp_path: Path) -> None:
    assert bring(session, tmp_path).files == ()


def test_a_code_of_a_voided_row_is_not_given_again(session: Session, tmp_path: Path) -> None:
    expense = one(session, Expense, code="B1")
    expense.voided_at, expense.void_reason = AT, "录错了"
    session.commit()
    before = all_rows(session)
    assert counts(bring(session, WORLD))["expenses"] == (0, 0, 2)
    assert all_rows(session) == before
    again = write(tmp_path / "again", expenses=f"{EXPENSES}B1,C2,甲,,7,2026-03-01,\n")
    with pytest.raises(ImportRefused) as refused:
        bring(session, again)
    assert refused.value.problems[0].column == "code"
    approvals = "code,expense,body,decision,decided_on\nA1,B1,chair,approved,2026-03-01\n"
    with pytest.raises(ImportRefused) as refused:
        bring(session, write(tmp_path / "more", expense_approvals=approvals))
    assert refused.value.problems[0].column == "expense"


def test_a_voided_row_without_a_code_makes_room(session: Session, tmp_path: Path) -> None:
    row = one(session, Attendance)
    row.voided_at, row.void_reason = AT, "录错了"
    session.commit()
    assert counts(bring(session, WORLD))["attendance"] == (0, 0, 1)
    content = "cadre,day,clock_in,clock_out\nC2,2026-03-02,08:30,17:35\n"
    report = bring(session, write(tmp_path, attendance=content))
    assert counts(report) == {"attendance": (1, 0, 0)}
    assert one(session, Attendance, voided_at=None).clock_in == time(8, 30)


def test_only_the_districts_that_one_may_write_to(session: Session, tmp_path: Path) -> None:
    within = frozenset({one(session, Organization, code="Q1").id})
    allowed = write(tmp_path / "a", expenses=f"{EXPENSES}B2,C2,甲,,1,2026-03-01,\n")
    assert bring(session, allowed, within=within).districts == within
    assert bring(session, WORLD, within=within).changes == 0
    for number, files in enumerate(
        [
            {"expenses": f"{EXPENSES}B3,C9,甲,,1,2026-03-01,\n"},
            {"calendar_exceptions": "day,kind\n2026-03-07,working\n"},
            {
                "organizations": "code,name,kind,founded_on,tracked_from\n"
                "Q5,新,district,2020-01-01,2026-01-01\n"
            },
        ]
    ):
        with pytest.raises(ImportRefused):
            bring(session, write(tmp_path / str(number), **files), within=within)
        session.rollback()


def test_what_concerns_everybody_is_reported_as_such(session: Session, tmp_path: Path) -> None:
    folder = write(tmp_path, calendar_exceptions="day,kind\n2026-03-07,working\n")
    report = bring(session, folder)
    assert report.everywhere
    assert report.districts == frozenset()
