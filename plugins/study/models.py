"""Records of the institution of study (自觉学习制度): sessions and who attended them."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    choice_column,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import ENTERED, OWN, Policy

STATUSES = {
    "present": _l("Present"),
    "leave": _l("On leave"),
    "absent": _l("Absent"),
}


class StudySession(Record):
    """A study session (学习会) of an organization."""

    __tablename__ = "study_session"
    record_kind = RecordKind(
        name="study_session",
        file="study_sessions",
        letters="XX",
        title=_l("Study session"),
        plural=_l("Study sessions"),
        principal=("held_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(
        OWN,
        days_done=frozenset({"held_on"}),
        days_back=3,
        asked=frozenset({"organization", "held_on", "topic", "main_speaker"}),
        fills=frozenset({"organization"}),
    )

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    held_on: Mapped[date] = date_column(_l("Held on"))
    topic: Mapped[str | None] = text_column(_l("Topic"), 200)
    main_speaker_id: Mapped[int | None] = reference_column("cadre", label=_l("Main speaker"))

    organization: Mapped[Organization] = referenced(organization_id)
    main_speaker: Mapped[Cadre | None] = referenced(main_speaker_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's sessions by day."""
        return (Index(None, "organization_id", "held_on"),)

    def __str__(self) -> str:
        """The code, as other rows name the session."""
        return self.code


class StudyAttendance(Record):
    """Whether a cadre was at a study session."""

    __tablename__ = "study_attendance"
    record_kind = RecordKind(
        name="study_attendance",
        file="study_attendance",
        title=_l("Attendance of a study session"),
        plural=_l("Attendance of study sessions"),
        identity=("session", "cadre"),
        principal=("session.held_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = Policy(ENTERED)

    session_id: Mapped[int] = reference_column(
        "study_session", label=_l("Study session"), table="study_session"
    )
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"), index=True)
    status: Mapped[str] = choice_column(_l("Attendance status"), STATUSES)

    session: Mapped[StudySession] = referenced(session_id)
    cadre: Mapped[Cadre] = referenced(cadre_id)
