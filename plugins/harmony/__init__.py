"""The institution of working together in harmony (和谐共事制度)."""

from plugins.harmony.demo import write_demo
from plugins.harmony.models import Conflict
from plugins.harmony.views import ConflictView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="harmony",
    title=_l("Working in harmony"),
    records=(Conflict,),
    views=(ConflictView,),
    rules=shipped("rules") / "harmony.yaml",
    migrations=shipped("migrations") / "harmony",
    demo=write_demo,
)
