"""The records of study are those of the exchange format."""

from plugins.study import plugin
from plugins.study.models import StudyAttendance, StudySession
from tests.plugins.shapes import choices, shape


def test_sessions() -> None:
    columns = "code* organization* held_on* topic main_speaker"
    assert shape(StudySession) == ("study_sessions", columns, ("held_on",))
    assert StudySession.concerns == ("organization",)


def test_attendance_is_known_with_its_session() -> None:
    columns = "session* cadre* status*"
    assert shape(StudyAttendance) == ("study_attendance", columns, ("session.held_on",))
    assert StudyAttendance.record_kind.identity == ("session", "cadre")
    assert choices(StudyAttendance, "status") == ["present", "leave", "absent"]
    assert StudyAttendance.concerns == ("cadre",)


def test_the_plugin_offers_sessions_before_their_attendance() -> None:
    assert plugin.records == (StudySession, StudyAttendance)
