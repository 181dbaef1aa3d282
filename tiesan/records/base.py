"""The base of every activity record, and the column constructors that record classes use.

A plugin's ``models.py`` needs nothing else of the core but the classes that it refers to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tiesan.columns import (
    RecordKind,
    RowCheck,
    amount_column,
    boolean_column,
    choice_column,
    code_column,
    date_column,
    earlier,
    integer_column,
    reference_column,
    referenced,
    text_column,
    time_column,
    year_column,
)
from tiesan.extensions import Base
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.doubts import Doubt, Overlap

__all__ = [
    "Concerned",
    "Doubt",
    "Overlap",
    "Record",
    "RecordKind",
    "RowCheck",
    "amount_column",
    "boolean_column",
    "choice_column",
    "code_column",
    "code_is_unique",
    "date_column",
    "earlier",
    "integer_column",
    "live_identity",
    "reference_column",
    "referenced",
    "text_column",
    "time_column",
    "year_column",
]

SOURCES = ("web", "import", "demo")
REASON_LENGTH = 500
# The bookkeeping columns stand behind the record's own, the id before them.
_LAST = 100


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a row concerns: codes of cadres and of organizations."""

    cadres: frozenset[str]
    organizations: frozenset[str]


def code_is_unique() -> UniqueConstraint:
    """A code names one row for ever: that of a voided row is not given again."""
    return UniqueConstraint("code")


def live_identity(table: str, *columns: str) -> Index:
    """Rows without a code: among those that are not voided, one per combination of ``columns``."""
    live = text("voided_at IS NULL")
    name = f"uq_{table}_{'_'.join(columns)}"
    return Index(name, *columns, unique=True, sqlite_where=live, postgresql_where=live)


class Record(Base):
    """One activity record: what somebody did on a day, as a plugin defines it.

    Besides its own columns a row has who recorded it, when and by which way, whether it was
    voided and why, and its district. ``record_kind`` names it; ``concerns`` are the paths to the
    cadres and organizations that a change of the row may flag or clear; ``row_checks`` are what
    its values must not be together, ``doubts`` what they hardly mean.
    """

    __abstract__ = True

    record_kind: ClassVar[RecordKind]
    concerns: ClassVar[tuple[str, ...]]
    row_checks: ClassVar[tuple[RowCheck, ...]] = ()
    doubts: ClassVar[tuple[Doubt | Overlap, ...]] = ()

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    district_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id"), index=True, sort_order=_LAST
    )
    recorded_at: Mapped[datetime] = mapped_column(sort_order=_LAST)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), sort_order=_LAST)
    source: Mapped[str] = mapped_column(String(10), sort_order=_LAST)
    voided_at: Mapped[datetime | None] = mapped_column(sort_order=_LAST)
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), sort_order=_LAST)
    void_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH), sort_order=_LAST)

    @declared_attr
    @classmethod
    def district(cls) -> Mapped[Organization]:
        """The district that the row belongs to."""
        return relationship(foreign_keys=[cls.district_id])

    @declared_attr
    @classmethod
    def recorded_by(cls) -> Mapped[Account | None]:
        """The account that stored the row; None for the command line."""
        return relationship(foreign_keys=[cls.recorded_by_id])

    @declared_attr
    @classmethod
    def voided_by(cls) -> Mapped[Account | None]:
        """The account that voided the row."""
        return relationship(foreign_keys=[cls.voided_by_id])

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """The bookkeeping constraints and the class's own ``constraints``."""
        sources = ", ".join(f"'{source}'" for source in SOURCES)
        return (
            CheckConstraint(f"source IN ({sources})", name="source_choice"),
            CheckConstraint(
                "(voided_at IS NULL) = (void_reason IS NULL)", name="voided_for_a_reason"
            ),
            *cls.constraints(),
        )

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """The named constraints and indexes of this class of records."""
        return ()

    def subjects(self) -> Concerned:
        """The cadres and organizations that this row concerns, over its relationships."""
        found = [each for path in self.concerns for each in _follow(self, path)]
        return Concerned(
            frozenset(each.code for each in found if isinstance(each, Cadre)),
            frozenset(each.code for each in found if isinstance(each, Organization)),
        )


def _follow(row: object, path: str) -> Iterator[object]:
    """The row at the end of a path of relationships, unless a reference on the way is blank."""
    for name in path.split("."):
        row = getattr(row, name)
        if row is None:
            return
    yield row
