"""The rules of discipline on stored records: raised, and cleared when the records are corrected."""

from datetime import date, time
from typing import Any

import pytest

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.models import (
    Attendance,
    ConductReport,
    Expense,
    ExpenseApproval,
    Leave,
    PostCheck,
    WorkLog,
)
from tiesan.people.models import Cadre
from tiesan.records.base import Concerned, Record
from tiesan.testing.stage import Raised, Stage

AS_OF = date(2026, 3, 31)
CAME, WENT = time(8, 30), time(17, 30)


def march(day: int) -> date:
    """A day of the month in question; the 2nd is a Monday."""
    return date(2026, 3, day)


Corrections = list[tuple[Record, dict[str, Any]]]


@pytest.fixture
def wrong(stage: Stage) -> tuple[Stage, set[Raised], Corrections]:
    """A month in which every rule is broken once, the flags of it, and what would put it right."""
    stage.people(march(2))
    # Professional and in post for the last four working days of the month.
    stage.cadre("C3", professional=True, joined_on=march(26))
    parts = [presence(stage), logs(stage), leave_and_checks(stage), money(stage), others(stage)]
    raised = {flag for flags, _corrections in parts for flag in flags}
    return stage, raised, [each for _flags, corrections in parts for each in corrections]


def presence(stage: Stage) -> tuple[set[Raised], Corrections]:
    """Three times late, once gone early, once without a clock-out, once not there at all."""
    late = [clock(stage, march(day), time(8, 31), WENT) for day in (3, 4, 5)]
    early = clock(stage, march(6), CAME, time(17, 29))
    missing = clock(stage, march(9), CAME, None)
    for day in (26, 27, 31):
        clock(stage, march(day), CAME, WENT, cadre="C3")
    there = stage.store(Attendance, cadre="C2", day=march(30), clock_in=CAME, clock_out=WENT)
    raised = {
        *(("late", "C1", f"2026-03-0{day}", march(day)) for day in (3, 4, 5)),
        ("frequent_late", "C1", "2026-03", march(5)),
        ("left_early", "C1", "2026-03-06", march(6)),
        ("punch_missing", "C1", "2026-03-09", march(9)),
        ("absent", "C3", "2026-03-30", march(30)),
    }
    corrections: Corrections = [
        *((row, {"clock_in": CAME}) for row in late),
        (early, {"clock_out": WENT}),
        (missing, {"clock_out": WENT}),
        # The row had been entered for the wrong cadre.
        (there, {"cadre": "C3"}),
    ]
    return raised, corrections


def clock(stage: Stage, day: date, came: time, went: time | None, cadre: str = "C1") -> Attendance:
    """Store a row of attendance."""
    return stage.store(Attendance, cadre=cadre, day=day, clock_in=came, clock_out=went)


def logs(stage: Stage) -> tuple[set[Raised], Corrections]:
    """One log written a day too late, one not at all; the last day's is not due yet."""
    late = stage.store(WorkLog, cadre="C3", day=march(26), written_on=march(30))
    stage.store(WorkLog, cadre="C3", day=march(27), written_on=march(30))
    other = stage.store(WorkLog, cadre="C2", day=march(30), written_on=march(31))
    raised = {
        ("log_late", "C3", "2026-03-26", march(30)),
        ("log_missing", "C3", "2026-03-30", march(31)),
    }
    return raised, [(late, {"written_on": march(27)}), (other, {"cadre": "C3"})]


def leave_and_checks(stage: Stage) -> tuple[set[Raised], Corrections]:
    """A leave neither approved nor closed, and a cadre away from the post."""
    leave = stage.store(
        Leave,
        code="Q1",
        cadre="C2",
        kind="personal",
        first_day=march(10),
        last_day=march(11),
        requested_on=march(9),
    )
    check = stage.store(PostCheck, code="J1", cadre="C2", checked_on=march(14), on_post=False)
    raised = {
        ("leave_unapproved", "C2", "Q1", march(10)),
        ("leave_not_closed", "C2", "Q1", march(12)),
        ("off_post", "C2", "J1", march(14)),
    }
    return raised, [
        (leave, {"approved_on": march(10), "closed_on": march(12)}),
        (check, {"on_post": True}),
    ]


def spend(stage: Stage, code: str, amount: int, **changed: object) -> Expense:
    """Store an expense of so many fen, asked for, paid back and with a receipt unless changed."""
    given = {
        "cadre": "C1",
        "payee": f"{code}商店",
        "spent_on": march(16),
        "requested_on": march(16),
        "reimbursed_on": march(17),
        "receipt": True,
    }
    return stage.store(Expense, code=code, amount=amount, **(given | changed))


def money(stage: Stage) -> tuple[set[Raised], Corrections]:
    """Not asked for, not approved, approved by oneself, cut in pieces, without a receipt."""
    unrequested = spend(stage, "X1", 5_000, requested_on=None)
    large = spend(stage, "X2", 20_000)
    approval = stage.store(
        ExpenseApproval,
        code="P1",
        expense=large,
        body="chair",
        approver="C1",
        decision="approved",
        decided_on=march(16),
    )
    one = spend(stage, "X3", 10_000, payee="甲商店")
    spend(stage, "X4", 10_000, payee="甲商店", reimbursed_on=march(18))
    bare = spend(stage, "X5", 5_000, receipt=False)
    raised = {
        ("expense_unrequested", "C1", "X1", march(16)),
        ("expense_unapproved", "C1", "X2", march(17)),
        ("expense_self_approved", "C1", "P1", march(16)),
        ("expense_split", "C1", "2026-03-16/甲商店", march(18)),
        ("no_receipt", "C1", "X5", march(17)),
    }
    return raised, [
        (unrequested, {"requested_on": march(16)}),
        (approval, {"body": "audit_committee", "approver": "C2"}),
        (one, {"amount": 9_999}),
        (bare, {"receipt": True}),
    ]


def others(stage: Stage) -> tuple[set[Raised], Corrections]:
    """A thing that was not counted for a year, and a report that nobody closed."""
    bought = date(2025, 3, 15)
    asset = stage.store(Asset, code="Z1", organization="F1", name="电脑", acquired_on=bought)
    report = stage.store(
        ConductReport, code="G1", cadre="C2", kind="conduct", reported_on=date(2026, 2, 1)
    )
    raised = {
        ("asset_not_counted", "F1", "Z1/2026-03-15", march(15)),
        ("conduct_unhandled", "F1", "G1", march(3)),
    }
    return raised, [
        (asset, {"acquired_on": date(2025, 4, 15)}),
        (report, {"closed_on": march(3)}),
    ]


def test_every_rule_is_raised_and_cleared(
    wrong: tuple[Stage, set[Raised], Corrections],
) -> None:
    stage, expected, corrections = wrong
    raised = stage.evaluate(AS_OF)
    assert raised == expected
    assert {name for name, *_rest in raised} == stage.rules()
    for row, values in corrections:
        stage.change(row, **values)
    assert stage.evaluate(AS_OF) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_a_record_says_whom_it_concerns(stage: Stage) -> None:
    stage.people(march(2))
    expense = spend(stage, "X1", 5_000)
    approval = stage.store(
        ExpenseApproval,
        code="P1",
        expense=expense,
        body="chair",
        approver="C2",
        decision="rejected",
        decided_on=march(16),
    )
    asset = stage.store(Asset, code="Z1", organization="E1", name="电脑", acquired_on=march(2))
    count = stage.store(AssetCount, asset=asset, counted_on=march(3))
    report = stage.store(ConductReport, code="G1", cadre="C2", kind="conduct", reported_on=march(2))
    assert expense.subjects().cadres == {"C1"}
    assert approval.subjects().cadres == {"C1", "C2"}
    assert count.subjects().organizations == {"E1"}
    assert report.subjects() == Concerned(frozenset({"C2"}), frozenset({"F1"}))


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(march(2))
    clock(stage, march(3), CAME, WENT)
    cadre = stage.id_of(Cadre, "C1")
    days = {"first_day": march(3), "last_day": march(3)}
    whole = {"code": "Q1", "cadre_id": cadre, "kind": "sick"}
    assert stage.refused(Attendance(cadre_id=cadre, day=march(3)))
    assert stage.refused(Leave(**whole, first_day=march(3), last_day=march(2)))
    assert stage.refused(Leave(**whole, **days, first_half="pm", last_half="am"))
    assert stage.refused(Leave(**whole, **days, first_half="am"))
    assert stage.refused(Leave(**(whole | {"kind": "holiday"}), **days))
    assert not stage.refused(Leave(**whole, **days, first_half="pm"))
    spent = {"code": "X1", "cadre_id": cadre, "payee": "甲商店", "spent_on": march(3)}
    assert stage.refused(Expense(**spent, amount=-1))
    assert stage.refused(Expense(**(spent | {"payee": ""}), amount=1))
    assert not stage.refused(Expense(**spent, amount=0))
