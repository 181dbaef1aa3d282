"""The institution of regular meetings and bulletins (例会通报制度)."""

from plugins.meetings.demo import write_demo
from plugins.meetings.models import Meeting, MeetingAttendance
from plugins.meetings.views import MeetingAttendanceView, MeetingView
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin

plugin = Plugin(
    name="meetings",
    title=_l("Regular meetings and bulletins"),
    records=(Meeting, MeetingAttendance),
    views=(MeetingView, MeetingAttendanceView),
    rules=shipped("rules") / "meetings.yaml",
    migrations=shipped("migrations") / "meetings",
    demo=write_demo,
)
