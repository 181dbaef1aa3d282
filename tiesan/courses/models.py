"""The history of everything that goes through a course, in one table of the core.

Only flags keep theirs apart. A row that came by a file has a state and no events.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tiesan.audit import NAME_LENGTH
from tiesan.extensions import Base

WORD_LENGTH = 40
ONCE_LENGTH = 64
LONGEST_TEXT = 2_000

_NEW = text("from_state IS NULL")


class CourseEvent(Base):
    """One verb that was carried out on a row: by whom, as what and for whom, on which day.

    ``from_state`` is blank for the verb that made the row. ``attachments`` are ids. The same form
    sent twice (``once``) has one event: of one row, or for a verb that makes rows of all.
    """

    __tablename__ = "course_event"
    __table_args__ = (
        Index(None, "course", "row_id", "id"),
        Index(
            "uq_course_event_once", "account_id", "course", "row_id", "verb", "once", unique=True
        ),
        Index(
            "uq_course_event_once_new",
            "account_id",
            "course",
            "verb",
            "once",
            unique=True,
            sqlite_where=_NEW,
            postgresql_where=_NEW,
        ),
        CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST_TEXT}", name="text_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(String(WORD_LENGTH))
    row_id: Mapped[int]
    at: Mapped[datetime]
    day: Mapped[date]
    verb: Mapped[str] = mapped_column(String(WORD_LENGTH))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    capacity: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    from_state: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    to_state: Mapped[str] = mapped_column(String(WORD_LENGTH))
    text: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[list[Any]] = mapped_column(JSON, default=list)
    once: Mapped[str | None] = mapped_column(String(ONCE_LENGTH))


class CourseReminder(Base):
    """That whoever decides was reminded of a request (催办) on a day; once a day, not oftener."""

    __tablename__ = "course_reminder"

    course: Mapped[str] = mapped_column(String(WORD_LENGTH), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
