"""The records of meetings are those of the exchange format."""

from plugins.meetings import plugin
from plugins.meetings.models import Meeting, MeetingAttendance
from tests.plugins.shapes import choices, shape


def test_meetings() -> None:
    columns = "code* organization* kind* held_on* minutes_on bulletin"
    assert shape(Meeting) == ("meetings", columns, ("held_on",))
    assert choices(Meeting, "kind") == ["chairs", "office", "enterprise_chairs"]
    assert Meeting.concerns == ("organization",)


def test_attendance_is_known_with_its_meeting() -> None:
    columns = "meeting* organization* status*"
    assert shape(MeetingAttendance) == ("meeting_attendance", columns, ("meeting.held_on",))
    assert MeetingAttendance.record_kind.identity == ("meeting", "organization")
    assert choices(MeetingAttendance, "status") == ["present", "leave", "absent"]
    assert MeetingAttendance.concerns == ("organization", "meeting.organization")


def test_the_plugin_offers_meetings_before_their_attendance() -> None:
    assert plugin.records == (Meeting, MeetingAttendance)
