"""The rules of meetings on stored records: raised, and cleared when the records are corrected."""

from datetime import date, timedelta

from plugins.meetings.models import Meeting, MeetingAttendance
from tiesan.people.models import Organization
from tiesan.testing.stage import Stage

FIRST_MONDAY = date(2026, 1, 5)
LAST = date(2026, 3, 31)


def hold(stage: Stage, code: str, kind: str, held_on: date, **changed: object) -> Meeting:
    """Store a meeting of the district with everything that belongs to it."""
    given = {"organization": "D1", "minutes_on": held_on, "bulletin": True}
    return stage.store(Meeting, code=code, kind=kind, held_on=held_on, **(given | changed))


def hold_weekly(stage: Stage, without: int) -> dict[int, Meeting]:
    """Store an office meeting each Monday of the first quarter but in one ISO week."""
    weeks = range(2, 14)
    return {
        week: hold(stage, f"W{week}", "office", FIRST_MONDAY + timedelta(weeks=week - 2))
        for week in weeks
        if week != without
    }


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    weekly = hold_weekly(stage, without=11)
    stage.change(weekly[10], minutes_on=date(2026, 3, 6))
    hold(stage, "M1", "chairs", date(2026, 1, 6))
    silent = hold(stage, "M2", "chairs", date(2026, 2, 3), bulletin=False)
    absent = stage.store(MeetingAttendance, meeting=silent, organization="F1", status="absent")
    raised = stage.evaluate(LAST)
    assert raised == {
        ("chairs_missed", "D1", "2026-03", LAST),
        ("office_missed", "D1", "2026-W11", date(2026, 3, 15)),
        ("enterprise_chairs_missed", "F1", "2026-Q1", LAST),
        # Held on Monday, March 2: three working days are over on Thursday.
        ("minutes_late", "D1", "W10", date(2026, 3, 5)),
        ("no_bulletin", "D1", "M2", date(2026, 2, 3)),
        ("federation_absent", "F1", "M2", date(2026, 2, 3)),
    }
    assert {name for name, *_rest in raised} == stage.rules()
    hold(stage, "M3", "chairs", LAST)
    hold(stage, "W11", "office", date(2026, 3, 15))
    hold(stage, "Q1", "enterprise_chairs", LAST, organization="F1")
    stage.change(weekly[10], minutes_on=date(2026, 3, 5))
    stage.change(silent, bulletin=True)
    stage.change(absent, status="leave")
    assert stage.evaluate(LAST) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    meeting = hold(stage, "M1", "office", date(2026, 3, 3))
    there = stage.store(MeetingAttendance, meeting=meeting, organization="F1", status="present")
    # Who was absent, and whose meeting it was.
    assert there.subjects().organizations == {"F1", "D1"}
    one, federation = meeting.id, there.organization_id
    enterprise, day = stage.id_of(Organization, "E1"), meeting.held_on
    twice = MeetingAttendance(meeting_id=one, organization_id=federation, status="absent")
    assert stage.refused(twice)
    other = MeetingAttendance(meeting_id=one, organization_id=enterprise, status="excused")
    assert stage.refused(other)
    values = {"organization_id": federation, "held_on": day}
    assert stage.refused(Meeting(code="M2", kind="party", **values))
    assert stage.refused(Meeting(code="M1", kind="office", **values))
    assert not stage.refused(Meeting(code="M2", kind="office", **values))
