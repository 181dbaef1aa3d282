"""The district of a row: that of the cadre, organization or other row it belongs to."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, select, update
from sqlalchemy.orm import Session

from tiesan.extensions import Base
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of


def district_id_of(row: Base) -> int | None:
    """The id of the district that a row belongs to; None when it belongs to none yet."""
    if isinstance(row, Organization):
        return row.district_id
    if isinstance(row, Cadre):
        return row.organization.district_id
    for reference in record_kind(type(row)).belongs_to:
        target = getattr(row, reference)
        if isinstance(target, Base):
            return district_id_of(target)
    return None


def refresh_districts(session: Session, models: Iterable[type[Record]]) -> None:
    """Set the district of every row anew, after a cadre or an organization came to another one.

    One statement per class; a class that refers to others has to come after them.
    """
    for model in models:
        table = table_of(model)
        found = _district(model, table)
        statement = update(table).values(district_id=found).where(table.c.district_id != found)
        session.execute(statement)
    session.expire_all()


def _district(model: type[Record], table: FromClause) -> ColumnElement[Any]:
    """The district as an expression over the row's references, the first that is given counting."""
    whens = []
    for reference in record_kind(model).belongs_to:
        column = table.c[f"{reference}_id"]
        target = getattr(model, reference).property.mapper.class_
        whens.append((column.is_not(None), _of_target(target, column).scalar_subquery()))
    return case(*whens)


def _of_target(target: type[Base], column: ColumnElement[Any]) -> Select[Any]:
    referred = table_of(target).alias()
    if target is Cadre:
        organization = table_of(Organization).alias()
        return (
            select(organization.c.district_id)
            .join_from(referred, organization, referred.c.organization_id == organization.c.id)
            .where(referred.c.id == column)
        )
    return select(referred.c.district_id).where(referred.c.id == column)
