"""Records of the institution of efficiency (工作效率制度): tasks."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import ENTERED, Policy


class Task(Record):
    """A task of an organization, with its goal, measures and owner."""

    __tablename__ = "efficiency_task"
    record_kind = RecordKind(
        name="task",
        file="tasks",
        letters="RW",
        title=_l("Task"),
        plural=_l("Tasks"),
        principal=("assigned_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    owner_id: Mapped[int | None] = reference_column("cadre", label=_l("Owner"))
    goal: Mapped[str | None] = text_column(_l("Goal"), 2000)
    measures: Mapped[str | None] = text_column(_l("Measures"), 2000)
    assigned_on: Mapped[date] = date_column(_l("Assigned on"))
    started_on: Mapped[date | None] = date_column(_l("Started on"))
    due_on: Mapped[date] = date_column(_l("Due on"), planned=True)
    completed_on: Mapped[date | None] = date_column(_l("Completed on"))

    organization: Mapped[Organization] = referenced(organization_id)
    owner: Mapped[Cadre | None] = referenced(owner_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's tasks by day."""
        return (Index(None, "organization_id", "assigned_on"),)
