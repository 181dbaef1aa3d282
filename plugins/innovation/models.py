"""Records of the institution of innovation (创新工作制度): innovations and award nominations."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    RowCheck,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import ENTERED, OWN, Policy


class Innovation(Record):
    """An innovation (工作亮点) that an organization proposed."""

    __tablename__ = "innovation_innovation"
    record_kind = RecordKind(
        name="innovation",
        file="innovations",
        letters="LD",
        title=_l("Innovation"),
        plural=_l("Innovations"),
        principal=("proposed_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(
        OWN,
        days_done=frozenset({"proposed_on"}),
        by_staff=frozenset({"adopted_on"}),
        by_verb=frozenset({"result_on", "result"}),
        asked=frozenset({"organization", "title", "files"}),
        fills=frozenset({"cadre", "organization"}),
    )
    takes_files = True

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    cadre_id: Mapped[int | None] = reference_column("cadre", label=_l("Cadre"), index=True)
    title: Mapped[str] = text_column(_l("Title"), 300)
    proposed_on: Mapped[date] = date_column(_l("Proposed on"))
    adopted_on: Mapped[date | None] = date_column(_l("Adopted on"))
    result_on: Mapped[date | None] = date_column(_l("Result recorded on"))
    result: Mapped[str | None] = text_column(_l("Result"), 2000)

    organization: Mapped[Organization] = referenced(organization_id)
    cadre: Mapped[Cadre | None] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's innovations by day."""
        return (Index(None, "organization_id", "proposed_on"),)

    def __str__(self) -> str:
        """The code, as other rows name the innovation."""
        return self.code


class Award(Record):
    """The nomination of a cadre, an organization, or both for an award (年终奖励)."""

    __tablename__ = "innovation_award"
    record_kind = RecordKind(
        name="award",
        file="awards",
        letters="PX",
        title=_l("Award nomination"),
        plural=_l("Award nominations"),
        principal=("nominated_on",),
        belongs_to=("cadre", "organization"),
    )
    concerns = ("cadre", "organization")
    policy = Policy(ENTERED)
    row_checks = (
        RowCheck(
            "cadre",
            lambda row: row["cadre"] is None and row["organization"] is None,
            _l("a cadre or an organization must be given"),
        ),
    )

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int | None] = reference_column("cadre", label=_l("Cadre"))
    organization_id: Mapped[int | None] = reference_column(
        "organization", label=_l("Organization"), index=True
    )
    innovation_id: Mapped[int | None] = reference_column(
        "innovation", label=_l("Innovation"), table="innovation_innovation", index=True
    )
    nominated_on: Mapped[date] = date_column(_l("Nominated on"))

    cadre: Mapped[Cadre | None] = referenced(cadre_id)
    organization: Mapped[Organization | None] = referenced(organization_id)
    innovation: Mapped[Innovation | None] = referenced(innovation_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Somebody is nominated; lists read a cadre's nominations by day."""
        return (
            CheckConstraint(
                "cadre_id IS NOT NULL OR organization_id IS NOT NULL", name="somebody_nominated"
            ),
            Index(None, "cadre_id", "nominated_on"),
        )
