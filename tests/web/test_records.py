"""Entering, correcting and voiding records by form: what is stored, refused, and follows."""

import pytest
from flask import Flask

from plugins.discipline.models import Expense, ExpenseApproval, WorkLog
from plugins.research.models import InfoReport
from plugins.study.models import StudySession
from tests.web.entering import expense, problems, rows
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, Organization
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World


def test_the_flag_is_there_on_the_next_page(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    stored = supervisor.send("/records/expense/new/", expense(world, "H"))
    assert stored.status_code == 302
    page = supervisor.get(stored.location)
    said = messages(page)
    assert said[0].endswith("已保存。")
    assert said[1].startswith("新产生1个疑似预警标记")
    assert "达到审批起点200.00元" in said[1]
    flag = rows(app, Flag)[0]
    assert flag.rule == "discipline.expense_unapproved"
    assert f"/flags/{flag.id}" in page.text
    detail = supervisor.get(f"/flags/{flag.id}")
    assert "200元以上的开支必须先报区总工会经审委员会审批后，方可报销" in detail.text
    assert "审批起点" in detail.text
    assert "红旗饭店" in detail.text
    evidence = detail.text.partition('class="exhibit"')[2].partition("</section>")[0]
    assert "<dt>录入人</dt> <dd>supervisor</dd>" in " ".join(evidence.split())
    assert "网页录入" in evidence


def test_below_the_threshold_nothing_is_flagged(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    stored = supervisor.send("/records/expense/new/", expense(world, "H", amount="199.99"))
    assert len(messages(supervisor.get(stored.location))) == 1


def test_correcting_clears_the_flag(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    page = supervisor.send("/records/expense/new/", expense(world, "H")).location
    row = rows(app, Expense)[0]
    edit = f"/records/expense/edit/?id={row.id}"
    supervisor.send(edit, expense(world, "H", amount="150", late_reason="金额录错"))
    assert "1个预警标记已消除。" in messages(supervisor.get(page))
    assert rows(app, Expense)[0].amount == 15_000
    assert not rows(app, Flag)[0].active


def test_voiding_needs_a_reason_and_clears_the_flag(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    page = supervisor.send("/records/expense/new/", expense(world, "H")).location
    row = rows(app, Expense)[0]
    void = f"/records/expense/void/?id={row.id}"
    refused = supervisor.send(void, {"reason": "  "})
    assert refused.status_code == 200
    assert problems(refused) == ["此项必填。"]
    supervisor.send(void, {"reason": "重复录入"})
    assert "1个预警标记已消除。" in messages(supervisor.get(page))
    voided = rows(app, Expense)[0]
    assert voided.void_reason == "重复录入"
    assert supervisor.get(void).status_code == 403
    assert supervisor.get(f"/records/expense/edit/?id={row.id}").status_code == 403
    listed = supervisor.get("/records/expense/").text
    assert f'details/?id={row.id}"' not in listed
    assert f'details/?id={row.id}"' in supervisor.get("/records/expense/?flt_voided=yes").text


def test_the_record_says_who_entered_it(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    page = supervisor.get(
        supervisor.send("/records/expense/new/", expense(lite_world, "O")).location
    )
    row = rows(lite_app, Expense)[0]
    assert row.recorded_by_id == lite_world.accounts["supervisor"]
    assert row.source == "web"
    assert "网页录入" in page.text
    entry = next(each for each in rows(lite_app, AuditEntry) if each.verb == "create")
    assert entry.actor_name == "supervisor"
    assert entry.details["reason"] == "补录纸质单据"


def test_a_code_is_given_where_none_was_typed(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    supervisor.send("/records/expense/new/", expense(lite_world, "O"))
    given = rows(lite_app, Expense)[0].code
    assert given == f"D1-BX{today().year}-0001"
    supervisor.send("/records/expense/new/", expense(lite_world, "O", code="BX-1"))
    assert rows(lite_app, Expense)[0].code == "BX-1"
    refused = supervisor.send("/records/expense/new/", expense(lite_world, "O", code="BX-1"))
    assert problems(refused) == ["已有相同的记录。"]


# --- whose --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["S", "P", "X"])
def test_nobody_enters_for_others(place: str, app: Flask, world: World) -> None:
    before = len(rows(app, Expense))
    answer = person(app, "supervisor").send("/records/expense/new/", expense(world, place))
    assert problems(answer) == ["没有可供您选择的这一项。"]
    assert len(rows(app, Expense)) == before


@pytest.mark.parametrize("place", ["S", "P", "X"])
def test_nobody_moves_a_row_to_others(place: str, app: Flask, world: World) -> None:
    row = world.records["expense"]["O"]
    answer = person(app, "supervisor").send(
        f"/records/expense/edit/?id={row}", expense(world, place)
    )
    assert problems(answer) == ["没有可供您选择的这一项。"]


@pytest.mark.parametrize("page", ["edit", "void"])
@pytest.mark.parametrize("place", ["S", "P", "X"])
def test_a_row_of_others_takes_nothing(
    page: str, place: str, lite_app: Flask, lite_world: World
) -> None:
    row = lite_world.records["expense"][place]
    answer = person(lite_app, "supervisor").send(
        f"/records/expense/{page}/?id={row}",
        {**expense(lite_world, "O"), "reason": "weg"},
        form="/records/expense/new/",
    )
    assert answer.status_code == 404


def test_a_cadre_enters_their_own_as_of_today(app: Flask, world: World) -> None:
    cadre = person(app, "cadre")
    form = cadre.get("/records/info_report/new/").text
    for hidden in ('name="cadre"', 'name="submitted_on"', 'name="code"'):
        assert hidden not in form
    # What is sent for somebody else is refused; the day is not taken from what is sent.
    sent = {"title": "动态", "content": "本周动态两则", "submitted_on": "2026-03-10"}
    before = len(rows(app, InfoReport))
    foreign = cadre.send("/records/info_report/new/", sent | {"cadre": world.cadres["CB"]})
    assert foreign.status_code == 200
    assert len(rows(app, InfoReport)) == before
    assert cadre.send("/records/info_report/new/", sent).status_code == 302
    row = rows(app, InfoReport)[0]
    assert (row.cadre_id, row.submitted_on) == (world.cadres["CO"], today())
    assert row.recorded_by_id == world.accounts["cadre"]
    # What was entered is theirs to correct while the day lasts.
    assert cadre.get(f"/records/info_report/edit/?id={row.id}").status_code == 200


def test_a_cadre_writes_todays_log(lite_app: Flask, lite_world: World) -> None:
    cadre = person(lite_app, "cadre")
    cadre.send("/records/work_log/new/", {"day": f"{today():%Y-%m-%d}", "content": "走访三家企业"})
    row = rows(lite_app, WorkLog)[0]
    assert (row.cadre.code, row.written_on) == ("CO", today())


def test_a_chair_enters_for_the_organization_they_chair(app: Flask, world: World) -> None:
    chair = person(app, "chair")
    sent = {"held_on": today(), "topic": "学习", "main_speaker": world.cadres["CO"]}
    own = chair.send(
        "/records/study_session/new/", sent | {"organization": world.organizations["F1"]}
    )
    assert own.status_code == 302
    assert rows(app, StudySession)[0].organization_id == world.organizations["F1"]
    stored = len(rows(app, StudySession))
    for place in ("E1", "F2", "D1", "D2"):
        other = chair.send(
            "/records/study_session/new/", sent | {"organization": world.organizations[place]}
        )
        assert problems(other)[0] == "没有可供您选择的这一项。"
        assert len(rows(app, StudySession)) == stored


def test_the_committee_decides_on_expenses_of_its_district(app: Flask, world: World) -> None:
    committee = person(app, "committee")
    sent = {
        "body": "audit_committee",
        "approver": world.cadres["CA"],
        "decision": "approved",
        "decided_on": "2026-03-24",
        "late_reason": "补录纸质审批单",
    }
    assert 'name="decided_on"' not in committee.get("/records/expense_approval/new/").text
    for place, status in (("O", 302), ("P", 302), ("X", 200)):
        answer = committee.send(
            "/records/expense_approval/new/", sent | {"expense": world.records["expense"][place]}
        )
        assert answer.status_code == status
    decided = rows(app, ExpenseApproval)
    assert len(decided) == 5 + 2
    assert [row.decided_on for row in decided[:2]] == [today(), today()]
    sent |= {"expense": world.records["expense"]["O"], "late_reason": "更正"}
    page = f"/records/expense_approval/edit/?id={decided[1].id}"
    assert committee.send(page, sent | {"decision": "rejected"}).status_code == 302
    corrected = next(row for row in rows(app, ExpenseApproval) if row.id == decided[1].id)
    assert (corrected.decision, corrected.decided_on) == ("rejected", today())


def test_an_approval_clears_the_flag_of_its_expense(app: Flask, world: World) -> None:
    person(app, "supervisor").send("/records/expense/new/", expense(world, "H"))
    sent = {
        "expense": rows(app, Expense)[0].id,
        "body": "audit_committee",
        "approver": world.cadres["CA"],
        "decision": "approved",
        "decided_on": "2026-03-24",
        "late_reason": "补录纸质审批单",
    }
    committee, district = person(app, "committee"), person(app, "district")
    # The committee decides today, which is too late; on paper it had decided in time.
    late = committee.send("/records/expense_approval/new/", sent)
    assert not any("已消除" in said for said in messages(committee.get(late.location)))
    stored = district.send("/records/expense_approval/new/", sent)
    assert "1个预警标记已消除。" in messages(district.get(stored.location))


def test_a_report_about_oneself_cannot_be_entered(lite_app: Flask, lite_world: World) -> None:
    district = person(lite_app, "district")
    sent = {"kind": "conduct", "reported_on": "2026-03-20"}
    about_other = district.send(
        "/records/conduct_report/new/", sent | {"cadre": lite_world.cadres["CO"]}
    )
    assert about_other.status_code == 302
    about_self = district.send(
        "/records/conduct_report/new/", sent | {"cadre": lite_world.cadres["CP"]}
    )
    assert about_self.status_code == 200
    assert "您无权为该干部或组织录入。" in messages(about_self)


def test_each_look_at_a_confidential_row_is_noted(app: Flask, world: World) -> None:
    committee = person(app, "committee")
    report = world.records["conduct_report"]["O"]
    assert "涉密" in committee.get(f"/records/conduct_report/details/?id={report}").text
    committee.get(f"/flags/{world.flags['kO']}")
    committee.get("/records/conduct_report/export/csv/")
    noted = [
        (entry.verb, entry.object_kind, entry.object_id)
        for entry in rows(app, AuditEntry)
        if entry.actor_name == "committee"
    ]
    assert noted == [
        ("export", "conduct_report", None),
        ("look", "flag", world.flags["kO"]),
        ("look", "conduct_report", report),
    ]


def test_rows_are_never_deleted(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    for address in ("delete", "action", "ajax/update"):
        answer = admin.send(f"/records/expense/{address}/", {"id": 1}, form="/")
        assert answer.status_code == 404


def test_a_stored_reference_out_of_reach_may_stay(lite_app: Flask, lite_world: World) -> None:
    """A session whose speaker has gone elsewhere can still be corrected."""
    session_id = lite_world.records["study_session"]["O"]
    with lite_app.app_context():
        row = db.session.get(StudySession, session_id)
        speaker = db.session.get(Cadre, lite_world.cadres["CS"])
        assert row is not None
        row.main_speaker = speaker
        db.session.commit()
    supervisor = person(lite_app, "supervisor")
    sent = {
        "organization": lite_world.organizations["F1"],
        "held_on": "2026-03-21",
        "main_speaker": lite_world.cadres["CS"],
        "late_reason": "日期录错",
    }
    kept = supervisor.send(f"/records/study_session/edit/?id={session_id}", sent)
    assert kept.status_code == 302
    other = supervisor.send(
        f"/records/study_session/edit/?id={session_id}",
        sent | {"main_speaker": lite_world.cadres["CP"]},
    )
    assert problems(other) == ["没有可供您选择的这一项。"]


def test_saving_without_a_change_says_so(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    session_id = lite_world.records["study_session"]["O"]
    sent = {"organization": lite_world.organizations["F1"], "held_on": "2026-03-20"}
    answer = supervisor.send(f"/records/study_session/edit/?id={session_id}", sent)
    assert messages(supervisor.get(answer.location)) == ["内容没有变化。"]


def test_somebody_without_a_role_is_told_so(lite_app: Flask, lite_world: World) -> None:
    nobody: Person = person(lite_app, "nobody")
    assert messages(nobody.get("/")) == ["您的账号还没有角色，请联系管理员授予。"]


def test_the_chain_of_organizations_is_shown_by_name(lite_app: Flask, lite_world: World) -> None:
    with lite_app.app_context():
        organization = db.session.get(Organization, lite_world.organizations["F1"])
        assert organization is not None
        name = organization.name
    page = person(lite_app, "district").get(
        f"/records/study_session/details/?id={lite_world.records['study_session']['O']}"
    )
    assert f">{name}</a>" in page.text
