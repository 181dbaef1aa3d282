"""The institution of accountability (责任追究制度)."""

from plugins.accountability.escalation import escalation
from plugins.accountability.figures import FIGURES
from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import SUBJECT, TODAY, Answer

plugin = Plugin(
    name="accountability",
    title=_l("Accountability"),
    contract=1,
    records=(ResponsibilityLetter, Mistake, AccountabilityCase),
    escalation=escalation,
    answers=(
        Answer("responsibility_letter", prefill={"cadre": SUBJECT}),
        Answer("accountability_case", prefill={"opened_on": TODAY}),
        Answer("accountability_case", "decided_on"),
    ),
    figures=FIGURES,
    views="plugins.accountability.views",
    rules=shipped("rules") / "accountability.yaml",
    migrations=shipped("migrations") / "accountability",
    demo="plugins.accountability.demo:write_demo",
)
