"""The archive of what is kept on a person, from asking for it until it is removed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tiesan.extensions import Base

TOKEN_LENGTH = 32


class OwnArchive(Base):
    """An archive of an account: asked for, made by a run, there to be fetched ``until`` a moment.

    ``token`` is what nobody guesses of the name of its file, ``sections`` is what is in it: name,
    title and number of rows of each. An account has one at a time.
    """

    __tablename__ = "own_archive"
    __table_args__ = (
        UniqueConstraint("account_id"),
        CheckConstraint(
            "(made_at IS NULL) = (until IS NULL) AND (made_at IS NULL) = (size IS NULL)",
            name="made_as_a_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    run_id: Mapped[int | None]
    token: Mapped[str] = mapped_column(String(TOKEN_LENGTH))
    made_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    size: Mapped[int | None]
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
