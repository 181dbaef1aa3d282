"""The institution of innovation (创新工作制度)."""

from plugins.innovation.demo import write_demo
from plugins.innovation.models import Award, Innovation
from plugins.innovation.views import AwardView, InnovationView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="innovation",
    title=_l("Innovation at work"),
    records=(Innovation, Award),
    views=(InnovationView, AwardView),
    rules=shipped("rules") / "innovation.yaml",
    migrations=shipped("migrations") / "innovation",
    demo=write_demo,
)
