"""Every gate of leave and expense refuses: by hand in JSON with its clause, and on a page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from plugins.discipline.models import Expense, ExpenseApproval, Leave
from tests.web.test_courses import JSON, hidden, post
from tiesan.clock import now, today
from tiesan.courses.models import CourseEvent
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, World

Rows = Callable[["Stage"], int | None]


@dataclass
class Stage:
    """The application and its world, on which rows are put before somebody acts."""

    app: Flask
    world: World

    def leave(self, first: int = 7, last: int | None = None, **changed: Any) -> int:
        """A leave of CO that begins and ends so many days from today."""
        days = {"first_day": day(first), "last_day": day(first if last is None else last)}
        return self._put(Leave, {"kind": "annual", "requested_on": day(-30)} | days | changed)

    def expense(self, amount: int, **changed: Any) -> int:
        """An expense of CO of so many fen, asked for today."""
        return self._put(
            Expense, {"payee": "甲店", "amount": amount, "requested_on": today()} | changed
        )

    def approved(self, row_id: int, body: str, **changed: Any) -> int:
        """Store an approval of an expense."""
        with self.app.app_context():
            values = {"expense": db.session.get_one(Expense, row_id), "body": body}
            values |= {"code": f"P{row_id}", "decision": "approved", "decided_on": today()}
            create_record(ACTOR, db.session(), ExpenseApproval, values | changed, at=now())
            db.session.commit()
        return row_id

    def _put(self, model: Any, values: dict[str, Any], code: str = "CO") -> int:
        with self.app.app_context():
            number = db.session.scalar(select(func.count()).select_from(model))
            cadre = db.session.get_one(Cadre, self.world.cadres[values.pop("cadre", code)])
            given = {"code": f"G{number}", "cadre": cadre} | values
            row = create_record(ACTOR, db.session(), model, given, at=now())
            db.session.commit()
            return int(row.id)


def day(number: int) -> date:
    """The day so many days from today."""
    return today() + timedelta(days=number)


def text_of(number: int) -> str:
    return day(number).isoformat()


def nothing(stage: Stage) -> None:
    """No row: the verb begins one."""
    del stage


def taken_whole(stage: Stage) -> None:
    stage.leave(7)


def taken_from_noon(stage: Stage) -> None:
    stage.leave(7, first_half="pm")


def completed_split(stage: Stage) -> int:
    """Two of 150.00 to one payee on one day, the first of them reimbursed."""
    stage.expense(150_00, spent_on=today(), reimbursed_on=today())
    return stage.expense(150_00, spent_on=today())


def rejected_expense(stage: Stage) -> int:
    row_id = stage.expense(50_00)
    return stage.approved(row_id, "chair", decision="rejected")


@dataclass(frozen=True)
class Refusal:
    """What somebody sends, over which rows, and what is answered."""

    kind: str
    verb: str
    who: str
    rows: Rows
    form: dict[str, str]
    status: int
    clause: bool = False
    field: str | None = None


def leave_of(first: int, **changed: str) -> dict[str, str]:
    return {"kind": "annual", "first_day": text_of(first), "last_day": text_of(first)} | changed


def expense_of(amount: str) -> dict[str, str]:
    return {"payee": "甲店", "item": "纸", "amount": amount}


def spent(number: int, amount: str = "50") -> dict[str, str]:
    return {"spent_on": text_of(number), "amount": amount}


PAPER = {"receipt": "1"}
CASES: dict[str, Refusal] = {
    "overlap": Refusal(
        "leave", "request", "cadre", taken_whole, leave_of(7), 409, clause=True
    ),
    "overlap of an afternoon": Refusal(
        "leave", "request", "cadre", taken_from_noon, leave_of(7, first_half="pm"), 409, clause=True
    ),
    "overlap of a whole day": Refusal(
        "leave", "request", "cadre", taken_from_noon, leave_of(7), 409, clause=True
    ),
    "withdraw on the first day": Refusal(
        "leave", "withdraw", "cadre", lambda stage: stage.leave(0), {"text": "x"}, 409, clause=True
    ),
    "withdraw an approved one after it": Refusal(
        "leave", "withdraw", "cadre", lambda stage: stage.leave(-1, 3, approved_on=day(-9)),
        {"text": "x"}, 409, clause=True,
    ),
    "withdraw an approved one without text": Refusal(
        "leave", "withdraw", "cadre", lambda stage: stage.leave(7, approved_on=day(-9)), {},
        422, field="text",
    ),
    "close before the first day": Refusal(
        "leave", "close", "cadre", lambda stage: stage.leave(1, approved_on=day(-9)), {},
        409, clause=True,
    ),
    "close for somebody without text": Refusal(
        "leave", "close", "chair", lambda stage: stage.leave(-2, approved_on=day(-9)), {},
        422, field="text",
    ),
    "close what is not approved": Refusal(
        "leave", "close", "cadre", lambda stage: stage.leave(0), {}, 409
    ),
    "approve one's own leave": Refusal(
        "leave", "approve", "cadre", lambda stage: stage.leave(), {}, 409
    ),
    "reject without text": Refusal(
        "leave", "reject", "chair", lambda stage: stage.leave(), {"text": " "}, 422, field="text"
    ),
    "approve what is rejected": Refusal(
        "leave", "approve", "chair", lambda stage: stage.leave(rejected_on=day(-1)), {}, 409
    ),
    "expense of nothing": Refusal(
        "expense", "request", "cadre", nothing, expense_of("0.00"), 422, field="amount"
    ),
    "spend tomorrow": Refusal(
        "expense", "spend", "cadre", lambda stage: stage.expense(50_00), spent(1),
        422, field="spent_on",
    ),
    "spend nothing": Refusal(
        "expense", "spend", "cadre", lambda stage: stage.expense(50_00),
        spent(0, "0.00"), 409, clause=True,
    ),
    "spend what is rejected": Refusal(
        "expense", "spend", "cadre", rejected_expense, spent(0), 409
    ),
    "withdraw what is spent": Refusal(
        "expense", "withdraw", "cadre", lambda stage: stage.expense(50_00, spent_on=today()), {},
        409,
    ),
    "approve one's own expense": Refusal(
        "expense", "approve", "cadre", lambda stage: stage.expense(50_00), {}, 409
    ),
    "reject an expense without text": Refusal(
        "expense", "reject", "chair", lambda stage: stage.expense(50_00), {}, 422, field="text"
    ),
    "approve 200.00 without being the committee": Refusal(
        "expense", "approve", "chair", lambda stage: stage.expense(200_00), {}, 409
    ),
    "reimburse 200.00": Refusal(
        "expense", "reimburse", "supervisor",
        lambda stage: stage.expense(200_00, spent_on=today()), PAPER, 409, clause=True,
    ),
    "reimburse 200.00 that a chair approved": Refusal(
        "expense", "reimburse", "supervisor",
        lambda stage: stage.approved(stage.expense(200_00, spent_on=today()), "chair"),
        PAPER, 409, clause=True,
    ),
    "reimburse 300.00 of which 299.99 are approved": Refusal(
        "expense", "reimburse", "supervisor",
        lambda stage: stage.approved(
            stage.expense(300_00, spent_on=today()), "audit_committee", amount=299_99
        ),
        PAPER, 409, clause=True,
    ),
    "reimburse what completes a split": Refusal(
        "expense", "reimburse", "supervisor", completed_split, PAPER, 409, clause=True
    ),
    "reimburse without receipt or text": Refusal(
        "expense", "reimburse", "supervisor",
        lambda stage: stage.expense(50_00, spent_on=today()), {}, 422, field="text",
    ),
    "reimburse one's own": Refusal(
        "expense", "reimburse", "cadre",
        lambda stage: stage.expense(50_00, spent_on=today()), PAPER, 409,
    ),
}  # fmt: skip


def sent(case: Refusal, row_id: int | None, somebody: Person) -> tuple[str, dict[str, str]]:
    """The address of the verb, and a form as its page, or a hand, makes it."""
    if row_id is None:
        address = f"/records/{case.kind}/new/{case.verb}"
        return address, hidden(somebody, address) | case.form
    page = f"/records/{case.kind}/details/?id={row_id}"
    return f"/records/{case.kind}/{row_id}/{case.verb}", hidden(somebody, page) | case.form


def stored(app: Flask, case: Refusal) -> list[tuple[Any, ...]]:
    """All that a verb could change: the rows of its kind, approvals and steps."""
    kind: Any = Leave if case.kind == "leave" else Expense
    with app.app_context():
        return [
            tuple(row)
            for each in (kind, ExpenseApproval, CourseEvent)
            for row in db.session.execute(select(each.__table__).order_by(each.id))
        ]


@pytest.mark.parametrize("name", CASES)
def test_a_gate_refuses_by_hand_and_on_the_page(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    case = CASES[name]
    row_id = case.rows(Stage(lite_app, lite_world))
    somebody = person(lite_app, case.who)
    before = stored(lite_app, case)
    address, form = sent(case, row_id, somebody)
    answer: Any = post(somebody, address, form, headers=JSON)
    assert answer.status_code == case.status, answer.text
    assert bool(answer.json.get("clause")) is case.clause, answer.json
    if case.field is not None:
        assert case.field in answer.text
    shown = post(somebody, *sent(case, row_id, somebody))
    assert shown.status_code == case.status
    if case.clause:
        assert answer.json["clause"] in shown.text
    assert stored(lite_app, case) == before


def test_the_other_half_of_the_day_is_free(lite_app: Flask, lite_world: World) -> None:
    taken_from_noon(Stage(lite_app, lite_world))
    cadre = person(lite_app, "cadre")
    address = "/records/leave/new/request"
    form = hidden(cadre, address) | leave_of(7, last_half="am")
    assert post(cadre, address, form, headers=JSON).status_code == 200
