"""What follows a confirmed flag: the case that it was escalated to, and rectification notices.

Source: institutions.md, "What review adds", and the clause of accountability. The room ``reviews``
has the verbs; here stand the tables, and the invariants that the database holds.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    cast,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Cadre, Organization

NOTICE = "notice"
LONGEST_PREFIX = 10
_KIND_LENGTH = 60
_WORD_LENGTH = 20
_LONGEST_TEXT = 2_000


class NoticeState(StrEnum):
    """The states of a rectification notice."""

    ISSUED = "issued"
    RECEIVED = "received"
    ANSWERED = "answered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


# A flag is in one notice at most that is in one of these.
UNFINISHED_NOTICE = frozenset(
    {NoticeState.ISSUED, NoticeState.RECEIVED, NoticeState.ANSWERED, NoticeState.RETURNED}
)


class EscalatedFlag(Base):
    """A flag that was made a case: which case, what is to be done about it, until when.

    ``kind`` and ``row_id`` name the case, a record of the plugin that takes it; there is no foreign
    key, because the rows of a plugin are removed with it. Once a case was voided, the next one
    makes the link ``superseded``; of the others there is one for each flag.
    """

    __tablename__ = "escalated_flag"
    __table_args__ = (
        Index(
            "uq_escalated_flag_one",
            "flag_id",
            unique=True,
            sqlite_where=text("NOT superseded"),
            postgresql_where=text("NOT superseded"),
        ),
        UniqueConstraint("kind", "row_id"),
        CheckConstraint(f"length(measure) BETWEEN 1 AND {_LONGEST_TEXT}", name="measure_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"))
    kind: Mapped[str] = mapped_column(String(_KIND_LENGTH))
    row_id: Mapped[int]
    day: Mapped[date]
    measure: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    superseded: Mapped[bool] = mapped_column(default=False)

    flag: Mapped[Flag] = relationship()


class NoticeSeries(Base):
    """What the numbers of a district's notices begin with, where it is not taken from its name."""

    __tablename__ = "notice_series"
    __table_args__ = (UniqueConstraint("prefix"),)

    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(LONGEST_PREFIX))


class Notice(Base):
    """A rectification notice (督办单): what one subject has to put right, and by when.

    Its number runs by district and year without gaps and is kept whatever becomes of it. ``text``
    is what is to be done; ``first_due_on`` the deadline with which it was issued, ``due_on`` the
    present one. A ``confidential`` one names confidential flags and no others.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("district_id", "year", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(cadre_id IS NULL) <> (organization_id IS NULL)", name="one_subject"),
        CheckConstraint("due_on >= issued_on", name="due_after_issue"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {_LONGEST_TEXT}", name="text_length"),
        CheckConstraint(
            f"state IN ({', '.join(repr(each.value) for each in NoticeState)})", name="state_choice"
        ),
        Index(None, "state", "due_on"),
        Index(None, "cadre_id"),
        Index(None, "organization_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    year: Mapped[int]
    number: Mapped[int]
    prefix: Mapped[str] = mapped_column(String(LONGEST_PREFIX))
    cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    confidential: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date]
    first_due_on: Mapped[date]
    due_on: Mapped[date]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(_WORD_LENGTH), default=NoticeState.ISSUED.value)

    district: Mapped[Organization] = relationship(foreign_keys=[district_id])
    cadre: Mapped[Cadre | None] = relationship(foreign_keys=[cadre_id])
    organization: Mapped[Organization | None] = relationship(foreign_keys=[organization_id])
    issued_by: Mapped[Account | None] = relationship(foreign_keys=[issued_by_id])
    # Read with every notice: whoever is shown one is shown its flags, and a confidential flag that
    # is read is noted.
    findings: Mapped[list["NoticeFinding"]] = relationship(
        back_populates="notice", order_by="NoticeFinding.flag_id", lazy="selectin"
    )

    @property
    def subject(self) -> Cadre | Organization | None:
        """The cadre or organization that has to put it right."""
        return self.cadre or self.organization

    @property
    def present(self) -> list["NoticeFinding"]:
        """The findings that are still in it."""
        return [each for each in self.findings if each.left_on is None]

    @property
    def reference(self) -> str:
        """The number as it is written: 铁督〔2026〕12号."""
        return f"{self.prefix}〔{self.year}〕{self.number}号"

    def __str__(self) -> str:
        """The number, as other rows name the notice."""
        return self.reference


def reference_of(notice: Any) -> ColumnElement[str]:
    """The number of a notice as it is written, as an expression over its columns."""
    year, number = cast(notice.year, String), cast(notice.number, String)
    written: ColumnElement[str] = notice.prefix + "〔" + year + "〕" + number + "号"
    return written


class NoticeFinding(Base):
    """A flag in a notice, with what was found and the clause as they were when it was issued.

    ``left_on`` is the day on which the flag left it, or on which the notice was accepted;
    ``left_as`` is what the flag was then: the state of its review, or ``inactive`` for one of which
    the condition no longer held when the rest was accepted.
    """

    __tablename__ = "notice_finding"
    __table_args__ = (
        Index(
            "uq_notice_finding_unfinished",
            "flag_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
        CheckConstraint("(left_on IS NULL) = (left_as IS NULL)", name="left_as_what"),
        Index(None, "flag_id"),
    )

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), primary_key=True)
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    clause_zh: Mapped[str] = mapped_column(Text)
    clause_en: Mapped[str] = mapped_column(Text)
    occurred_on: Mapped[date]
    left_on: Mapped[date | None]
    left_as: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))

    notice: Mapped[Notice] = relationship(back_populates="findings")
    flag: Mapped[Flag] = relationship(lazy="joined")
