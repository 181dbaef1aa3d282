"""The institution of self-directed study (自觉学习制度)."""

from plugins.study.figures import FIGURES
from plugins.study.grids import SESSION
from plugins.study.models import StudyAttendance, StudySession
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import SUBJECT, TODAY, Answer

plugin = Plugin(
    name="study",
    title=_l("Self-directed study"),
    contract=1,
    records=(StudySession, StudyAttendance),
    grids=(SESSION,),
    answers=(Answer("study_session", prefill={"organization": SUBJECT, "held_on": TODAY}),),
    figures=FIGURES,
    views="plugins.study.views",
    rules=shipped("rules") / "study.yaml",
    migrations=shipped("migrations") / "study",
    demo="plugins.study.demo:write_demo",
)
