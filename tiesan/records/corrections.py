"""Requests to correct a record about oneself (申请更正): what is wrong, and what it should say.

The room ``reviews`` has the verbs; here stands the table, and the invariants that the database
holds. What is wished is kept in plain terms, as the audit trail keeps values.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.people.models import Account, Cadre, Organization

CORRECTION = "correction"
_KIND_LENGTH = 60
_LONGEST_TEXT = 2_000


class CorrectionRequest(Base):
    """What somebody says is wrong with a record about them, and what became of it.

    ``kind`` and ``row_id`` name the record; there is no foreign key, because the rows of a plugin
    are removed with it. It belongs to the cadre or the organization that the record belongs to.
    ``wished`` are the fields that should say something else, each with the value when it was asked
    for and the wished one; ``voids`` says that the record should not be there at all.
    """

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint("(cadre_id IS NULL) <> (organization_id IS NULL)", name="one_subject"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {_LONGEST_TEXT}", name="text_length"),
        CheckConstraint(
            "(CASE WHEN granted_on IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN refused_on IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN withdrawn_on IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_end",
        ),
        Index(None, "kind", "row_id"),
        Index(None, "district_id", "asked_on"),
        Index(None, "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), comment="its district")
    kind: Mapped[str] = mapped_column(String(_KIND_LENGTH), comment="the kind of the record")
    row_id: Mapped[int] = mapped_column(comment="the id of the record")
    cadre_id: Mapped[int | None] = mapped_column(
        ForeignKey("cadre.id"), comment="the cadre to whom the record belongs"
    )
    organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.id"), comment="the organization to which the record belongs"
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), comment="who asks")
    text: Mapped[str] = mapped_column(Text, comment="what is wrong")
    wished: Mapped[dict[str, Any]] = mapped_column(
        JSON, comment="by field the value when asked, and the wished one"
    )
    voids: Mapped[bool] = mapped_column(comment="whether the record should not be there at all")
    asked_on: Mapped[date] = mapped_column(comment="the day of asking")
    asked_at: Mapped[datetime] = mapped_column(comment="the moment of asking")
    granted_on: Mapped[date | None] = mapped_column(comment="the day of the correction")
    refused_on: Mapped[date | None] = mapped_column(comment="the day of the refusal")
    withdrawn_on: Mapped[date | None] = mapped_column(comment="the day on which it was taken back")

    cadre: Mapped[Cadre | None] = relationship(foreign_keys=[cadre_id])
    organization: Mapped[Organization | None] = relationship(foreign_keys=[organization_id])
    account: Mapped[Account] = relationship(foreign_keys=[account_id])

    def __str__(self) -> str:
        """Its number, as other rows name it."""
        return f"#{self.id}"
