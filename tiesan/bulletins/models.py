"""The tables of bulletins, and the invariants that the database holds.

Source: the page on what leaves the house, "Bulletins".
"""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    cast,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.flags.follow_up import LONGEST_PREFIX, Notice
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Cadre, Organization

BULLETIN, RECEIPT = "bulletin", "bulletin_receipt"
LONGEST_INTRODUCTION = 5_000
LONGEST_TEXT = 2_000
_WORD_LENGTH = 20
_LABEL_LENGTH = 10


class BulletinState(StrEnum):
    """The states of a bulletin."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    ISSUED = "issued"
    DISCARDED = "discarded"


class BulletinSeries(Base):
    """What the numbers of a district's bulletins begin with, where it is set."""

    __tablename__ = "bulletin_series"
    __table_args__ = (UniqueConstraint("prefix"),)

    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(LONGEST_PREFIX))


class Bulletin(Base):
    """A bulletin (通报) of a district about a month, a quarter or a year.

    ``numbers`` are frozen as of ``as_of`` and plain JSON (``reports.bulletins.frozen``);
    ``left_out`` names columns of them that are not printed. ``comments`` are texts by the id of an
    organization. ``edits`` counts what was written, so that nobody overwrites what they have not
    seen. Number, prefix and year are blank until it is issued; then nothing of it changes.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("district_id", "year", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint(
            "(state = 'issued') = (number IS NOT NULL)"
            " AND (number IS NULL) = (year IS NULL) AND (number IS NULL) = (prefix IS NULL)"
            " AND (number IS NULL) = (issued_on IS NULL)",
            name="numbered_when_issued",
        ),
        CheckConstraint("corrects_id <> id", name="corrects_another"),
        CheckConstraint(
            f"length(introduction) <= {LONGEST_INTRODUCTION}", name="introduction_fits"
        ),
        CheckConstraint(
            f"state IN ({', '.join(repr(each.value) for each in BulletinState)})",
            name="state_choice",
        ),
        Index(None, "state", "district_id"),
        Index(None, "corrects_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    period: Mapped[str] = mapped_column(String(_LABEL_LENGTH))
    first_day: Mapped[date]
    last_day: Mapped[date]
    as_of: Mapped[date]
    drafted_on: Mapped[date]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"))
    introduction: Mapped[str] = mapped_column(Text, default="")
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
    left_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    comments: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    edits: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(_WORD_LENGTH), default=BulletinState.DRAFTED.value)
    year: Mapped[int | None]
    number: Mapped[int | None]
    prefix: Mapped[str | None] = mapped_column(String(LONGEST_PREFIX))
    issued_on: Mapped[date | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    district: Mapped[Organization] = relationship(foreign_keys=[district_id])
    author: Mapped[Account | None] = relationship(foreign_keys=[author_id])
    issued_by: Mapped[Account | None] = relationship(foreign_keys=[issued_by_id])
    corrects: Mapped["Bulletin | None"] = relationship(remote_side="Bulletin.id")
    demands: Mapped[list["BulletinDemand"]] = relationship(
        back_populates="bulletin", order_by="BulletinDemand.position", cascade="all, delete-orphan"
    )
    names: Mapped[list["BulletinName"]] = relationship(
        back_populates="bulletin", order_by="BulletinName.id", cascade="all, delete-orphan"
    )
    receipts: Mapped[list["BulletinReceipt"]] = relationship(
        back_populates="bulletin", order_by="BulletinReceipt.organization_id"
    )

    @property
    def reference(self) -> str:
        """The number as it is written, 铁工通〔2026〕3号; blank before it is issued."""
        return "" if self.number is None else f"{self.prefix}〔{self.year}〕{self.number}号"

    def __str__(self) -> str:
        """The number, or the period of a draft, as other rows name it."""
        return self.reference or self.period


def bulletin_reference(bulletin: Any) -> ColumnElement[str]:
    """The number of a bulletin as it is written, as an expression over its columns."""
    year, number = cast(bulletin.year, String), cast(bulletin.number, String)
    written: ColumnElement[str] = bulletin.prefix + "〔" + year + "〕" + number + "号"
    return written


class BulletinWriter(Base):
    """That an account has written in a bulletin, which it therefore does not sign."""

    __tablename__ = "bulletin_writer"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)


class BulletinDemand(Base):
    """What a bulletin demands, of one organization or (``organization_id`` blank) of all.

    What becomes of it is kept after the issue: the rectification notice that it was made
    (``notice_id``), or the day on which it was seen to be met.
    """

    __tablename__ = "bulletin_demand"
    __table_args__ = (
        UniqueConstraint("bulletin_id", "position"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST_TEXT}", name="text_length"),
        CheckConstraint("notice_id IS NULL OR settled_on IS NULL", name="settled_one_way"),
        Index(None, "notice_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    position: Mapped[int]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    settled_on: Mapped[date | None]

    bulletin: Mapped[Bulletin] = relationship(back_populates="demands")
    organization: Mapped[Organization | None] = relationship()
    notice: Mapped[Notice | None] = relationship()


class BulletinName(Base):
    """A cadre whom a bulletin names: in praise, with a text, or for a flag that stands.

    Everything else about cadres is in it as numbers.
    """

    __tablename__ = "bulletin_name"
    __table_args__ = (
        UniqueConstraint("bulletin_id", "flag_id"),
        CheckConstraint("(flag_id IS NULL) <> (praise IS NULL)", name="praise_or_flag"),
        CheckConstraint(f"length(praise) BETWEEN 1 AND {LONGEST_TEXT}", name="praise_length"),
        Index(None, "cadre_id"),
        Index(None, "flag_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"))
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id"))
    praise: Mapped[str | None] = mapped_column(Text)

    bulletin: Mapped[Bulletin] = relationship(back_populates="names")
    cadre: Mapped[Cadre] = relationship()
    flag: Mapped[Flag | None] = relationship()


class BulletinReceipt(Base):
    """That the chair of an organization signs for a bulletin (签收); blank until they have."""

    __tablename__ = "bulletin_receipt"
    __table_args__ = (
        UniqueConstraint("bulletin_id", "organization_id"),
        CheckConstraint("received_on IS NOT NULL OR received_by_id IS NULL", name="received_by"),
        Index(None, "organization_id", "received_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    received_on: Mapped[date | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    bulletin: Mapped[Bulletin] = relationship(back_populates="receipts")
    organization: Mapped[Organization] = relationship()
    received_by: Mapped[Account | None] = relationship()
