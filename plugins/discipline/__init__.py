"""The institution of discipline at work (工作纪律制度)."""

from plugins.discipline.demo import write_demo
from plugins.discipline.facts import derivations, leave_excuses
from plugins.discipline.models import (
    Asset,
    AssetCount,
    Attendance,
    ConductReport,
    Expense,
    ExpenseApproval,
    Leave,
    PostCheck,
    WorkLog,
)
from plugins.discipline.views import (
    AssetCountView,
    AssetView,
    AttendanceView,
    ConductReportView,
    ExpenseApprovalView,
    ExpenseView,
    LeaveView,
    PostCheckView,
    WorkLogView,
)
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="discipline",
    title=_l("Discipline at work"),
    records=(
        WorkLog,
        Attendance,
        Leave,
        PostCheck,
        Expense,
        ExpenseApproval,
        Asset,
        AssetCount,
        ConductReport,
    ),
    derivations=derivations,
    excuse=leave_excuses,
    views=(
        WorkLogView,
        AttendanceView,
        LeaveView,
        PostCheckView,
        ExpenseView,
        ExpenseApprovalView,
        AssetView,
        AssetCountView,
        ConductReportView,
    ),
    rules=shipped("rules") / "discipline.yaml",
    migrations=shipped("migrations") / "discipline",
    demo=write_demo,
    courses="plugins.discipline.courses",
)
