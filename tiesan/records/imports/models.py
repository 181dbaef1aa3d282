"""The tables of imports: each with what it wrote, what its sources said, and what is kept."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tiesan.audit import VERB_LENGTH
from tiesan.extensions import Base
from tiesan.people.models import Account, Organization

# The kind of an import of everything that travels in files, as plugins' kinds have names of theirs.
EVERYTHING = "everything"
SOURCE_LENGTH = 80
NUMBER_LENGTH = 100
PERSON_LENGTH = 100
REASON_LENGTH = 500


class State(StrEnum):
    """Where an import stands."""

    READING = "reading"
    ASKING = "asking"
    REFUSED = "refused"
    PREVIEWED = "previewed"
    TRYING = "trying"
    STORING = "storing"
    STORED = "stored"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


# While it stands so, its files and its preview are kept.
UNFINISHED = (
    *(State.READING, State.ASKING, State.REFUSED, State.PREVIEWED, State.TRYING),
    State.STORING,
)


class DataImport(Base):
    """One import: which files, by whom, when, and what came of it.

    ``files`` are names and digests, ``result`` what is counted and named of what it did,
    ``plan_digest`` tells the previewed changes from all others. ``said`` are lines for who looks:
    what was refused, or changed meanwhile. ``reason`` is why it was stored, where that is asked.
    The command line has no account; what it brings in is listed, and cannot be undone.
    """

    __tablename__ = "data_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ({})".format(", ".join(f"'{each.value}'" for each in State)),
            name="state_choice",
        ),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone_for_a_reason"),
        Index(None, "district_id", "at"),
        Index(None, "account_id", "at"),
        Index(None, "state", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    run_id: Mapped[int | None]
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    said: Mapped[list[str]] = mapped_column(JSON, default=list)
    plan_digest: Mapped[str | None] = mapped_column(String(64))
    stored_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undo_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))

    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    undone_by: Mapped[Account | None] = relationship(foreign_keys=[undone_by_id])
    district: Mapped[Organization | None] = relationship()


class ImportRow(Base):
    """A row that an import wrote: its values before (none: it was new) and after (none: voided)."""

    __tablename__ = "import_row"
    __table_args__ = (Index(None, "kind", "row_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ImportSaid(Base):
    """What a source said of a cadre's day by an import; rows are made of all that was said.

    ``form`` tells what adds up from what a later import of the source replaces; its words, like
    those of ``values``, are those of the kind of import. What ``stays`` is not undone with it: it
    is what the row said before any source did.
    """

    __tablename__ = "import_said"
    __table_args__ = (
        UniqueConstraint("import_id", "cadre_id", "day", "source", "form"),
        Index(None, "cadre_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"))
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"))
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    form: Mapped[str] = mapped_column(String(20))
    stays: Mapped[bool]
    values: Mapped[list[Any]] = mapped_column(JSON)


class ImportPerson(Base):
    """Whom a source means by a number, as somebody has answered once."""

    __tablename__ = "import_person"
    __table_args__ = (
        UniqueConstraint("source", "number", "name", "cadre_id"),
        Index(None, "cadre_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    name: Mapped[str] = mapped_column(String(PERSON_LENGTH))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"))
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime]


class ImportColumns(Base):
    """Which columns of a file say what, as somebody has told once, under a name."""

    __tablename__ = "import_columns"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH))
    name: Mapped[str] = mapped_column(String(PERSON_LENGTH))
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime]
