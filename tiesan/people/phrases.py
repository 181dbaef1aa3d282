"""Own phrases: texts that an account writes often, kept for it and seen by nobody else."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.extensions import Base

LONGEST_PHRASE = 2_000


class Phrase(Base):
    """A text that its account keeps, to be put into forms."""

    __tablename__ = "phrase"
    __table_args__ = (
        CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST_PHRASE}", name="text_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime]


def phrases_of(session: Session, account_id: int | None) -> Sequence[Phrase]:
    """Return the phrases of an account in the order in which they were kept."""
    own = select(Phrase).where(Phrase.account_id == account_id).order_by(Phrase.id)
    return session.scalars(own).all()
