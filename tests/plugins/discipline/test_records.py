"""The records of discipline are those of the exchange format."""

from plugins.discipline import plugin
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
from tests.plugins.shapes import choices, planned, shape


def test_work_logs_are_known_from_the_day_of_writing() -> None:
    columns = "cadre* day* written_on* content"
    assert shape(WorkLog) == ("work_logs", columns, ("written_on",))
    assert WorkLog.record_kind.identity == ("cadre", "day")


def test_attendance() -> None:
    assert shape(Attendance) == (
        "attendance",
        "cadre* day* clock_in clock_out clock_out_next_day",
        ("day",),
    )
    assert Attendance.record_kind.identity == ("cadre", "day")


def test_leaves_are_known_from_the_request_or_the_first_day() -> None:
    columns = (
        "code* cadre* kind* first_day* first_half last_day* last_half requested_on approved_on "
        "closed_on rejected_on withdrawn_on decided_by reason place"
    )
    assert shape(Leave) == ("leaves", columns, ("requested_on", "first_day"))
    assert planned(Leave) == {"first_day", "last_day"}
    kinds = ["annual", "sick", "personal", "parental", "official", "other"]
    assert choices(Leave, "kind") == kinds
    assert (choices(Leave, "first_half"), choices(Leave, "last_half")) == (["pm"], ["am"])


def test_post_checks() -> None:
    columns = "code* cadre* checked_on* on_post*"
    assert shape(PostCheck) == ("post_checks", columns, ("checked_on",))


def test_expenses() -> None:
    columns = (
        "code* cadre* payee* item amount* spent_on requested_on reimbursed_on receipt withdrawn_on"
    )
    assert shape(Expense) == ("expenses", columns, ("spent_on", "requested_on"))


def test_approvals_concern_the_cadre_who_spends_and_the_one_who_approves() -> None:
    columns = "code* expense* body* approver decision* amount decided_on*"
    assert shape(ExpenseApproval) == ("expense_approvals", columns, ("decided_on",))
    assert choices(ExpenseApproval, "body") == ["audit_committee", "chair"]
    assert choices(ExpenseApproval, "decision") == ["approved", "rejected"]
    assert ExpenseApproval.concerns == ("expense.cadre", "approver")


def test_assets_and_their_counts() -> None:
    columns = "code* organization* name* custodian acquired_on*"
    assert shape(Asset) == ("assets", columns, ("acquired_on",))
    assert shape(AssetCount) == ("asset_counts", "asset* counted_on*", ("counted_on",))
    assert AssetCount.record_kind.identity == ("asset", "counted_on")


def test_conduct_reports_are_confidential() -> None:
    columns = "code* cadre* kind* reported_on* closed_on summary"
    assert shape(ConductReport) == ("conduct_reports", columns, ("reported_on",))
    assert choices(ConductReport, "kind") == ["political", "integrity", "conduct"]
    assert [each for each in plugin.records if each.policy.confidential] == [ConductReport]
    assert ConductReport.concerns == ("cadre", "cadre.organization")
