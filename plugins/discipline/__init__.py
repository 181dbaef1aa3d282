"""The institution of discipline at work (工作纪律制度)."""

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.facts import derivations, leave_excuses
from plugins.discipline.figures import FIGURES
from plugins.discipline.grids import ASSET_COUNT, ATTENDANCE, POST_CHECK
from plugins.discipline.models import (
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
from tiesan.records.answers import PERIOD_DAY, SUBJECT, TODAY, Answer

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
    grids=(ATTENDANCE, POST_CHECK, ASSET_COUNT),
    answers=(
        Answer("work_log", prefill={"cadre": SUBJECT, "day": PERIOD_DAY}),
        Answer("leave", "approved_on", verb="approve"),
        Answer("leave", "closed_on", verb="close"),
        Answer("asset_count", prefill={"counted_on": TODAY}),
    ),
    figures=FIGURES,
    views="plugins.discipline.views",
    rules=shipped("rules") / "discipline.yaml",
    migrations=shipped("migrations") / "discipline",
    demo="plugins.discipline.demo:write_demo",
    courses="plugins.discipline.courses",
    home="plugins.discipline.home",
    imports="plugins.discipline.clocks.attendance",
)
