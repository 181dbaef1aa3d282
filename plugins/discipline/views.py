"""Pages of the institution of discipline: attendance, leave, money, conduct."""

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
from tiesan.admin.courses.view import CourseView
from tiesan.admin.grids.view import GridPages
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class WorkLogView(RecordView[WorkLog]):
    """Cadres write their logs; the day of writing is the system's."""

    record = WorkLog
    entering = _l("Write a work log")
    columns_shown = ("cadre", "day", "written_on", "content")
    year_fields = ("written_on",)
    day_words = {
        "": _l("log"),
        "discipline.log_missing": _l("no log"),
        "discipline.late": _l("late"),
        "discipline.left_early": _l("left early"),
        "discipline.absent": _l("absent"),
        "discipline.punch_missing": _l("no punch"),
        "discipline.off_post": _l("off post"),
    }


class AttendanceView(GridPages[Attendance]):
    """Attendance is entered by supervisors."""

    record = Attendance
    filling_in = _l("Record a day's attendance")
    year_fields = ("clock_in", "clock_out")
    place = "enter"


class LeaveView(CourseView[Leave]):
    """Cadres ask for leave and superiors decide; supervisors enter late what came otherwise."""

    record = Leave
    columns_shown = ("code", "cadre", "kind", "first_day", "last_day", "requested_on",
                     "approved_on", "closed_on")  # fmt: skip
    groups = (
        (_l("Leave"), ("code", "cadre", "kind", "first_day", "first_half", "last_day",
                       "last_half", "reason", "place")),
        (_l("Course"), ("requested_on", "approved_on", "rejected_on", "decided_by", "closed_on",
                        "withdrawn_on")),
    )  # fmt: skip


class PostCheckView(GridPages[PostCheck]):
    """Checks of posts are entered by supervisors."""

    record = PostCheck
    filling_in = _l("Check who is at the post")
    place = "enter"


class ExpenseView(CourseView[Expense]):
    """Cadres ask for expenses; supervisors enter late what came otherwise."""

    record = Expense
    columns_shown = ("code", "cadre", "payee", "amount", "requested_on", "spent_on",
                     "reimbursed_on", "receipt")  # fmt: skip
    groups = (
        (_l("Expense"), ("code", "cadre", "payee", "item", "amount")),
        (_l("Course"), ("requested_on", "spent_on", "reimbursed_on", "receipt", "withdrawn_on")),
    )


class ExpenseApprovalView(RecordView[ExpenseApproval]):
    """The audit committee decides; the day of the decision is the system's."""

    record = ExpenseApproval
    columns_shown = ("code", "expense", "body", "approver", "decision", "amount", "decided_on")


class AssetView(RecordView[Asset]):
    """Assets are entered by supervisors."""

    record = Asset
    columns_shown = ("code", "organization", "name", "custodian", "acquired_on")


class AssetCountView(GridPages[AssetCount]):
    """Counts of assets are entered by supervisors."""

    record = AssetCount
    filling_in = _l("Count assets")
    place = "enter"


class ConductReportView(RecordView[ConductReport]):
    """Confidential: for the audit committee and the district's supervisors."""

    record = ConductReport
    columns_shown = ("code", "cadre", "kind", "reported_on", "closed_on")


views = (
    WorkLogView,
    AttendanceView,
    LeaveView,
    PostCheckView,
    ExpenseView,
    ExpenseApprovalView,
    AssetView,
    AssetCountView,
    ConductReportView,
)
