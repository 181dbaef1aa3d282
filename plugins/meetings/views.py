"""Pages of the institution of meetings: meetings and attendance."""

from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.admin.records.view import RecordView
from tiesan.records.policy import ENTERED, OWN


class MeetingView(RecordView[Meeting]):
    """Who chairs an organization enters its meetings; when minutes were filed is checked."""

    record = Meeting
    access = OWN
    columns_shown = ("code", "organization", "kind", "held_on", "minutes_on", "bulletin")
    set_by_system = frozenset({"minutes_on"})
    by_staff = frozenset({"minutes_on"})


class MeetingAttendanceView(RecordView[MeetingAttendance]):
    """Who was represented is entered by supervisors."""

    record = MeetingAttendance
    access = ENTERED
