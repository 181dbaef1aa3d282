"""Pages of the institution of study: sessions and attendance."""

from plugins.study.models import StudyAttendance, StudySession
from tiesan.admin.records.view import RecordView
from tiesan.records.policy import ENTERED, OWN


class StudySessionView(RecordView[StudySession]):
    """Who chairs an organization enters its sessions."""

    record = StudySession
    access = OWN
    columns_shown = ("code", "organization", "held_on", "topic", "main_speaker")


class StudyAttendanceView(RecordView[StudyAttendance]):
    """Who was there is entered by supervisors."""

    record = StudyAttendance
    access = ENTERED
