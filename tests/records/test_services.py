"""Creating, changing and voiding records: what is stored, audited and refused."""

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from plugins.discipline.assets import Asset
from plugins.discipline.models import (
    Attendance,
    Expense,
    ExpenseApproval,
    Leave,
)
from plugins.innovation.models import Award
from plugins.meetings.models import Meeting, MeetingAttendance
from tests.records.conftest import World
from tests.records.writing import ACTOR, AT, LATER
from tiesan.audit import AuditEntry
from tiesan.errors import UserError
from tiesan.i18n import use_language
from tiesan.records.services import create_record, update_record, void_record
from tiesan.records.validation import RecordRefused


def expense_values(world: World, **changes: object) -> dict[str, Any]:
    """The values of a good expense."""
    values = {"code": "B1", "cadre": world.cadre, "payee": "打印店", "amount": 20000}
    return values | {"spent_on": date(2026, 3, 1)} | changes


def expense(world: World, **changes: object) -> Expense:
    """A stored expense."""
    return create_record(ACTOR, world.session, Expense, expense_values(world, **changes), at=AT)


def entries(world: World, verb: str) -> list[AuditEntry]:
    """The audit entries of a verb that are about records."""
    kinds = ("organization", "cadre")
    statement = select(AuditEntry).where(
        AuditEntry.verb == verb, AuditEntry.object_kind.not_in(kinds)
    )
    return list(world.session.scalars(statement.order_by(AuditEntry.id)))


def problems(world: World, model: type[Any], values: dict[str, Any]) -> list[str]:
    """The fields that are refused; nothing stays in the session."""
    with pytest.raises(RecordRefused) as refused:
        create_record(ACTOR, world.session, model, values, at=AT)
    world.session.rollback()
    return [field for field, _text in refused.value.problems]


def test_a_record_is_stored_with_who_when_and_where(world: World) -> None:
    stored = expense(world, payee="  打印店\u3000", item="  ")
    world.session.commit()
    assert (stored.payee, stored.item, stored.receipt) == ("打印店", None, False)
    assert (stored.recorded_at, stored.source, stored.district) == (AT, "web", world.district)
    (entry,) = entries(world, "create")
    assert (entry.actor_name, entry.object_kind, entry.object_code) == ("tester", "expense", "B1")
    assert (entry.object_id, entry.district_id, entry.at) == (stored.id, world.district.id, AT)
    assert entry.details["values"]["cadre"] == "C1"
    assert entry.details["values"]["spent_on"] == "2026-03-01"


def test_late_records_have_their_reason_in_the_trail(world: World) -> None:
    values = expense_values(world)
    create_record(ACTOR, world.session, Expense, values, at=AT, reason="补录")
    assert entries(world, "create")[0].details["reason"] == "补录"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payee": None}, "payee"),
        ({"payee": " \u3000"}, "payee"),
        ({"payee": "长" * 201}, "payee"),
        ({"payee": "a\0b"}, "payee"),
        ({"amount": -1}, "amount"),
        ({"amount": 2**53}, "amount"),
        ({"spent_on": None}, "spent_on"),
        ({"cadre": None}, "cadre"),
    ],
)
def test_wrong_values_are_refused_by_field(
    world: World, changes: dict[str, Any], field: str
) -> None:
    assert problems(world, Expense, expense_values(world, **changes)) == [field]
    assert entries(world, "create") == []


def test_all_problems_are_listed_in_the_reader_s_language(world: World) -> None:
    values = expense_values(world, payee=None, amount=-1)
    with use_language("zh"), pytest.raises(RecordRefused) as refused:
        create_record(ACTOR, world.session, Expense, values, at=AT)
    assert refused.value.lines == ["收款单位: 不能为空", "开支金额（元）: 金额为负数或过大"]


def test_values_are_checked_together(world: World) -> None:
    leave = {"code": "L1", "cadre": world.cadre, "kind": "sick", "first_day": date(2026, 3, 5)}
    assert problems(world, Leave, leave | {"last_day": date(2026, 3, 4)}) == ["last_day"]
    halves = {"last_day": date(2026, 3, 5), "first_half": "pm", "last_half": "am"}
    assert problems(world, Leave, leave | halves) == ["last_half"]
    assert problems(world, Leave, leave | {"last_day": date(2026, 3, 5), "kind": "x"}) == ["kind"]
    assert problems(world, Award, {"code": "J1", "nominated_on": date(2026, 3, 5)}) == ["cadre"]


def test_a_code_and_an_identity_are_given_once(world: World) -> None:
    expense(world)
    world.session.commit()
    assert problems(world, Expense, expense_values(world)) == ["code"]
    values = {"cadre": world.cadre, "day": date(2026, 3, 2), "clock_in": time(8, 20)}
    row = create_record(ACTOR, world.session, Attendance, values, at=AT)
    world.session.commit()
    assert problems(world, Attendance, values) == ["day"]
    void_record(ACTOR, world.session, row, reason="录错了", at=LATER)
    create_record(ACTOR, world.session, Attendance, values, at=AT)
    world.session.commit()


def test_program_errors_are_no_user_errors(world: World) -> None:
    with pytest.raises(TypeError, match="no field mood"):
        create_record(ACTOR, world.session, Expense, expense_values(world, mood=1), at=AT)
    with pytest.raises(TypeError, match="amount"):
        create_record(ACTOR, world.session, Expense, expense_values(world, amount="5"), at=AT)


def test_an_update_is_audited_with_before_and_after(world: World) -> None:
    stored = expense(world)
    changed = update_record(
        ACTOR, world.session, stored, {"amount": 100, "cadre": world.chair}, at=LATER, reason="更正"
    )
    assert changed
    assert (stored.amount, stored.cadre, stored.recorded_at) == (100, world.chair, AT)
    (entry,) = entries(world, "update")
    assert entry.details == {
        "changed": {"amount": [20000, 100], "cadre": ["C1", "C2"]},
        "reason": "更正",
    }
    assert not update_record(ACTOR, world.session, stored, {"amount": 100}, at=LATER)
    assert len(entries(world, "update")) == 1


def test_an_update_is_refused_like_a_new_record(world: World) -> None:
    stored = expense(world)
    expense(world, code="B2")
    world.session.commit()
    for change in ({"payee": None}, {"amount": -1}, {"code": "B2"}):
        with pytest.raises(RecordRefused):
            update_record(ACTOR, world.session, stored, change, at=LATER)
        world.session.rollback()
    assert (stored.payee, stored.amount, stored.code) == ("打印店", 20000, "B1")


def test_a_voided_record_stays_and_cannot_be_touched(world: World) -> None:
    stored = expense(world)
    void_record(ACTOR, world.session, stored, reason=" 录错了 ", at=LATER)
    assert (stored.voided_at, stored.void_reason) == (LATER, "录错了")
    assert entries(world, "void")[0].details["reason"] == "录错了"
    with pytest.raises(UserError):
        void_record(ACTOR, world.session, stored, reason="again", at=LATER)
    with pytest.raises(UserError):
        update_record(ACTOR, world.session, stored, {"amount": 1}, at=LATER)


@pytest.mark.parametrize("reason", ["", " \u3000", "长" * 501])
def test_voiding_needs_a_reason(world: World, reason: str) -> None:
    with pytest.raises(UserError):
        void_record(ACTOR, world.session, expense(world), reason=reason, at=LATER)


def test_what_others_refer_to_is_not_voided_before_them(world: World) -> None:
    stored = expense(world)
    values = {"code": "A1", "expense": stored, "body": "chair", "decision": "approved"}
    approval = create_record(
        ACTOR, world.session, ExpenseApproval, values | {"decided_on": date(2026, 3, 1)}, at=AT
    )
    with (
        use_language("en"),
        pytest.raises(UserError, match="1 records of the kind “Expense approval”"),
    ):
        void_record(ACTOR, world.session, stored, reason="录错了", at=LATER)
    void_record(ACTOR, world.session, approval, reason="录错了", at=LATER)
    void_record(ACTOR, world.session, stored, reason="录错了", at=LATER)


def test_a_row_says_whom_it_concerns(world: World) -> None:
    stored = expense(world)
    values = {"code": "A1", "expense": stored, "body": "chair", "decision": "approved"}
    approval = create_record(
        ACTOR,
        world.session,
        ExpenseApproval,
        values | {"approver": world.chair, "decided_on": date(2026, 3, 1)},
        at=AT,
    )
    assert approval.subjects().cadres == {"C1", "C2"}
    meeting = create_record(
        ACTOR,
        world.session,
        Meeting,
        {
            "code": "M1",
            "organization": world.district,
            "kind": "chairs",
            "held_on": date(2026, 3, 1),
        },
        at=AT,
    )
    present = create_record(
        ACTOR,
        world.session,
        MeetingAttendance,
        {"meeting": meeting, "organization": world.federation, "status": "present"},
        at=AT,
    )
    assert present.subjects().organizations == {"Q1", "F1"}
    asset = {"code": "D1", "organization": world.federation, "name": "电脑"}
    stored_asset = create_record(
        ACTOR, world.session, Asset, asset | {"acquired_on": date(2026, 1, 1)}, at=AT
    )
    assert stored_asset.subjects().cadres == frozenset()


def test_the_database_holds_the_invariants_itself(world: World) -> None:
    stored = expense(world)
    world.session.commit()
    for change in ({"amount": -1}, {"payee": ""}, {"source": "elsewhere"}, {"voided_at": AT}):
        for name, value in change.items():
            setattr(stored, name, value)
        with pytest.raises(IntegrityError):
            world.session.flush()
        world.session.rollback()
