"""Nobody judges themself by adding a record: what is about oneself is entered by somebody else."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from plugins.discipline.models import ExpenseApproval, WorkLog
from plugins.innovation.models import Innovation
from plugins.study.models import StudySession
from tests.web.entering import problems, rows
from tests.web.test_correcting import has_role
from tests.web.test_placing import administers
from tests.web.world import flag_of
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import DistrictState, Flag
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World

APPROVALS = "/records/expense_approval"
LOGS = "/records/work_log"
ABOUT_ONESELF = "涉及您本人或您任主席的组织的记录，不能由您补录、代录或审批"
CLEARS = "此项保存会消除您本人或您任主席的组织的预警标记"


def late_approval(world: World, place: str, **changed: object) -> dict[str, object]:
    """What a supervisor sends who enters an approval late, for the expense at a place."""
    return {
        "expense": world.records["expense"][place],
        "body": "audit_committee",
        "approver": world.cadres["CA"],
        "decision": "approved",
        "decided_on": "2026-03-12",
        "late_reason": "补录纸质审批单",
        **changed,
    }


def said(answer: Any, text: str) -> bool:
    return any(text in each for each in messages(answer))


# --- late entries ---------------------------------------------------------------------------------


def test_a_supervisor_enters_no_approval_of_their_own_expense(app: Flask, world: World) -> None:
    before = len(rows(app, ExpenseApproval))
    answer = person(app, "district").send(f"{APPROVALS}/new/", late_approval(world, "P"))
    assert answer.status_code == 200
    assert said(answer, ABOUT_ONESELF)
    assert len(rows(app, ExpenseApproval)) == before
    # For somebody else it is what supervisors are there for.
    stored = person(app, "district").send(f"{APPROVALS}/new/", late_approval(world, "S"))
    assert stored.status_code == 302


def test_a_supervisor_enters_no_late_log_of_their_own(app: Flask, world: World) -> None:
    sent = {
        "day": "2026-03-10",
        "written_on": "2026-03-10",
        "content": "补录走访情况",
        "late_reason": "x",
    }
    district = person(app, "district")
    answer = district.send(f"{LOGS}/new/", sent | {"cadre": world.cadres["CP"]})
    assert said(answer, ABOUT_ONESELF)
    stored = district.send(f"{LOGS}/new/", sent | {"cadre": world.cadres["CS"]})
    assert stored.status_code == 302


def test_who_is_a_cadre_as_well_enters_their_own_on_the_day_of_the_system(
    app: Flask, world: World
) -> None:
    has_role(app, world, "district", RoleName.CADRE, "D1")
    district = person(app, "district")
    listed = district.get(f"{LOGS}/").text
    assert f"{LOGS}/new/?own=1" in listed
    form = district.get(f"{LOGS}/new/?own=1").text
    assert 'name="written_on"' not in form
    assert 'name="cadre"' not in form
    sent = {"day": "2026-03-10", "written_on": "2026-03-10", "content": "走访企业两家"}
    # Somebody else as whose it is was sent by hand: it is not stored for whoever sent it.
    before = len(rows(app, WorkLog))
    for other in (world.cadres["CS"], "CS", "x"):
        refused = district.send(f"{LOGS}/new/?own=1", sent | {"cadre": other})
        assert said(refused, "本表单只能录入您本人的记录")
        assert len(rows(app, WorkLog)) == before
    stored = district.send(f"{LOGS}/new/?own=1", sent | {"cadre": "CP"})
    assert stored.status_code == 302
    row = rows(app, WorkLog)[0]
    assert (row.cadre_id, row.written_on) == (world.cadres["CP"], today())


def test_nobody_corrects_what_is_about_themself(lite_app: Flask, lite_world: World) -> None:
    district = person(lite_app, "district")
    for kind in ("attendance", "work_log", "expense", "expense_approval", "leave"):
        own, other = (lite_world.records[kind][place] for place in "PS")
        for verb in ("edit", "void"):
            address = f"/records/{kind}/{verb}/?id="
            assert district.get(f"{address}{own}").status_code == 403
            assert district.get(f"{address}{other}").status_code == 200
    # Nor makes somebody else's their own.
    edit = f"{LOGS}/edit/?id={lite_world.records['work_log']['S']}"
    sent = {"cadre": lite_world.cadres["CP"], "day": "2026-03-10", "written_on": "2026-03-10"}
    answer = district.send(edit, sent | {"content": "移到自己名下", "late_reason": "x"})
    assert said(answer, "不能把记录改为涉及您本人")


def test_what_one_entered_today_can_be_withdrawn(lite_app: Flask, lite_world: World) -> None:
    has_role(lite_app, lite_world, "district", RoleName.CADRE, "D1")
    district = person(lite_app, "district")
    sent = {"day": f"{today():%Y-%m-%d}", "content": "走访企业两家"}
    stored = district.send(f"{LOGS}/new/?own=1", sent)
    row_id = stored.location.rpartition("=")[2]
    answer = district.send(f"{LOGS}/void/?id={row_id}", {"reason": "写错了"})
    assert answer.status_code == 302


# --- who configures does not enter ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["admin", "keeper"])
def test_an_administrator_enters_corrects_and_voids_nothing(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    administrator = person(lite_app, name)
    for kind, of_place in lite_world.records.items():
        base = f"/records/{kind}"
        assert administrator.get(f"{base}/new/").status_code == 403
        for verb in ("edit", "void"):
            status = administrator.get(f"{base}/{verb}/?id={of_place['O']}").status_code
            assert status in {403, 404}
    sent = late_approval(lite_world, "O")
    assert administrator.send(f"{APPROVALS}/new/", sent, form="/").status_code == 403


# --- decisions ------------------------------------------------------------------------------------


def test_a_late_decision_names_who_may_take_it_and_they_get_to_know(
    app: Flask, world: World
) -> None:
    district = person(app, "district")
    before = len(rows(app, ExpenseApproval))
    for wrong, text in (
        ({"approver": ""}, "补录审批须填写作出决定的人。"),
        ({"approver": world.cadres["CO"]}, "陈欧在该处不属于此审批机构。"),
        ({"body": "chair"}, "安审在该处不属于此审批机构。"),
    ):
        answer = district.send(f"{APPROVALS}/new/", late_approval(world, "O", **wrong))
        assert problems(answer) == [text]
    assert len(rows(app, ExpenseApproval)) == before
    assert "告知事项" not in person(app, "committee").get("/").text
    assert district.send(f"{APPROVALS}/new/", late_approval(world, "O")).status_code == 302
    page = person(app, "committee").get("/").text
    told = page.partition("告知事项</h2>")[2].partition("</section>")[0]
    assert "潘培补录了由您作出的决定：开支审批" in told
    row = rows(app, ExpenseApproval)[0]
    assert f"{APPROVALS}/details/?id={row.id}" in told
    # Of the chair's approvals it is the chair.
    chair = late_approval(world, "O", body="chair", approver=world.cadres["CH"])
    assert district.send(f"{APPROVALS}/new/", chair).status_code == 302


def test_who_holds_the_role_no_more_is_not_named(lite_app: Flask, lite_world: World) -> None:
    """It is asked on the day of entering, not on that of the decision."""
    with lite_app.app_context():
        cadre = db.session.get(Cadre, lite_world.cadres["CA"])
        assert cadre is not None
        cadre.left_on = today()
        db.session.commit()
    answer = person(lite_app, "district").send(f"{APPROVALS}/new/", late_approval(lite_world, "O"))
    assert problems(answer) == ["安审在该处不属于此审批机构。"]


def test_a_member_decides_themself_today_and_not_about_themself(app: Flask, world: World) -> None:
    committee = person(app, "committee")
    form = committee.get(f"{APPROVALS}/new/").text
    for name in ("approver", "body", "decided_on", "code"):
        assert f'name="{name}"' not in form
    before = len(rows(app, ExpenseApproval))
    forged = late_approval(world, "O", approver=world.cadres["CO"], body="chair")
    refused = committee.send(f"{APPROVALS}/new/", forged)
    assert said(refused, "指定了他人")
    assert len(rows(app, ExpenseApproval)) == before
    sent = late_approval(world, "O", approver=world.cadres["CA"], body="chair")
    assert committee.send(f"{APPROVALS}/new/", sent).status_code == 302
    row = rows(app, ExpenseApproval)[0]
    decided = (row.approver_id, row.body, row.decided_on)
    assert decided == (world.cadres["CA"], "audit_committee", today())
    with app.app_context():
        account = db.session.get(Account, world.accounts["committee"])
        assert account is not None
        account.cadre_id = None
        db.session.flush()
        account.cadre_id = world.cadres["CS"]
        db.session.commit()
    own = late_approval(world, "S", approver=world.cadres["CS"])
    answer = person(app, "committee").send(f"{APPROVALS}/new/", own)
    assert said(answer, ABOUT_ONESELF)


def test_a_member_corrects_their_own_decision_only(lite_app: Flask, lite_world: World) -> None:
    committee = person(lite_app, "committee")
    other = lite_world.records["expense_approval"]["O"]
    for verb in ("edit", "void"):
        assert committee.get(f"{APPROVALS}/{verb}/?id={other}").status_code == 403
    stored = committee.send(f"{APPROVALS}/new/", late_approval(lite_world, "O"))
    row_id = stored.location.rpartition("=")[2]
    assert committee.get(f"{APPROVALS}/edit/?id={row_id}").status_code == 200


# --- what a chair enters --------------------------------------------------------------------------


def session_of(world: World, held_on: date) -> dict[str, object]:
    return {"organization": world.organizations["F1"], "held_on": held_on, "topic": "学习"}


def test_a_chair_enters_a_session_up_to_three_working_days_back(app: Flask, world: World) -> None:
    chair, new = person(app, "chair"), "/records/study_session/new/"
    days = WorkingCalendar().between(today() - timedelta(days=60), today() - timedelta(days=1))
    assert f'value="{today():%Y-%m-%d}"' in chair.get(new).text
    before = len(rows(app, StudySession))
    tomorrow = today() + timedelta(days=1)
    assert problems(chair.send(new, session_of(world, tomorrow))) == ["日期不得晚于今天。"]
    answer = chair.send(new, session_of(world, days[-4]))
    assert problems(answer) == ["最多可补填3个工作日以内的，更早的由督查领导补录。"]
    assert len(rows(app, StudySession)) == before
    for held_on in (days[-3], today()):
        assert chair.send(new, session_of(world, held_on)).status_code == 302
    late = person(app, "supervisor").send(new, session_of(world, days[-4]))
    assert late.status_code == 302


def flagged(app: Flask, world: World, rule: str, key: str, **of: str) -> int:
    """Store a flag that is there since yesterday's evaluation; returns its id."""
    with app.app_context():
        district = db.session.get(Organization, world.organizations["D1"])
        place = db.session.get(Organization, world.organizations[of.get("place", "F1")])
        assert district is not None
        assert place is not None
        district.tracked_from = date(2025, 1, 1)
        state = DistrictState(district_id=district.id, evaluated_as_of=today() - timedelta(days=1))
        db.session.add(state)
        cadre = db.session.get(Cadre, world.cadres[of.get("cadre", "CO")])
        assert cadre is not None
        flag = flag_of(place, cadre, rule, of_cadre="cadre" in of)
        flag.key, flag.occurred_on = key, date(2025, 12, 31)
        db.session.add(flag)
        db.session.commit()
        return flag.id


def active(app: Flask, flag: int) -> bool:
    with app.app_context():
        found = db.session.get(Flag, flag)
        assert found is not None
        return found.active


def test_no_entry_of_the_chair_clears_a_flag_of_the_organization(app: Flask, world: World) -> None:
    flag = flagged(app, world, "innovation.none", "2025")
    sent = {"organization": world.organizations["F1"], "title": "亮点", "proposed_on": "2025-06-02"}
    chair, new = person(app, "chair"), "/records/innovation/new/"
    # The day of a proposal of one's own is that of entering it, whatever is sent.
    assert chair.send(new, sent).status_code == 302
    assert rows(app, Innovation)[0].proposed_on == today()
    assert active(app, flag)
    # A supervisor enters it, whose flag it is not.
    stored = person(app, "supervisor").send(new, sent | {"late_reason": "补录"})
    assert stored.status_code == 302
    assert not active(app, flag)


def test_a_log_of_ones_own_that_is_written_late_is_stored_and_late(
    app: Flask, world: World
) -> None:
    day = WorkingCalendar().between(today() - timedelta(days=30), today() - timedelta(days=10))[0]
    flag = flagged(app, world, "discipline.log_missing", day.isoformat(), cadre="CO")
    with app.app_context():
        row = db.session.get(Flag, flag)
        assert row is not None
        row.occurred_on = WorkingCalendar().after(day, 1)
        db.session.commit()
    cadre = person(app, "cadre")
    stored = cadre.send(f"{LOGS}/new/", {"day": day.isoformat(), "content": "补写当日走访情况"})
    assert stored.status_code == 302
    assert not active(app, flag)
    late = [each for each in rows(app, Flag) if each.rule == "discipline.log_late" and each.active]
    assert [each.key for each in late] == [day.isoformat()]


def test_no_administrator_edits_their_own_flag_away(lite_app: Flask, lite_world: World) -> None:
    """By a later day of assessment in their own row."""
    world = lite_world
    day = WorkingCalendar().between(today() - timedelta(days=30), today() - timedelta(days=10))[0]
    flag = flagged(lite_app, world, "discipline.absent", day.isoformat(), cadre="CP", place="D1")
    with lite_app.app_context():
        row = db.session.get(Flag, flag)
        assert row is not None
        row.occurred_on = day
        db.session.commit()
    administers(lite_app, world, "district", "D1")
    sent = {"name": "潘培", "organization": world.organizations["D1"], "professional": "yes"}
    sent |= {"joined_on": "2010-01-01", "reason": "重新核定"}
    district, edit = person(lite_app, "district"), "/people/cadres/edit/?id="
    answer = district.send(f"{edit}{world.cadres['CP']}", sent | {"assessed_from": str(today())})
    assert said(answer, CLEARS)
    assert active(lite_app, flag)
    post = sent | {"post": "副主席"}
    assert district.send(f"{edit}{world.cadres['CP']}", post).status_code == 302


# --- who has left ---------------------------------------------------------------------------------


def left(app: Flask, world: World, code: str) -> None:
    with app.app_context():
        cadre = db.session.get(Cadre, world.cadres[code])
        assert cadre is not None
        cadre.left_on = today()
        db.session.commit()


def test_who_has_left_sees_their_flags_and_enters_nothing(app: Flask, world: World) -> None:
    left(app, world, "CO")
    left(app, world, "CP")
    cadre, district = person(app, "cadre"), person(app, "district")
    assert cadre.get("/").status_code == 200
    assert cadre.get(f"/flags/{world.flags['cO']}").status_code == 200
    assert cadre.get(f"/records/leave/details/?id={world.records['leave']['O']}").status_code == 200
    for kind in ("work_log", "info_report", "study_session", "attendance"):
        for somebody in (cadre, district):
            assert somebody.get(f"/records/{kind}/new/").status_code == 403
            assert "录入新记录" not in somebody.get(f"/records/{kind}/").text
    for kind in ("leave", "expense"):
        assert cadre.get(f"/records/{kind}/new/request").status_code in {403, 409}
    edit = f"{LOGS}/edit/?id={world.records['work_log']['S']}"
    assert district.get(edit).status_code == 403
    verb = f"/records/leave/{world.records['leave']['S']}/approve"
    assert district.get(verb).status_code == 409
