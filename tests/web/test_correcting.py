"""Records on which an active flag rests are corrected by a supervisor, and nobody's own by them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from plugins.discipline.models import ConductReport, Expense, ExpenseApproval
from tests.web.entering import expense, rows
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.linking import fill_links
from tiesan.flags.models import EvidenceLink, Flag, FlagRevision
from tiesan.people.models import Account, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.records.kinds import record_kind
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import ACTOR, AT, World

OTHERS = "此记录涉及未消除的预警标记，只能由该组织的督查领导更正或作废。"
OWN = "此记录涉及您本人或您任主席的组织的预警标记，只能由其他督查领导更正或作废。"


def self_approved(app: Flask, world: World) -> tuple[Person, int]:
    """Have it entered late that a member of the audit committee approved their own expense.

    Returns the member, and the row.
    """
    district = person(app, "district")
    spent = expense(world, "A", reimbursed_on="", code="BX-1")
    assert district.send("/records/expense/new/", spent).status_code == 302
    given = {"code": "SP-1", "expense": rows(app, Expense)[0].id, "body": "audit_committee"}
    given |= {"approver": world.cadres["CA"], "decision": "approved", "amount": ""}
    given |= {"decided_on": "2026-03-20", "late_reason": "补录纸质审批单"}
    assert district.send("/records/expense_approval/new/", given).status_code == 302
    assert raised(app, "expense_self_approved").active
    return person(app, "committee"), rows(app, ExpenseApproval)[0].id


def has_role(app: Flask, world: World, name: str, role: RoleName, place: str) -> None:
    """Give somebody a role."""
    with app.app_context():
        account = db.session.get(Account, world.accounts[name])
        where = db.session.get(Organization, world.organizations[place])
        assert account is not None
        grant_role(ACTOR, db.session(), account, role, where, at=AT)
        db.session.commit()


def may_correct(somebody: Person, kind: str, row: int) -> bool:
    """Whether somebody gets the form that corrects a row."""
    return somebody.get(f"/records/{kind}/edit/?id={row}").status_code == 200


def raised(app: Flask, rule: str) -> Flag:
    """The newest flag of a rule."""
    found: Flag = next(flag for flag in rows(app, Flag) if flag.rule == f"discipline.{rule}")
    return found


def bars(answer: Any) -> list[str]:
    """What a page says about who may correct the record."""
    return [said for said in messages(answer) if "更正或作废" in said]


def refused(somebody: Person, kind: str, row: int, text: str) -> None:
    """Neither the pages nor what is sent past them correct or void a row; its page says why."""
    details = somebody.get(f"/records/{kind}/details/?id={row}")
    assert details.status_code == 200
    assert [said.startswith(text) for said in bars(details)] == [True]
    token = somebody.filled("/flags/")["csrf_token"]
    for verb in ("edit", "void"):
        address = f"/records/{kind}/{verb}/?id={row}"
        assert address not in details.text
        sent = {
            "csrf_token": token,
            "decision": "rejected",
            "reason": "更正",
            "late_reason": "更正",
        }
        for answer in (somebody.get(address), somebody.client.post(address, data=sent)):
            assert answer.status_code == 403
            assert bars(answer) == bars(details)


def test_who_approved_their_own_expense_cannot_undo_it(app: Flask, world: World) -> None:
    committee, row = self_approved(app, world)
    refused(committee, "expense_approval", row, OWN)
    flag = raised(app, "expense_self_approved")
    assert flag.active
    assert f'<a href="/flags/{flag.id}">' in flags_of_page(committee, "expense_approval", row)
    # Nor does another member, nor the administrator; a supervisor does.
    has_role(app, world, "nobody", RoleName.AUDIT_COMMITTEE, "D1")
    refused(person(app, "nobody"), "expense_approval", row, OTHERS)
    assert not may_correct(person(app, "admin"), "expense_approval", row)
    district = person(app, "district")
    assert bars(district.get(f"/records/expense_approval/details/?id={row}")) == []
    voided = district.send(f"/records/expense_approval/void/?id={row}", {"reason": "录错"})
    assert voided.status_code == 302
    assert not raised(app, "expense_self_approved").active


def flags_of_page(somebody: Person, kind: str, row: int) -> str:
    """What the page of a record says of the flags that rest on it."""
    text = somebody.get(f"/records/{kind}/details/?id={row}").text
    return text.partition("以此记录为依据、未消除的预警标记</h2>")[2].partition("</section>")[0]


def test_a_record_that_the_evidence_refers_to_is_kept_too(
    lite_app: Flask, lite_world: World
) -> None:
    """Making the expense another's would clear the flag as well."""
    self_approved(lite_app, lite_world)
    row = rows(lite_app, Expense)[0].id
    has_role(lite_app, lite_world, "committee", RoleName.SUPERVISOR, "D1")
    refused(person(lite_app, "committee"), "expense", row, OWN)


def test_without_a_flag_or_once_it_is_cleared_nobody_is_barred(
    lite_app: Flask, lite_world: World
) -> None:
    committee, row = self_approved(lite_app, lite_world)
    other = lite_world.records["expense_approval"]["O"]
    edit = "/records/expense_approval/edit/?id="
    has_role(lite_app, lite_world, "nobody", RoleName.AUDIT_COMMITTEE, "D1")
    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["nobody"])
        assert account is not None
        account.cadre_id = lite_world.cadres["CS"]
        db.session.commit()
    given = {"expense": rows(lite_app, Expense)[0].id, "body": "audit_committee"}
    given |= {"approver": lite_world.cadres["CS"], "decision": "approved", "amount": ""}
    given |= {"late_reason": "审批人录错"}
    district = person(lite_app, "district")
    assert district.send(f"{edit}{row}", given).status_code == 302
    assert not raised(lite_app, "expense_self_approved").active
    for free in (row, other):
        assert district.get(f"{edit}{free}").status_code == 200
    # Whose decision it is now corrects it; whose expense it is does not.
    assert person(lite_app, "nobody").get(f"{edit}{row}").status_code == 200
    assert committee.get(f"{edit}{row}").status_code == 403


def test_a_supervisor_corrects_nothing_under_a_flag_of_their_own(
    lite_app: Flask, lite_world: World
) -> None:
    has_role(lite_app, lite_world, "nobody", RoleName.SUPERVISOR, "D1")
    district, other = person(lite_app, "district"), person(lite_app, "nobody")
    late = {"cadre": lite_world.cadres["CP"], "day": "2026-03-23", "clock_in": "08:31"}
    stored = other.send("/records/attendance/new/", late | {"clock_out": "17:30"})
    row = int(stored.location.rpartition("=")[2])
    assert raised(lite_app, "late").cadre_id == lite_world.cadres["CP"]
    refused(district, "attendance", row, OWN)
    on_time = late | {"clock_in": "08:30", "clock_out": "17:30", "late_reason": "考勤机误差"}
    assert other.send(f"/records/attendance/edit/?id={row}", on_time).status_code == 302
    assert not raised(lite_app, "late").active


def test_who_may_only_read_is_told_nothing(lite_app: Flask, lite_world: World) -> None:
    self_approved(lite_app, lite_world)
    own = person(lite_app, "cadre")
    row = lite_world.records["expense"]["O"]
    name_in_evidence(lite_app, lite_world.flags["mO"], {"fact": "expense", "code": "expense-O"})
    link = f"/flags/{lite_world.flags['mO']}"
    assert link in flags_of_page(own, "expense", row)
    assert bars(own.get(f"/records/expense/details/?id={row}")) == []
    assert bars(person(lite_app, "keeper").get(f"/records/expense/details/?id={row}")) == []


def name_in_evidence(app: Flask, flag: int, *facts: dict[str, Any]) -> None:
    """Have the evidence of a flag name records."""
    with app.app_context():
        statement = update(FlagRevision).where(FlagRevision.flag_id == flag)
        db.session.execute(statement.values(evidence=list(facts)))
        db.session.execute(delete(EvidenceLink).where(EvidenceLink.flag_id == flag))
        fill_links(db.session(), installed_catalog().plugins)
        db.session.commit()


@pytest.mark.parametrize("name", ["supervisor", "district"])
def test_no_refusal_tells_of_a_confidential_flag(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    """Although one that names an ordinary record, and is about who asks."""
    place = "O" if name == "supervisor" else "P"
    fact = {"fact": "expense", "code": "expense-O", "cadre": f"C{place}"}
    name_in_evidence(lite_app, lite_world.flags[f"k{place}"], fact)
    row = lite_world.records["expense"]["O"]
    page = person(lite_app, name).get(f"/records/expense/details/?id={row}")
    assert bars(page) == []
    assert flags_of_page(person(lite_app, name), "expense", row) == ""
    assert f"/records/expense/edit/?id={row}" in page.text


def test_who_answers_for_a_report_closes_it_under_its_flag(
    lite_app: Flask, lite_world: World
) -> None:
    """The audit committee as well, and nobody whom it concerns."""
    place, kind = "P", record_kind(ConductReport).name
    fact = {"fact": kind, "code": f"{kind}-{place}"}
    name_in_evidence(lite_app, lite_world.flags[f"k{place}"], fact)
    address = f"/records/{kind}/edit/?id={lite_world.records[kind][place]}"
    assert person(lite_app, "committee").get(address).status_code == 200
    for name in ("district", "admin"):
        assert person(lite_app, name).get(address).status_code in (403, 404)
