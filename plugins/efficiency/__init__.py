"""The institution of efficiency at work (工作效率制度)."""

from plugins.efficiency.figures import FIGURES
from plugins.efficiency.models import Task
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import Answer

plugin = Plugin(
    name="efficiency",
    title=_l("Efficiency at work"),
    contract=1,
    records=(Task,),
    answers=(
        Answer("task", "started_on", verb="start"),
        Answer("task", "completed_on", verb="complete"),
    ),
    figures=FIGURES,
    views="plugins.efficiency.views",
    rules=shipped("rules") / "efficiency.yaml",
    migrations=shipped("migrations") / "efficiency",
    demo="plugins.efficiency.demo:write_demo",
    courses="plugins.efficiency.courses",
)
