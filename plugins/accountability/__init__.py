"""The institution of accountability (责任追究制度)."""

from plugins.accountability.demo import write_demo
from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from plugins.accountability.views import (
    AccountabilityCaseView,
    MistakeView,
    ResponsibilityLetterView,
)
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="accountability",
    title=_l("Accountability"),
    records=(ResponsibilityLetter, Mistake, AccountabilityCase),
    views=(ResponsibilityLetterView, MistakeView, AccountabilityCaseView),
    rules=shipped("rules") / "accountability.yaml",
    migrations=shipped("migrations") / "accountability",
    demo=write_demo,
)
