"""Rows of several kinds of record in one list, the newest first: of each kind a narrow question.

Confidential kinds are never among them: who may see those opens their own lists, which are noted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from flask import current_app, url_for
from sqlalchemy import ColumnElement, Integer, Select, literal, null, select, type_coerce, union_all
from sqlalchemy import Date as DateType
from sqlalchemy.orm import selectinload

from tiesan.access.belonging import own_rows, target_of
from tiesan.access.criterion import ways_to_read
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.courses.view import CourseView
from tiesan.admin.records.view import RecordView
from tiesan.admin.shell.navigation import switched_off
from tiesan.clock import day_of
from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field, FieldType
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record, listed_by
from tiesan.records.kinds import fact_kind, record_kind, table_of
from tiesan.words.values import in_words, name_of

_LONGEST = 60

Pages = RecordView[Record]
# Position of the class, id, and the day from which the row is known.
_Found = tuple[int, int, date]
# Position of the class, id, that day if the row has one, and when it was entered.
_Question: TypeAlias = Select[int, int, date | None, datetime]


@dataclass(frozen=True, slots=True)
class Line:
    """A record in one line: what it is, about what, of whom, how it stands and of which day."""

    kind: str
    url: str
    about: str
    whom: str
    state: str
    day: date


@dataclass(frozen=True, slots=True)
class Among:
    """Which rows are listed: those of some views, of the viewer's own or all they may read.

    Among all there are none that have no date of their own: they are found with what they refer to.
    ``narrow`` adds a condition to the question of each class; None leaves a class out.
    """

    views: Sequence[Pages]
    own: bool = False
    narrow: Any = None


def open_views(*, confidential: bool = False) -> list[Pages]:
    """The pages of records that the viewer may open, of institutions that are switched on."""
    off = switched_off()
    views: Iterable[Pages] = current_app.extensions["record_views"]
    return [
        view
        for view in views
        if view.plugin.name not in off
        and (confidential or not view.policy.confidential)
        and view.is_accessible()
    ]


def newest_lines(among: Among, first: int, most: int) -> list[Line]:
    """Return at most ``most`` lines from the ``first`` on, the newest first."""
    views = dict(enumerate(among.views))
    viewer = current_viewer()
    questions = [
        each.limit(first + most)
        for at, view in views.items()
        if among.own or among.narrow is not None or listed_by(view.record) is not None
        for each in _questions(view.record, at, viewer, among)
    ]
    if not questions:
        return []
    found: set[_Found] = {
        (at, row_id, day or day_of(recorded_at))
        for at, row_id, day, recorded_at in db.session.execute(
            union_all(*(select(each.subquery()) for each in questions))
        )
    }
    newest = sorted(found, key=_newest_first)[first : first + most]
    return list(_lines(newest, views))


def _newest_first(found: _Found) -> tuple[int, int, int]:
    at, row_id, day = found
    return (-day.toordinal(), at, -row_id)


def _questions(model: type[Record], at: int, viewer: Viewer, among: Among) -> Iterator[_Question]:
    """One narrow question for each way in which the viewer may read rows of a class."""
    ways = [own_rows(model, viewer)] if among.own else ways_to_read(model, viewer)
    further = None if among.narrow is None else among.narrow(model)
    if among.narrow is not None and further is None:
        return
    for way in ways:
        yield _question(model, at, way, further)


def _question(
    model: type[Record], at: int, way: ColumnElement[bool], further: ColumnElement[bool] | None
) -> _Question:
    known = day_of_row(model)
    columns = (literal(at, Integer()).label("at"), model.id, known.label("day"), model.recorded_at)
    statement = select(*columns).where(model.voided_at.is_(None), way)
    if further is not None:
        statement = statement.where(further)
    return statement.order_by(known.desc(), model.id.desc())


def day_of_row(model: type[Record]) -> ColumnElement[date | None]:
    """The day of a row; of one without an own that of the row that it refers to for it.

    An attendance is of the day of its session. Only few rows are sorted by that: it has no index.
    """
    day = listed_by(model)
    if day is not None:
        own: ColumnElement[date | None] = getattr(model, day.name)
        return own
    for path in record_kind(model).principal:
        reference, _dot, name = path.partition(".")
        if name:
            target = table_of(target_of(model, reference))
            of_row = target.c.id == getattr(model, f"{reference}_id")
            return select(target.c[name]).where(of_row).scalar_subquery()
    return type_coerce(null(), DateType())


def _lines(found: Sequence[_Found], views: dict[int, Pages]) -> Iterator[Line]:
    ids: dict[int, list[int]] = {}
    for at, row_id, _day in found:
        ids.setdefault(at, []).append(row_id)
    rows = {at: _rows(views[at], wanted) for at, wanted in ids.items()}
    states = {at: _states(views[at], wanted) for at, wanted in ids.items()}
    for at, row_id, day in found:
        # What was withdrawn from the viewer between two questions is left out.
        if row_id in rows[at]:
            yield line_of(views[at], rows[at][row_id], day, states[at].get(row_id, ""))


def _rows(view: Pages, ids: Sequence[int]) -> dict[int, Record]:
    model = view.record
    options = [selectinload(getattr(model, name)) for name in view.loaded()]
    statement = select(model).where(model.id.in_(ids)).options(*options)
    return {row.id: row for row in db.session.scalars(statement)}


def _states(view: Pages, ids: Sequence[int]) -> dict[int, str]:
    return view.badges(ids) if isinstance(view, CourseView) else {}


def line_of(view: Pages, row: Record, day: date, state: str) -> Line:
    """Return a row in one line."""
    url = url_for(f"{view.endpoint}.details_view", id=row.id)
    return Line(str(view.kind.title), url, about(view, row), whom(row), state, day)


def about(view: Pages, row: Record) -> str:
    """What a row is about: its first text or choice that says something, or its name."""
    by_name = fact_kind(view.record).by_name
    names = view.columns_shown or tuple(by_name)
    telling = (by_name[name] for name in names if name in by_name and _tells(by_name[name]))
    said = (in_words(field, getattr(row, field.name)) for field in telling)
    text = next((each for each in said if each), "") or name_of(row)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _tells(field: Field) -> bool:
    return field.name != "code" and field.type in (FieldType.TEXT, FieldType.CHOICE)


def whom(row: Base) -> str:
    """Return the name of the cadre or organization that a row belongs to."""
    if isinstance(row, Cadre | Organization):
        return row.name
    for reference in record_kind(type(row)).belongs_to:
        target = getattr(row, reference)
        if target is not None:
            return whom(target)
    return ""
