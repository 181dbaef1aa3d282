"""The institution of working together in harmony (和谐共事制度)."""

from plugins.harmony.figures import FIGURES
from plugins.harmony.models import Conflict
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import Answer

plugin = Plugin(
    name="harmony",
    title=_l("Working in harmony"),
    contract=1,
    records=(Conflict,),
    answers=(Answer("conflict", "mediated_on", verb="mediated"),),
    figures=FIGURES,
    views="plugins.harmony.views",
    rules=shipped("rules") / "harmony.yaml",
    migrations=shipped("migrations") / "harmony",
    demo="plugins.harmony.demo:write_demo",
    courses="plugins.harmony.courses",
)
