"""Pages of the institution of meetings: meetings and attendance."""

from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.admin.courses.view import CourseView
from tiesan.admin.grids.view import GridPages
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class MeetingView(GridPages[Meeting], CourseView[Meeting]):
    """Who chairs an organization enters its meetings; when minutes were filed is checked."""

    record = Meeting
    place = "log"
    columns_shown = ("code", "organization", "kind", "held_on", "minutes_on", "bulletin")


class MeetingAttendanceView(RecordView[MeetingAttendance]):
    """Who was represented is entered by supervisors."""

    record = MeetingAttendance
    entering = _l("Record attendance")


views = (MeetingView, MeetingAttendanceView)
