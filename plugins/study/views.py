"""Pages of the institution of study: sessions and attendance."""

from plugins.study.models import StudyAttendance, StudySession
from tiesan.admin.grids.view import GridPages
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class StudySessionView(GridPages[StudySession]):
    """Who chairs an organization enters its sessions, and who was there."""

    record = StudySession
    place = "log"
    columns_shown = ("code", "organization", "held_on", "topic", "main_speaker")


class StudyAttendanceView(RecordView[StudyAttendance]):
    """Who was there is entered by supervisors."""

    record = StudyAttendance
    entering = _l("Record attendance")


views = (StudySessionView, StudyAttendanceView)
