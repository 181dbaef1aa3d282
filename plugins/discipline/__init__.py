"""The institution of discipline at work (工作纪律制度)."""

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
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="discipline",
    title=_l("Discipline at work"),
    contract=1,
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
    views="plugins.discipline.views",
    rules=shipped("rules") / "discipline.yaml",
    migrations=shipped("migrations") / "discipline",
    demo="plugins.discipline.demo:write_demo",
    courses="plugins.discipline.courses",
    imports="plugins.discipline.clocks.attendance",
)
