"""What is set of each kind of retention, and what the last run removed of it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.extensions import Base
from tiesan.people.models import Account

NAME_LENGTH = 40
MOST_MONTHS = 600


class Retention(Base):
    """After how many months a kind is removed (保存期限); blank is never.

    Without a row the kind's own months hold. ``rows``, ``files`` and ``bytes`` are what the last
    run removed, at ``ran_at``.
    """

    __tablename__ = "retention"
    __table_args__ = (
        CheckConstraint(f"months BETWEEN 1 AND {MOST_MONTHS}", name="months_range"),
        CheckConstraint("rows >= 0 AND files >= 0 AND bytes >= 0", name="removed_from_zero"),
    )

    kind: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    months: Mapped[int | None]
    set_at: Mapped[datetime | None]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ran_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)

    set_by: Mapped[Account | None] = relationship()
