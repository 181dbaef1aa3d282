"""Records of aid to workers in hardship: the cases, and the visits paid to them."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    amount_column,
    choice_column,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import ENTERED, Policy

CAUSES = {
    "illness": _l("Illness"),
    "schooling": _l("Schooling of children"),
    "accident": _l("Accident or disaster"),
    "income": _l("Low income"),
}


class HardshipCase(Record):
    """A worker in hardship whom an organization looks after, until the case is closed."""

    __tablename__ = "hardship_case"
    record_kind = RecordKind(
        name="hardship_case",
        file="hardship_cases",
        letters="KN",
        title=_l("Hardship case"),
        plural=_l("Hardship cases"),
        principal=("opened_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    worker: Mapped[str] = text_column(_l("Worker in hardship"), 50)
    cause: Mapped[str] = choice_column(_l("Cause of hardship"), CAUSES)
    opened_on: Mapped[date] = date_column(_l("Hardship case opened on"))
    closed_on: Mapped[date | None] = date_column(_l("Hardship case closed on"))
    summary: Mapped[str | None] = text_column(_l("Summary"), 2000)

    organization: Mapped[Organization] = referenced(organization_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's cases by day."""
        return (Index(None, "organization_id", "opened_on"),)

    def __str__(self) -> str:
        """The worker's name, as lists show it."""
        return self.worker


class HardshipVisit(Record):
    """A visit to a worker in hardship, with what was given."""

    __tablename__ = "hardship_visit"
    record_kind = RecordKind(
        name="hardship_visit",
        file="hardship_visits",
        title=_l("Visit to a worker in hardship"),
        plural=_l("Visits to workers in hardship"),
        identity=("case", "visited_on"),
        principal=("visited_on",),
        belongs_to=("case",),
    )
    concerns = ("case.organization", "visitor")
    policy = Policy(ENTERED)

    case_id: Mapped[int] = reference_column(
        "hardship_case", label=_l("Hardship case"), table="hardship_case"
    )
    visited_on: Mapped[date] = date_column(_l("Visited on"))
    visitor_id: Mapped[int | None] = reference_column("cadre", label=_l("Visitor"), index=True)
    aid: Mapped[int | None] = amount_column(_l("Aid (yuan)"))

    case: Mapped[HardshipCase] = referenced(case_id)
    visitor: Mapped[Cadre | None] = referenced(visitor_id)
