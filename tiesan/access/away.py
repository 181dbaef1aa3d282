"""Who is away, and who sees what of it.

Colleagues see of each other that somebody is away, and when; why is told to whom the leave itself
is shown: the cadre, and those who decide or supervise. It is asked here alone, over plain tables,
because a colleague's leave is none of the rows that one may read.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.facts.derived import Excuse
from tiesan.facts.kinds import Fact, Field
from tiesan.facts.leave import LeaveSpan
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, field_columns, record_kind, table_of

_CADRE = table_of(Cadre)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who is posted to an organization, as everybody there knows them."""

    id: int
    code: str
    name: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """An approved leave of a cadre: when, and the row that says why."""

    cadre_id: int
    span: LeaveSpan
    model: type[Record]
    row_id: int


def places_to_look_at(session: Session) -> list[Organization]:
    """The organizations of which the viewer sees who is away: their own, and those in reach."""
    statement = select(Organization).where(readable_rows(Organization))
    return list(session.scalars(statement.order_by(Organization.code)))


def colleagues(session: Session, organization: Organization, day: date) -> list[Colleague]:
    """The cadres who are posted to an organization and have not left by a day.

    ``seen`` are those whose own page the viewer may open. Raises nothing: who may not look at the
    organization is told of nobody.
    """
    may = select(Organization.id).where(
        Organization.id == organization.id, readable_rows(Organization)
    )
    if session.scalar(may) is None:
        return []
    columns = (_CADRE.c.id, _CADRE.c.code, _CADRE.c.name, _CADRE.c.left_on)
    statement = select(*columns).where(_CADRE.c.organization_id == organization.id)
    found = session.execute(statement.order_by(_CADRE.c.code)).all()
    ids = [row.id for row in found]
    seen = set(session.scalars(select(Cadre.id).where(Cadre.id.in_(ids), readable_rows(Cadre))))
    return [
        Colleague(row.id, row.code, row.name, row.id in seen)
        for row in found
        if row.left_on is None or row.left_on > day
    ]


def absences(
    session: Session, cadre_ids: Collection[int], first: date, last: date
) -> list[Absence]:
    """The approved leaves of these cadres that touch any day from ``first`` to ``last``."""
    found = (each for excuse in _excuses() for each in _absences(session, excuse, cadre_ids))
    return [each for each in found if each.span.first_day <= last and each.span.last_day >= first]


def readable_absences(session: Session, found: Collection[Absence]) -> dict[tuple[str, int], Any]:
    """Of some absences the rows that the viewer may read, by kind and id."""
    rows = {}
    for model in {each.model for each in found}:
        ids = [each.row_id for each in found if each.model is model]
        statement = select(model).where(model.id.in_(ids), readable_rows(model))
        name = record_kind(model).name
        rows.update({(name, row.id): row for row in session.scalars(statement)})
    return rows


def _excuses() -> tuple[Excuse, ...]:
    return installed().plugins.excuses


def _absences(session: Session, excuse: Excuse, cadre_ids: Collection[int]) -> Iterator[Absence]:
    model = installed().records[excuse.kind]
    kind, table = fact_kind(model), table_of(model)
    unseen = record_kind(model).unseen
    is_unseen = None if unseen is None else unseen(kind)
    statement = select(table).where(table.c.cadre_id.in_(cadre_ids), table.c.voided_at.is_(None))
    for row in session.execute(statement).mappings():
        fact = _fact(model, kind.fields, row)
        span = None if is_unseen is not None and is_unseen(fact) else excuse.span(kind, fact)
        if span is not None:
            yield Absence(row["cadre_id"], span, model, row["id"])


def _fact(model: type[Record], fields: Collection[Field], row: RowMapping) -> Fact:
    """A row as a fact; whom it refers to stands there by the number of that row."""
    columns = {field.name: column.name for field, column in field_columns(model)}
    values = {field.name: row[columns[field.name]] for field in fields if field.name in columns}
    return tuple(
        str(values.get(field.name)) if field.to is not None else values.get(field.name)
        for field in fields
    )
