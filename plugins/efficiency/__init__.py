"""The institution of efficiency at work (工作效率制度)."""

from plugins.efficiency.demo import write_demo
from plugins.efficiency.models import Task
from plugins.efficiency.views import TaskView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="efficiency",
    title=_l("Efficiency at work"),
    records=(Task,),
    views=(TaskView,),
    rules=shipped("rules") / "efficiency.yaml",
    migrations=shipped("migrations") / "efficiency",
    demo=write_demo,
)
