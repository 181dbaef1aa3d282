"""Records of the institution of research (信息调研制度): information reports and papers."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre
from tiesan.records.base import (
    Record,
    RecordKind,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import OWN, Policy

# Cadres submit their own; what it says stands in the text, or in a file.
SUBMITTED = Policy(
    OWN,
    set_by_system=frozenset({"submitted_on"}),
    written=frozenset({"content"}),
    or_files=True,
    asked=frozenset({"title", "content", "files"}),
    fills=frozenset({"cadre"}),
)


class InfoReport(Record):
    """A piece of information (信息) that a cadre submitted to the district."""

    __tablename__ = "research_info_report"
    record_kind = RecordKind(
        name="info_report",
        file="info_reports",
        letters="XC",
        title=_l("Information report"),
        plural=_l("Information reports"),
        principal=("submitted_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = SUBMITTED
    takes_files = True

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    submitted_on: Mapped[date] = date_column(_l("Submitted on"))
    title: Mapped[str] = text_column(_l("Title"), 300)
    content: Mapped[str | None] = text_column(_l("Content"), 10_000)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's reports by day."""
        return (Index(None, "cadre_id", "submitted_on"),)


class ResearchPaper(Record):
    """A research paper (调研论文) that a cadre submitted to the district."""

    __tablename__ = "research_paper"
    record_kind = RecordKind(
        name="research_paper",
        file="research_papers",
        letters="LW",
        title=_l("Research paper"),
        plural=_l("Research papers"),
        principal=("submitted_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = SUBMITTED
    takes_files = True

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    submitted_on: Mapped[date] = date_column(_l("Submitted on"))
    title: Mapped[str] = text_column(_l("Title"), 300)
    content: Mapped[str | None] = text_column(_l("Content"), 10_000)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's papers by day."""
        return (Index(None, "cadre_id", "submitted_on"),)
