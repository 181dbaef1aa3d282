"""What a course is made of, as data: states, verbs, who, what is given, gates.

Conditions over rows are expressions of SQL over the record class, the day (``DAY``) and, for
persons, an account. Functions that look at one row take a ``Case``. Every function has a name and
a sentence, because the table of a course is printed (``tiesan.courses.printing``).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import FunctionType
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, Date, Integer, SQLColumnExpression, bindparam
from sqlalchemy.orm import Session

from tiesan.access.policies import Policy
from tiesan.audit import Actor, Subject
from tiesan.courses.errors import Wrong
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.records.base import Concerned
from tiesan.records.services import subject_of
from tiesan.records.text import clean_text

Form: TypeAlias = Mapping[str, Any]

# The day and the account of a statement that is made once and run often.
DAY: ColumnElement[date] = bindparam("day", type_=Date)
ME: ColumnElement[int] = bindparam("me", type_=Integer)


class Way(StrEnum):
    """Ways to a state that are no name of one."""

    NEW = "+"
    BEFORE = "<"
    SAME = "="


NEW, BEFORE, SAME = Way.NEW, Way.BEFORE, Way.SAME

StateOf: TypeAlias = ColumnElement[str]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A state and its word; ``when`` is the condition by which it is read from the row.

    A stored state has none. Of those that are read the first that holds is the state.
    """

    name: str
    word: str
    when: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Who:
    """Persons who may carry a verb out; the first of several that holds is the *capacity*.

    ``word`` says as what they act, ``refusal`` what everybody else is told. ``for_whom`` gives the
    account in whose place they act, if they do. Who has left does nothing any more, unless
    ``though_left``.
    """

    name: str
    word: str
    holds: Policy
    refusal: str
    for_whom: "Callable[[Case], int | None] | None" = None
    though_left: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """What must hold before a verb, with the sentence and clause with which it is refused.

    A gate that looks at what was given (``needs_given``) is asked after the form was read; any
    other one hides the button as well. ``but`` are verbs that a course's gate does not hold back.
    Whom it keeps from something is told so on the page, unless that is not worth saying (``told``).
    """

    holds: "Callable[[Case], bool]"
    sentence: "str | Callable[[Case], str]"
    clause: str = ""
    needs_given: bool = False
    but: frozenset[str] = frozenset()
    told: bool = True

    def said(self, case: "Case") -> str:
        """Return the sentence of a refusal."""
        # A lazy text can be called as well, so that `callable` does not tell the two apart.
        said = self.sentence(case) if isinstance(self.sentence, FunctionType) else self.sentence
        return str(said)


class Input(StrEnum):
    """How what is given is asked for."""

    TEXT = "text"
    DAY = "day"
    ACCOUNT = "account"
    CHOICE = "choice"
    ROWS = "rows"
    CHECK = "check"
    FILES = "files"
    FIELD = "field"


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One thing that a verb takes: its name in the form, and how it is read.

    ``reads`` gives the value, None for a blank, and raises Wrong. ``required`` is a constant or a
    function of the case; ``label`` is what the form calls it. ``field`` is the record's field that
    it becomes, if it is one; ``choices`` are the values that there are to choose from, with their
    words. The empty form begins a day with today unless it is ``to_come``. A form shows it
    ``only_for`` some values of another thing that is given, where that is said.
    """

    name: str
    label: str
    input: Input
    reads: "Callable[[Any, Case], Any]"
    required: "bool | Callable[[Case], bool]" = True
    field: Field | None = None
    choices: "Callable[[Case], list[tuple[str, str]]] | None" = None
    to_come: bool = False
    only_for: tuple[str, frozenset[str]] | None = None

    def is_required(self, case: "Case") -> bool:
        """Whether it must be given in this case."""
        return self.required(case) if callable(self.required) else self.required

    def read(self, form: Form, case: "Case") -> Any:
        """Return what the form says; raises Wrong for what is missing or cannot be read."""
        value = form.get(self.name)
        if isinstance(value, str):
            value = clean_text(value)
        found = None if value is None else self.reads(value, case)
        if found is None and self.is_required(case):
            raise Wrong(self.name, _("%(label)s must be given.", label=self.label))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """What can be done: ``word`` before (受理) and ``done`` afterwards (已受理).

    ``from_`` is ``NEW`` for a verb that makes a row. ``to`` names the state afterwards, or those of
    which one is; ``BEFORE`` is where the row was before it came into its present state, ``SAME`` no
    other. ``sets`` are the fields that it sets, each to a constant or to what a function of the
    case says; all are worked out before any is set. ``then`` does what concerns other rows, in the
    same transaction; it neither commits nor evaluates. ``remark`` says beside the button what the
    actor should know before. A verb that ``decides`` is never open to whom the row concerns. One
    of ``one_tap`` needs nothing: its button does it at once, what may be given stays folded beside.
    Whom the course affects is told of what decides, and of what ``tells``.
    """

    name: str
    word: str
    done: str
    from_: frozenset[str] | Way
    to: str | frozenset[str] | Way
    who: tuple[Who, ...]
    given: tuple[Given, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    then: "Callable[[Case], None] | None" = None
    remark: "Callable[[Case], str | None] | None" = None
    decides: bool = False
    one_tap: bool = False
    tells: bool = False

    @property
    def dated_by_system(self) -> bool:
        """Whether the actor says no day: what is done is done on the day of doing it."""
        return not any(
            each.input is Input.DAY
            or (each.field is not None and each.field.type is FieldType.DATE)
            for each in self.given
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lapse:
    """What a day does and no person: from a state to another one when a condition holds.

    ``on`` gives the day of the event; ``sets`` are fields with the constants that they get.
    """

    verb: str
    word: str
    from_: str
    to: str
    when: ColumnElement[bool]
    on: Callable[[Any], date]
    sets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """One reason why a row waits for somebody: for whoever may carry the verb out.

    ``where`` is given the expression of the state. A stored state is found by an index where the
    row waits in one of some ``states``; ``where`` then says what must hold besides. ``order`` sorts
    what waits for this reason, from the lowest up; what is equal comes in the order in which it was
    stored. ``days`` are the first and the last day for which it is asked, where there are such.
    ``tells`` is the kind of notification by which whoever may act is told that a row waits; they
    are told of requests to be decided in any case.
    """

    why: str
    word: str
    verb: str
    where: Callable[[StateOf], ColumnElement[bool]] | None = None
    order: tuple[SQLColumnExpression[Any], ...] = ()
    states: tuple[str, ...] = ()
    days: tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]] | None = None
    tells: str | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """What is asked for, as far as it is known: ``values`` by field, by which cadre, on which day.

    ``row_id`` is None before it was asked for.
    """

    session: Session
    values: Mapping[str, Any]
    cadre_id: int
    day: date
    row_id: int | None = None


class History(Protocol):
    """Reads and writes the events of one course."""

    def read(
        self, session: Session, course: str, ids: Collection[int]
    ) -> "Mapping[int, tuple[Event, ...]]":
        """Return the events of these rows, the oldest first; rows without any are left out."""

    def write(self, session: Session, course: str, row_id: int, event: "Event") -> "Event":
        """Add an event; returns it with its id."""

    def sent_before(
        self, session: Session, course: str, row_id: int | None, event: tuple[int, str, str]
    ) -> "tuple[int, Event] | None":
        """Return the row and the event of a form that was sent before, if it was.

        ``event`` is the account, the verb and the form's number; without a row, any row will do.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How the rows of a class go from state to state.

    ``column`` holds a stored state; without one the state is read. ``visible`` says who may see a
    row, ``version`` gives what tells the present values of a row from all others. ``history`` is
    where events are kept; ``subject`` says of a row what its audit entries are about.
    ``after`` is what every verb brings with it that changes the state; it neither commits nor
    evaluates. ``seen_version`` is what a form calls the version that its sender saw. A form that
    says nothing of what was seen is refused, unless not ``must_be_seen``. ``locks`` takes what has
    to be locked before a row of a course whose verbs carry out those of another one. ``counted``
    says of what is asked for what is counted about it: while it is typed, and to who decides.
    Rows of a course that ``is_request`` stand on the page of requests: those of whoever asks by the
    verb that makes a row, and the queue of whoever decides. What waits of it is sorted by the day
    since when it waits. ``brief`` says a row in a few lines, of which the first heads it.
    ``affects`` are the persons who are told what was decided, by a notification of the kind
    ``decided``. ``assigned`` is the column with the account that alone is told that a row waits,
    where it may act on it.
    ``sheet`` is what the printed form of a row is called (审批单), ``sheet_of_list`` that of a
    list; without a name there is none.
    """

    name: str
    title: str
    of: type[Base]
    states: tuple[State, ...]
    verbs: tuple[Verb, ...]
    visible: Policy
    version: Callable[[Any], str]
    history: History
    subject: Callable[[Any], Subject] = subject_of
    locks: Callable[[Session, int], None] | None = None
    column: str | None = None
    gates: tuple[Gate, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    waits: tuple[Waits, ...] = ()
    after: "Callable[[Case], None] | None" = None
    seen_version: str = "seen_version"
    must_be_seen: bool = True
    counted: "Callable[[Counting], list[str]] | None" = None
    is_request: bool = False
    sheet: str | None = None
    sheet_of_list: str | None = None
    brief: "Callable[[Any], list[str]] | None" = None
    affects: tuple[Who, ...] = ()
    decided: str | None = None
    assigned: str | None = None

    @property
    def asking(self) -> Verb:
        """The verb that makes a row; StopIteration where there is none."""
        return next(verb for verb in self.verbs if verb.from_ is NEW)

    def state(self, name: str) -> State:
        """Return the state of a name; KeyError when there is none."""
        return {each.name: each for each in self.states}[name]

    def verb(self, name: str) -> Verb:
        """Return the verb of a name; KeyError when there is none."""
        return {each.name: each for each in self.verbs}[name]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a row's history: who did what on which day, as what and for whom."""

    verb: str
    day: date
    from_: str | None
    to: str
    at: datetime | None = None
    actor_name: str = ""
    account_id: int | None = None
    for_id: int | None = None
    capacity: str | None = None
    text: str | None = None
    attachments: tuple[Any, ...] = ()
    once: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the actor saw: the state, the version of the row and the number of events."""

    state: str
    version: str
    events: int

    @property
    def token(self) -> str:
        """As a list sends it behind the id: ``state:version:events``."""
        return f"{self.state}:{self.version}:{self.events}"


@dataclass(slots=True)
class Case:
    """One verb on one row by one actor, as functions of a course see it.

    ``row`` is None before a verb that makes a row has made it; ``cadre_id`` is the cadre that the
    actor stands for. ``given`` fills as the form is read.
    """

    session: Session
    course: Course
    verb: Verb
    row: Any
    actor: Actor
    cadre_id: int | None
    day: date
    at: datetime
    state: str | None
    events: tuple[Event, ...] = ()
    capacity: str | None = None
    given: dict[str, Any] = field(default_factory=dict)

    def capacity_is(self, who: Who) -> bool:
        """Whether the actor acts as these persons do."""
        return self.capacity == who.name


@dataclass(frozen=True, slots=True)
class Done:
    """A verb that was carried out: the row, its state, the event, and whom it concerns.

    ``repeated`` says that the same form had come before and nothing was done now.
    """

    course: Course
    verb: Verb
    row: Any
    state: str
    event: Event
    concerned: Concerned
    repeated: bool = False
