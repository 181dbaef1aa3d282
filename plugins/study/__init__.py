"""The institution of self-directed study (自觉学习制度)."""

from plugins.study.demo import write_demo
from plugins.study.models import StudyAttendance, StudySession
from plugins.study.views import StudyAttendanceView, StudySessionView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="study",
    title=_l("Self-directed study"),
    records=(StudySession, StudyAttendance),
    views=(StudySessionView, StudyAttendanceView),
    rules=shipped("rules") / "study.yaml",
    migrations=shipped("migrations") / "study",
    demo=write_demo,
)
