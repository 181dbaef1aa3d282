"""The institution of information and research (信息调研制度)."""

from plugins.research.demo import write_demo
from plugins.research.models import InfoReport, ResearchPaper
from plugins.research.views import InfoReportView, ResearchPaperView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="research",
    title=_l("Information and research"),
    records=(InfoReport, ResearchPaper),
    views=(InfoReportView, ResearchPaperView),
    rules=shipped("rules") / "research.yaml",
    migrations=shipped("migrations") / "research",
    demo=write_demo,
)
