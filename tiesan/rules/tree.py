"""The syntax tree of a checked rule: everything resolved and typed, nothing left to look up.

Source: rules-language.md. A tree comes only from the parser, so whoever reads it may rely on every
path, type and parameter being right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum, StrEnum
from typing import TypeAlias

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKind, Field, FieldType, Value
from tiesan.rules.bilingual import Text
from tiesan.rules.parameters import Parameter
from tiesan.rules.positions import Position


class Severity(StrEnum):
    """How grave a flag is, rising."""

    NOTICE = "notice"
    MINOR = "minor"
    SERIOUS = "serious"
    MAJOR = "major"


class Op(StrEnum):
    """The comparisons of the language."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    MATCHES_TEXT = "matches_text"
    WITHIN_DAYS = "within_days"
    PRESENT = "present"
    ABSENT = "absent"


class DatePart(StrEnum):
    """What a path may take of a date; each is an integer, but whether it is a working day."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    WEEKDAY = "weekday"
    WORKING_DAY = "working_day"


class TextPart(StrEnum):
    """What a path may take of a text: how many characters it has, and the text folded."""

    LENGTH = "length"
    FOLDED = "folded"


Part: TypeAlias = DatePart | TextPart

# The parts that are no integers.
_PART_TYPES: Mapping[Part, FieldType] = {
    TextPart.FOLDED: FieldType.TEXT,
    DatePart.WORKING_DAY: FieldType.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Path:
    """``field``, ``reference.field``, ``reference.reference.field``, and behind it a part.

    ``kind`` is the kind at which the path starts; ``through`` are the fields behind references.
    """

    text: str
    kind: str
    field: Field
    through: tuple[Field, ...] = ()
    part: Part | None = None

    @property
    def last(self) -> Field:
        """The field whose value the path gives (before a part of it is taken)."""
        return self.through[-1] if self.through else self.field

    @property
    def folded(self) -> "Path":
        """The path to the folded text, for a path to a text."""
        return replace(self, part=TextPart.FOLDED)

    @property
    def references(self) -> tuple[Field, ...]:
        """The references that the path crosses, in order."""
        return (self.field, *self.through)[:-1]

    @property
    def type(self) -> FieldType:
        """The type of the path's value."""
        if self.part is None:
            return self.last.type
        return _PART_TYPES.get(self.part, FieldType.INTEGER)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant, as a value of the field type it was read for."""

    value: Value
    type: FieldType


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """``$name``: the parameter's value in force on the day that the rule counts from."""

    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class AnchorPath:
    """``.path``: a value of the anchor (or, in the anchor's own conditions, of the same record)."""

    path: Path

    @property
    def type(self) -> FieldType:
        """The type of the path's value."""
        return self.path.type


Operand: TypeAlias = Literal | ParameterRef | AnchorPath


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left op right``; ``right`` is a tuple for lists of values, None for present/absent.

    ``days`` is how far apart the dates of ``within_days`` may lie, None for every other op.
    """

    left: Path | ParameterRef
    op: Op
    right: Operand | tuple[Operand, ...] | None
    position: Position = field(compare=False)
    days: Literal | ParameterRef | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; with no parts it is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """``not``: none of the parts holds."""

    parts: tuple["Condition", ...]


Condition: TypeAlias = Comparison | AllOf | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Related:
    """``with`` / ``without``: at least one, or no, fact of ``kind`` for which ``where`` holds."""

    kind: str
    where: AllOf
    negated: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """``{fact, where, with, without}``: the facts of a kind that meet conditions.

    Every one of ``related`` must hold.
    """

    kind: str
    where: AllOf
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """Form 1: a record is wrong.

    With ``next_day`` a live evaluation judges it only when the day it occurred on is over: what is
    missing in the record may still be entered today.
    """

    anchor: Selection
    next_day: bool = False


class Missing(StrEnum):
    """Which of the two ways to miss a deadline is flagged."""

    BOTH = "both"
    MISSING = "missing"
    LATE = "late"


class Unit(StrEnum):
    """What a deadline is counted in."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    END_OF_YEAR = "end_of_year"


@dataclass(frozen=True, slots=True)
class Span:
    """``number`` units from a date; the number is a literal or a parameter (None: end of year)."""

    unit: Unit
    number: Literal | ParameterRef | None


@dataclass(frozen=True, slots=True)
class Dated:
    """``{fact, where, date}``: related facts, and the date of each that counts."""

    kind: str
    where: AllOf
    date: Path


@dataclass(frozen=True, slots=True)
class Deadline:
    """Form 2: a record starts a clock. ``done`` is a path of the anchor or related facts."""

    anchor: Selection
    start: Path
    span: Span
    done: Path | Dated | None
    again: Dated | None
    flags: Missing


class Excused(StrEnum):
    """What excuses from a duty: approved leave, with or without official outings."""

    LEAVE = "leave"
    LEAVE_OR_OUTING = "leave_or_outing"
    NEVER = "never"


class Edge(StrEnum):
    """From which day of its period a duty's due date is counted, or until when one must stand."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    DUE_ON = "due_on"


@dataclass(frozen=True, slots=True)
class Due:
    """When a duty is due: a span from the period's first or last day (None: that day itself)."""

    start: Edge
    span: Span | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The facts that fulfil a duty: whose they are, and the date that lies in the period."""

    kind: str
    where: AllOf
    by: Path
    date: Path | None


@dataclass(frozen=True, slots=True)
class Duty:
    """Form 3: somebody owes something once per period."""

    owed_by: Selection
    every: Every
    due: Due
    stands_until: Edge
    excused: Excused
    counts: Counts
    required: Literal | ParameterRef


@dataclass(frozen=True, slots=True)
class Measure:
    """``at_least``: how many, and how much of which field (amounts in fen)."""

    count: Literal | ParameterRef
    sum_field: Path | None = None
    sum_value: Literal | ParameterRef | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Form 4: facts add up, by group and (with ``every``) by period of ``date``.

    ``latest`` is the path whose latest value is the date of the flag; None: when it was reached.
    """

    of: Selection
    by: tuple[Path, ...]
    date: Path
    every: Every | None
    at_least: Measure
    latest: Path | None


Form: TypeAlias = When | Deadline | Duty | Tally


@dataclass(frozen=True, slots=True)
class Template:
    """Texts and values in turn: a key or a message."""

    parts: tuple[str | Path | ParameterRef, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What a flag says, in both languages."""

    zh: Template
    en: Template


class Level(IntEnum):
    """When a rule is evaluated: it may read the flags of lower levels only."""

    RECORDS = 0
    NAMED_FLAGS = 1
    ANY_FLAGS = 2


@dataclass(frozen=True)
class Rule:
    """A checked rule.

    ``shape`` is the fact kind that its decision is about: the anchor's own for a record rule,
    the anchor's fields plus the derived values for the other forms. ``subject``, ``key``,
    ``occurred_on`` and the message's paths start at ``shape``. ``digest`` is a hash of its text.
    Where a rule has versions, each is a rule of the same id, in force for days of its own, with its
    ``number``; what a package ships is number 0.
    """

    id: str
    plugin: str
    title: Text
    clause: Text
    severity: Severity
    enabled: bool
    in_force_from: date | None
    in_force_until: date | None
    parameters: Mapping[str, Parameter]
    form: Form
    shape: FactKind
    subject: Path
    key: Template
    occurred_on: Path
    message: Message
    level: Level
    reads_rules: tuple[str, ...]
    position: Position
    digest: str
    number: int = 0

    @property
    def name(self) -> str:
        """What tells one version from the others in an evaluation: the id, and its number."""
        return f"{self.id}@{self.number}" if self.number else self.id

    @property
    def subject_kind(self) -> str:
        """``cadre`` or ``organization``."""
        last = self.subject.last
        return last.to or self.subject.kind
