"""The institution of regular meetings and bulletins (例会通报制度)."""

from plugins.meetings.figures import FIGURES
from plugins.meetings.grids import MEETING
from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.i18n import _l
from tiesan.paths import shipped
from tiesan.plugin import Plugin
from tiesan.records.answers import SUBJECT, TODAY, Answer

plugin = Plugin(
    name="meetings",
    title=_l("Regular meetings and bulletins"),
    contract=1,
    records=(Meeting, MeetingAttendance),
    grids=(MEETING,),
    answers=(
        Answer("meeting", prefill={"organization": SUBJECT, "held_on": TODAY}),
        Answer("meeting", "minutes_on", verb="minutes"),
    ),
    figures=FIGURES,
    views="plugins.meetings.views",
    rules=shipped("rules") / "meetings.yaml",
    migrations=shipped("migrations") / "meetings",
    demo="plugins.meetings.demo:write_demo",
    courses="plugins.meetings.courses",
)
