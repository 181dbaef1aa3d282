"""Records of the institution of meetings (例会通报制度): meetings and who was represented."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    boolean_column,
    choice_column,
    code_column,
    date_column,
    reference_column,
    referenced,
)
from tiesan.records.policy import ENTERED, OWN, Policy

MEETING_KINDS = {
    "chairs": _l("Meeting of federation chairs"),
    "office": _l("Office meeting"),
    "enterprise_chairs": _l("Meeting of enterprise union chairs"),
}

STATUSES = {
    "present": _l("Present"),
    "leave": _l("On leave"),
    "absent": _l("Absent"),
}


class Meeting(Record):
    """A regular meeting (例会) held by an organization."""

    __tablename__ = "meetings_meeting"
    record_kind = RecordKind(
        name="meeting",
        file="meetings",
        letters="HY",
        title=_l("Meeting"),
        plural=_l("Meetings"),
        principal=("held_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(
        OWN,
        days_done=frozenset({"held_on"}),
        days_back=3,
        set_by_system=frozenset({"minutes_on"}),
        by_verb=frozenset({"minutes_on"}),
        asked=frozenset({"organization", "kind", "held_on", "bulletin"}),
        fills=frozenset({"organization"}),
    )
    takes_files = True

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    kind: Mapped[str] = choice_column(_l("Kind of meeting"), MEETING_KINDS)
    held_on: Mapped[date] = date_column(_l("Held on"))
    minutes_on: Mapped[date | None] = date_column(_l("Minutes filed on"))
    bulletin: Mapped[bool] = boolean_column(_l("Bulletin given"), empty=False)

    organization: Mapped[Organization] = referenced(organization_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's meetings by day."""
        return (Index(None, "organization_id", "held_on"),)

    def __str__(self) -> str:
        """The code, as other rows name the meeting."""
        return self.code


class MeetingAttendance(Record):
    """Whether an organization was represented at a meeting."""

    __tablename__ = "meetings_attendance"
    record_kind = RecordKind(
        name="meeting_attendance",
        file="meeting_attendance",
        title=_l("Attendance of a meeting"),
        plural=_l("Attendance of meetings"),
        identity=("meeting", "organization"),
        principal=("meeting.held_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization", "meeting.organization")
    policy = Policy(ENTERED)

    meeting_id: Mapped[int] = reference_column(
        "meeting", label=_l("Meeting"), table="meetings_meeting"
    )
    organization_id: Mapped[int] = reference_column(
        "organization", label=_l("Organization"), index=True
    )
    status: Mapped[str] = choice_column(_l("Attendance status"), STATUSES)

    meeting: Mapped[Meeting] = referenced(meeting_id)
    organization: Mapped[Organization] = referenced(organization_id)
