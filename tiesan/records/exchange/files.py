"""Which files there are, in the order in which their rows can be stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Column, Table

from tiesan.columns import CLOCK, EMPTY, Clock, RecordKind, RowCheck
from tiesan.extensions import Base
from tiesan.facts.kinds import Field
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.base import Record
from tiesan.records.doubts import Doubt, Overlap
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.records.settings import CalendarException, RuleParameterValue


@dataclass(frozen=True)
class ExchangeFile:
    """One file of the exchange format: the class whose rows it holds."""

    model: type[Base]

    @cached_property
    def kind(self) -> RecordKind:
        """What the rows are called."""
        return record_kind(self.model)

    @property
    def stem(self) -> str:
        """The file's name without suffix, the sheet's name in a workbook."""
        return self.kind.file

    @cached_property
    def table(self) -> Table:
        """The table that holds the rows."""
        return table_of(self.model)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns of the file, in order."""
        return tuple(field for field, _column in field_columns(self.model))

    @cached_property
    def columns(self) -> tuple[Column[object], ...]:
        """The columns of the table that hold the fields."""
        return tuple(column for _field, column in field_columns(self.model))

    @cached_property
    def position(self) -> dict[str, int]:
        """The position of each field, by name."""
        return {field.name: position for position, field in enumerate(self.fields)}

    @cached_property
    def identity(self) -> tuple[int, ...]:
        """The positions of the fields that tell two rows apart."""
        return tuple(self.position[name] for name in self.kind.identity)

    @cached_property
    def references(self) -> tuple[tuple[int, str], ...]:
        """The positions of the references with the kinds that they name."""
        fields = enumerate(self.fields)
        return tuple((position, field.to) for position, field in fields if field.to is not None)

    @cached_property
    def defaults(self) -> tuple[object, ...]:
        """What a blank means in each column: None but for a few booleans."""
        return tuple(column.info.get(EMPTY) for column in self.columns)

    @cached_property
    def clocks(self) -> dict[int, Clock]:
        """The positions of the times with the fields that go with them."""
        clocks = enumerate(column.info.get(CLOCK, Clock()) for column in self.columns)
        return {place: clock for place, clock in clocks if clock != Clock()}

    @property
    def coded(self) -> bool:
        """Whether rows have a code by which others can name them."""
        return self.kind.is_coded

    @property
    def is_record(self) -> bool:
        """Whether the rows are activity records, with a district and bookkeeping columns."""
        return issubclass(self.model, Record)

    @property
    def can_be_voided(self) -> bool:
        """Whether a row that does not count any more stays: a record, a person, an organization."""
        return "voided_at" in self.table.c

    @property
    def doubts(self) -> tuple[Doubt | Overlap, ...]:
        """What the values of a row hardly mean."""
        doubts: tuple[Doubt | Overlap, ...] = getattr(self.model, "doubts", ())
        return doubts

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        """What the values of a row must not be together."""
        checks: tuple[RowCheck, ...] = getattr(self.model, "row_checks", ())
        return checks


def exchange_files(records: Iterable[type[Record]]) -> tuple[ExchangeFile, ...]:
    """All files of the core and of records: a file that others refer to comes before them."""
    models: Iterable[type[Base]] = (
        Organization,
        Cadre,
        Posting,
        *records,
        CalendarException,
        RuleParameterValue,
    )
    return tuple(ExchangeFile(model) for model in models)
