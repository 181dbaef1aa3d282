"""The base of every activity record, and the column constructors that record classes use.

A plugin's ``models.py`` needs nothing else of the core but the classes that it refers to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, MappedColumn, declared_attr, mapped_column, relationship

from tiesan.columns import (
    CODED,
    FIELD,
    RecordKind,
    RowCheck,
    amount_column,
    boolean_column,
    choice_column,
    code_column,
    date_column,
    earlier,
    field_name,
    integer_column,
    reference_column,
    referenced,
    text_column,
    time_column,
    year_column,
)
from tiesan.extensions import Base
from tiesan.facts.folding import folded
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.doubts import Doubt, Overlap
from tiesan.records.policy import Policy

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
    "date_column",
    "earlier",
    "folded_texts",
    "integer_column",
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


class Record(Base):
    """One activity record: what somebody did on a day, as a plugin defines it.

    Besides its own columns a row has who recorded it, when and by which way, whether it was
    voided and why, and its district. ``record_kind`` names it and says what identifies a row, which
    the database holds: a code names one row for ever, also when it is voided; of rows without a
    code one per identity is not voided. ``concerns`` are the paths to the
    cadres and organizations that a change of the row may flag or clear; ``policy`` says who may do
    what, nobody unless it is stated; ``row_checks`` are what its values must not be together,
    ``doubts`` what they hardly mean.
    ``folds`` are columns that keep a text folded, so that the database can compare it: each with
    the column of the text. Rows of a class that ``takes_files`` can have attachments, which whoever
    may see a row may open; where ``files_are_private``, only the cadre whose row it is and their
    superiors may, a superior's deputy while the row waits, and each opening is in the audit trail.
    """

    __abstract__ = True

    record_kind: ClassVar[RecordKind]
    concerns: ClassVar[tuple[str, ...]]
    policy: ClassVar[Policy] = Policy()
    row_checks: ClassVar[tuple[RowCheck, ...]] = ()
    folds: ClassVar[Mapping[str, str]] = {}
    doubts: ClassVar[tuple[Doubt | Overlap, ...]] = ()
    takes_files: ClassVar[bool] = False
    files_are_private: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Give a class that has a table the index by which a district's list is read."""
        super().__init_subclass__(**options)
        date = listed_by(cls)
        if date is not None:
            # Attaching it to the columns adds it to their table. By convention its name would be
            # longer than PostgreSQL allows.
            Index(
                f"ix_{cls.__tablename__}_listed", _table(cls).c.district_id, date, _table(cls).c.id
            )

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
        """The bookkeeping constraints, what identifies a row, and the class's ``constraints``."""
        sources = ", ".join(f"'{source}'" for source in SOURCES)
        return (
            CheckConstraint(f"source IN ({sources})", name="source_choice"),
            CheckConstraint(
                "(voided_at IS NULL) = (void_reason IS NULL)", name="voided_for_a_reason"
            ),
            _unique(cls),
            *cls.constraints(),
        )

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """The further named constraints and indexes of this class of records."""
        return ()

    def concerned_rows(self) -> list[object]:
        """The rows of the cadres and organizations that this row concerns."""
        return [each for path in self.concerns for each in follow(self, path)]

    @classmethod
    def concerned_by(cls, values: Mapping[str, Any]) -> list[object] | None:
        """The rows of the cadres and organizations that a row with these values would concern.

        None where that is not to be seen from them: a reference on the way is not among them.
        """
        found: list[object] = []
        for path in cls.concerns:
            name, _dot, rest = path.partition(".")
            if name not in values:
                return None
            row = values[name]
            found += [] if row is None else [row] if not rest else follow(row, rest)
        return found

    def subjects(self) -> Concerned:
        """The cadres and organizations that this row concerns, over its relationships."""
        found = self.concerned_rows()
        return Concerned(
            frozenset(each.code for each in found if isinstance(each, Cadre)),
            frozenset(each.code for each in found if isinstance(each, Organization)),
        )

    def fold_texts(self) -> None:
        """Bring the folded texts up to date; whoever writes the row as a whole calls it."""
        for name, value in folded_texts(
            type(self), {name: getattr(self, name) for name in self.folds.values()}
        ).items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _table(cls: type[Record]) -> Table:
    found: Table = vars(cls)["__table__"]
    return found


def listed_by(cls: type[Record]) -> Column[Any] | None:
    """The date by which lists are sorted, the newest first; None where a row has none of its own.

    Of several from which a row is known it is the one that every row has, or else the one that
    counts before the others.
    """
    if "__table__" not in vars(cls):
        return None
    dates = {
        field_name(column.info[FIELD], column.name): column
        for column in _table(cls).columns
        if FIELD in column.info
    }
    named = [dates[name] for name in cls.record_kind.principal if name in dates]
    given = [column for column in named if not column.nullable]
    return next(iter(given or named), None)


def folded_texts(model: type[Base], values: Mapping[str, Any]) -> dict[str, str | None]:
    """The columns of a class that keep a text folded, with what they hold for these values.

    ``values`` are by the names of columns; other classes than records have no such columns.
    """
    folds: Mapping[str, str] = getattr(model, "folds", {})
    texts = {name: values.get(text) for name, text in folds.items()}
    return {name: None if text is None else folded(text) for name, text in texts.items()}


def _unique(cls: type[Record]) -> UniqueConstraint | Index:
    """What keeps two rows of a class from being the same one; TypeError for an unknown field."""
    identity = cls.record_kind.identity
    if identity == CODED:
        return UniqueConstraint(*identity)
    known = _attributes(cls)
    unknown = [name for name in identity if name not in known]
    if unknown:
        message = f"{cls.__name__} is identified by {', '.join(unknown)}, which is no field of it"
        raise TypeError(message)
    columns = [known[name] for name in identity]
    live = text("voided_at IS NULL")
    name = f"uq_{cls.__tablename__}_{'_'.join(columns)}"
    return Index(name, *columns, unique=True, sqlite_where=live, postgresql_where=live)


def _attributes(cls: type[Record]) -> dict[str, str]:
    """The attributes of a class that is being mapped, by the names of the fields they hold."""
    found = {}
    for attribute, column in vars(cls).items():
        field = column.column.info.get(FIELD) if isinstance(column, MappedColumn) else None
        if field is not None:
            found[field_name(field, attribute)] = attribute
    return found


def follow(row: object, path: str) -> Iterator[object]:
    """The row at the end of a path of relationships, unless a reference on the way is blank."""
    for name in path.split("."):
        row = getattr(row, name)
        if row is None:
            return
    yield row
