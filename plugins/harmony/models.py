"""Records of the institution of harmony (和谐共事制度): conflicts and how they were mediated."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Organization
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


class Conflict(Record):
    """A conflict inside an organization, from the day it was opened to its mediation."""

    __tablename__ = "harmony_conflict"
    record_kind = RecordKind(
        name="conflict",
        file="conflicts",
        letters="MD",
        title=_l("Conflict"),
        plural=_l("Conflicts"),
        principal=("opened_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(ENTERED)
    takes_files = True

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    opened_on: Mapped[date] = date_column(_l("Conflict opened on"))
    mediated_on: Mapped[date | None] = date_column(_l("Mediated on"))
    summary: Mapped[str | None] = text_column(_l("Summary"), 2000)

    organization: Mapped[Organization] = referenced(organization_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's conflicts by day."""
        return (Index(None, "organization_id", "opened_on"),)
