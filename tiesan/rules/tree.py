"""The syntax tree of a checked rule: everything resolved and typed, nothing left to look up.

Source: rules-language.md. A tree comes only from the parser, so whoever reads it may rely on every
path, type and parameter being right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKind, Field, FieldType, Value
from tiesan.rules.bilingual import Text
from tiesan.rules.choices import Edge, Excused, Level, Missing, Severity
from tiesan.rules.item_list import ItemList
from tiesan.rules.measured import RISING, Measured, Side
from tiesan.rules.parameters import Parameter, Values
from tiesan.rules.parts import PART_TYPES, Part, TextPart
from tiesan.rules.positions import Position


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


@dataclass(frozen=True, slots=True)
class Path:
    """``field``, ``reference.field``, ``reference.reference.field``, and behind it a part.

    ``kind`` is the kind at which the path starts; ``through`` are the fields behind references.
    ``in_half_days`` is a number of days to be compared with a length: it is read as half days.
    """

    text: str
    kind: str
    field: Field
    through: tuple[Field, ...] = ()
    part: Part | None = None
    in_half_days: bool = False

    @property
    def last(self) -> Field:
        """The field whose value the path gives (before a part of it is taken)."""
        return self.through[-1] if self.through else self.field

    @property
    def folded(self) -> "Path":
        """The path to the folded text, for a path to a text."""
        return replace(self, part=TextPart.FOLDED)

    @property
    def stored(self) -> bool:
        """Whether the path's value stands in the fact itself, as it is."""
        computed = self.part is not None or self.type is FieldType.LENGTH
        return not self.through and not computed

    @property
    def references(self) -> tuple[Field, ...]:
        """The references that the path crosses, in order."""
        return (self.field, *self.through)[:-1]

    @property
    def type(self) -> FieldType:
        """The type of the path's value."""
        if self.in_half_days:
            return FieldType.LENGTH
        if self.part is None:
            return self.last.type
        return PART_TYPES.get(self.part, FieldType.INTEGER)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant, as a value of the field type it was read for."""

    value: Value
    type: FieldType


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """``$name``: the parameter's value in force on the day that the rule counts from.

    Where it stands for a length the parameter is an integer, the number of days. Of a list the type
    is that of its items.
    """

    name: str
    type: FieldType
    is_list: bool = False

    def value_in(self, values: Values) -> Value:
        """What it stands for among the values in force; for a length the half days.

        Raises TypeError for a list.
        """
        value = values[self.name]
        if isinstance(value, ItemList):
            message = f"{self.name} is a list"
            raise TypeError(message)
        return 2 * value if self.type is FieldType.LENGTH and isinstance(value, int) else value

    def items_in(self, values: Values) -> ItemList:
        """The list among the values in force; raises TypeError for any other parameter."""
        value = values[self.name]
        if not isinstance(value, ItemList):
            message = f"{self.name} is no list"
            raise TypeError(message)
        return value


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
    """One measure of a tally: over a path, and for a share the conditions that a part meets."""

    kind: Measured
    path: Path | None = None
    where: AllOf | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """That a measure lies on one side of a value: of a share in percent, else of its own type."""

    measure: Measure
    side: Side
    value: Literal | ParameterRef

    @property
    def growing(self) -> bool:
        """Whether further facts cannot undo it; what is not growing is settled with its period."""
        kind = self.measure.kind
        if self.side.upwards:
            return kind in RISING
        return kind is Measured.MIN


@dataclass(frozen=True, slots=True)
class Tally:
    """Form 4: facts add up, by group and, with ``every``, by period of ``date``.

    All of ``bounds`` must hold. ``latest`` is the path whose latest value is the date of the flag;
    None: when it was reached, or the last day of the period. ``within`` are the days of a window in
    place of a period. With ``owed_by`` each of these has a group in each period, unless excused.
    """

    of: Selection
    by: tuple[Path, ...]
    date: Path
    bounds: tuple[Bound, ...]
    every: Every | None = None
    within: Literal | ParameterRef | None = None
    owed_by: Selection | None = None
    excused: Excused = Excused.LEAVE
    latest: Path | None = None

    @property
    def settled(self) -> bool:
        """Whether it is judged only when its period is over."""
        return self.owed_by is not None or not all(each.growing for each in self.bounds)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is measured beside the number of facts, in the order of their kinds."""
        found = {each.measure.kind: each.measure for each in self.bounds}
        return tuple(found[kind] for kind in Measured if kind in found and kind != Measured.COUNT)


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


@dataclass(frozen=True)
class Rule:
    """A checked rule.

    ``shape`` is the fact kind that its decision is about: the anchor's own for a record rule,
    the anchor's fields plus the derived values for the other forms. ``subject``, ``key``,
    ``occurred_on`` and the message's paths start at ``shape``. ``source`` is its text as written,
    ``digest`` a hash of it.
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

    @property
    def subject_kind(self) -> str:
        """``cadre`` or ``organization``."""
        last = self.subject.last
        return last.to or self.subject.kind
