"""The institution of information and research (信息调研制度)."""

from plugins.research.figures import FIGURES
from plugins.research.models import InfoReport, ResearchPaper
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import SUBJECT, Answer

plugin = Plugin(
    name="research",
    title=_l("Information and research"),
    contract=1,
    records=(InfoReport, ResearchPaper),
    answers=(
        Answer("info_report", prefill={"cadre": SUBJECT}),
        Answer("research_paper", prefill={"cadre": SUBJECT}),
    ),
    figures=FIGURES,
    views="plugins.research.views",
    rules=shipped("rules") / "research.yaml",
    migrations=shipped("migrations") / "research",
    demo="plugins.research.demo:write_demo",
)
