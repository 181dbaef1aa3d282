"""The institution of innovation (创新工作制度)."""

from plugins.innovation.figures import FIGURES
from plugins.innovation.models import Award, Innovation
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import SUBJECT, TODAY, Answer

plugin = Plugin(
    name="innovation",
    title=_l("Innovation at work"),
    contract=1,
    records=(Innovation, Award),
    answers=(
        Answer("innovation", prefill={"organization": SUBJECT, "proposed_on": TODAY}),
        Answer("innovation", "result_on", verb="result"),
    ),
    figures=FIGURES,
    views="plugins.innovation.views",
    rules=shipped("rules") / "innovation.yaml",
    migrations=shipped("migrations") / "innovation",
    demo="plugins.innovation.demo:write_demo",
    courses="plugins.innovation.courses",
)
