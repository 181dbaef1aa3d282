"""Records of the institution of accountability (责任追究制度): letters, mistakes and cases."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre
from tiesan.records.base import (
    Record,
    RecordKind,
    choice_column,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
    year_column,
)
from tiesan.records.policy import ENTERED, Policy

LEVELS = {
    "minor": _l("Minor mistake"),
    "major": _l("Major mistake"),
}


class ResponsibilityLetter(Record):
    """A cadre's responsibility letter (目标责任书) for a year."""

    __tablename__ = "accountability_responsibility_letter"
    record_kind = RecordKind(
        name="responsibility_letter",
        file="responsibility_letters",
        letters="ZR",
        title=_l("Responsibility letter"),
        plural=_l("Responsibility letters"),
        principal=("signed_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    year: Mapped[int] = year_column(_l("Year"))
    signed_on: Mapped[date] = date_column(_l("Signed on"))

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's letters by day."""
        return (Index(None, "cadre_id", "signed_on"),)


class Mistake(Record):
    """A mistake in somebody's work (工作失误)."""

    __tablename__ = "accountability_mistake"
    record_kind = RecordKind(
        name="mistake",
        file="mistakes",
        letters="SW",
        title=_l("Mistake"),
        plural=_l("Mistakes"),
        principal=("reported_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre", "cadre.organization")
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    level: Mapped[str] = choice_column(_l("Level"), LEVELS)
    occurred_on: Mapped[date] = date_column(_l("Occurred on"))
    reported_on: Mapped[date] = date_column(_l("Reported on"))
    summary: Mapped[str | None] = text_column(_l("Summary"), 2000)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's mistakes by day."""
        return (Index(None, "cadre_id", "reported_on"),)

    def __str__(self) -> str:
        """The code, as other rows name the mistake."""
        return self.code


class AccountabilityCase(Record):
    """A case (责任追究) opened against a cadre, for a mistake or otherwise."""

    __tablename__ = "accountability_case"
    record_kind = RecordKind(
        name="accountability_case",
        file="accountability_cases",
        letters="ZJ",
        title=_l("Accountability case"),
        plural=_l("Accountability cases"),
        principal=("opened_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre", "cadre.organization", "mistake.cadre", "mistake.cadre.organization")
    policy = Policy(ENTERED, set_by_system=frozenset({"decided_on"}))

    code: Mapped[str] = code_column()
    mistake_id: Mapped[int | None] = reference_column(
        "mistake", label=_l("Mistake"), table="accountability_mistake", index=True
    )
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    opened_on: Mapped[date] = date_column(_l("Case opened on"))
    decided_on: Mapped[date | None] = date_column(_l("Decided on"))
    decision: Mapped[str | None] = text_column(_l("Decision in the case"), 2000)

    mistake: Mapped[Mistake | None] = referenced(mistake_id)
    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's cases by day."""
        return (Index(None, "cadre_id", "opened_on"),)
