"""What a kind of import is, and what passes between it and the rooms that run and show it.

A plugin names its kinds (``Plugin.imports``); the core keeps the files, shows the preview, stores
what is planned, and undoes it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.records.base import Record
from tiesan.records.policy import STAFF, Roles

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent: where it lies, and what it is called."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Setting:
    """In what an import is planned: the database, who brings it in, and what is in their reach.

    ``reached`` is the condition of the cadres (over ``Cadre``) whom the importer reaches;
    ``own_cadre_id`` is the importer's. ``answers`` are what was asked on the preview page, by the
    key of the question.
    """

    session: Session
    actor: Actor
    day: date
    at: datetime
    reached: ColumnElement[bool]
    own_cadre_id: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    import_id: int = 0


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is written: new (no ``row_id``), changed, or voided (no ``after``).

    Values are those of the row's columns; ``cadre_id`` is whom the row is about.
    """

    cadre_id: int
    district_id: int
    row_id: int | None
    before: Values | None
    after: Values | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before anything is stored.

    Of a person (``candidates`` are ids with words) the answer is an id or that they are left out;
    without candidates it is to be looked up. What is ``confirmed`` is a statement to agree with.
    """

    key: str
    text: str
    candidates: Sequence[tuple[int, str]] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of the preview: what it is of, its lines, and how many there are of them.

    ``people`` are the cadres of the lines (by id, with the days in question) whom the importer can
    remind of something.
    """

    title: str
    lines: Sequence[str]
    number: int
    remind: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What an import would do: rows, what is kept of what was said, questions, and lists.

    ``said`` are rows of ``ImportSaid``, ``persons`` of ``ImportPerson``, by column. ``skipped``
    names who is left out on purpose, ``barred`` what stands against undoing. ``counts`` are words
    with numbers, for the page and the trail.
    """

    changes: list[RowChange] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    persons: list[dict[str, Any]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    lists: list[Listed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    districts: set[int] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """A kind of import, as a plugin declares it.

    ``record`` is the class of rows that it writes; whoever has one of ``roles`` brings it in, in
    what they reach. ``read`` takes the files, the columns told before and the day, and gives what
    was read (with ``problems``, ``remarks`` and unknown ``headings``), without a database. ``plan``
    makes a plan of it; ``replan`` one that brings rows to what is said without the import that is
    undone. ``columns`` are what is asked of unknown headings: field names with words; ``told``
    checks what was answered and raises UserError. ``hint`` says what can be brought in.
    """

    name: str
    title: str
    hint: str
    record: type[Record]
    read: Callable[[Sequence[Sent], Sequence[Values], date], Any]
    plan: Callable[[Setting, Any], Plan]
    replan: Callable[[Setting, Sequence[tuple[int, date]]], Plan]
    columns: Mapping[str, str]
    told: Callable[[Values], None]
    roles: Roles = STAFF
