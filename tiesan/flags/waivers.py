"""Standing waivers: flags of some rules on some subjects are waived before anybody judges them.

Source: the page on reviews, "Waivers". A waiver covers flags that occurred in its days: those that
wait for a decision when it is granted, and those that are raised later, in the evaluation that
raises them. What it has covered stays waived when it has ended; only its end may be changed.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.people.models import Account, Cadre, Organization

_NAME_LENGTH = 100
_LONGEST_TEXT = 2_000


class Waiver(Base):
    """A standing waiver (长期豁免): which rules, on whom, for which days, by whom and why.

    ``rule`` is one, ``plugin`` all of an institution. It is about one cadre, one organization, or
    with ``below`` an organization and everything below it. ``until`` is the last day, as it is now;
    before ``first_day`` it means that the waiver was taken back whole. ``granted_on`` is the day of
    the grant, ``giver`` the account that granted it: what they may not review is never covered.
    """

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint("(rule IS NULL) <> (plugin IS NULL)", name="rule_or_plugin"),
        CheckConstraint("(cadre_id IS NULL) <> (organization_id IS NULL)", name="one_subject"),
        CheckConstraint("NOT below OR organization_id IS NOT NULL", name="below_an_organization"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {_LONGEST_TEXT}", name="text_length"),
        Index(None, "district_id", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    rule: Mapped[str | None] = mapped_column(String(_NAME_LENGTH))
    plugin: Mapped[str | None] = mapped_column(String(_NAME_LENGTH))
    cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    below: Mapped[bool] = mapped_column(default=False)
    first_day: Mapped[date]
    until: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    granted_on: Mapped[date]
    granted_at: Mapped[datetime]
    giver_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    cadre: Mapped[Cadre | None] = relationship(foreign_keys=[cadre_id])
    organization: Mapped[Organization | None] = relationship(foreign_keys=[organization_id])
    giver: Mapped[Account] = relationship(foreign_keys=[giver_id])
    ends: Mapped[list["WaiverEnd"]] = relationship(order_by="WaiverEnd.id")

    @property
    def subject(self) -> Cadre | Organization | None:
        """The cadre or organization that it is about."""
        return self.cadre or self.organization

    def covers_rule(self, rule: str) -> bool:
        """Whether it speaks of the flags of a rule."""
        return rule == self.rule if self.plugin is None else rule.startswith(f"{self.plugin}.")

    def covers_day(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return self.first_day <= day <= self.until

    def covered_since(self, occurred_on: date) -> date | None:
        """Return since when it covers what occurred on a day: since its grant, or a later end.

        None when it does not cover that day now.
        """
        if not self.covers_day(occurred_on):
            return None
        since: date | None = None
        for end in self.ends:
            since = (since or end.day) if occurred_on <= end.until else None
        return since

    def __str__(self) -> str:
        """Its number, as other rows name it."""
        return f"#{self.id}"


class WaiverEnd(Base):
    """The last day of a waiver, as it was set on a day: at its grant, and whenever it was changed.

    So that a review can be read as of a day before the change.
    """

    __tablename__ = "waiver_end"
    __table_args__ = (UniqueConstraint("waiver_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    waiver_id: Mapped[int] = mapped_column(ForeignKey("waiver.id"))
    number: Mapped[int]
    day: Mapped[date]
    until: Mapped[date]
