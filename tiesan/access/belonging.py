"""To whom a row belongs, as conditions of SQL.

A row belongs to the organization or cadre that its class names in ``belongs_to``, over other rows
where it must be (an approval over its expense, a count over its asset).
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from tiesan.access.viewer import Reach, Viewer
from tiesan.extensions import Base
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import field_columns, record_kind, table_of

# A column of a class by its name: an attribute, so that an alias of the class is followed, or a
# plain column inside a subquery.
Columns = Callable[[str], ColumnElement[Any]]

_CADRE = table_of(Cadre)


def attributes(model: type[Base]) -> Columns:
    """The columns of a class as its attributes."""
    return lambda name: getattr(model, name)


def _plain(model: type[Base]) -> Columns:
    return lambda name: table_of(model).c[name]


def target_of(model: type[Base], reference: str) -> type[Base]:
    """The class whose rows a reference of ``model`` names."""
    target: type[Base] = getattr(model, reference).property.mapper.class_
    return target


def rows_within(model: type[Record], reach: Reach) -> ColumnElement[bool]:
    """The rows that belong to an organization in reach."""
    if reach.everywhere:
        return true()
    columns = attributes(model)
    found: list[ColumnElement[bool]] = [
        false(),
        columns("district_id").in_(sorted(reach.districts)),
    ]
    if reach.organizations:
        found.append(rows_of_organizations(model, reach.organizations, columns))
    return or_(*found)


def rows_of_organizations(
    model: type[Base], organizations: Collection[int], columns: Columns
) -> ColumnElement[bool]:
    """The rows of these organizations; the first reference that is given decides."""
    blank: list[ColumnElement[bool]] = []
    found = []
    for reference in record_kind(model).belongs_to:
        column = columns(f"{reference}_id")
        among = _among(model, reference, organizations, column)
        found.append(and_(true(), *blank, among))
        blank.append(column.is_(None))
    return or_(false(), *found)


def _among(
    model: type[Base], reference: str, organizations: Collection[int], column: ColumnElement[Any]
) -> ColumnElement[bool]:
    target = target_of(model, reference)
    if target is Organization:
        return column.in_(sorted(organizations))
    if target is Cadre:
        return column.in_(select(_CADRE.c.id).where(cadres_of(organizations)))
    plain = _plain(target)
    condition = rows_of_organizations(target, organizations, plain)
    return column.in_(select(plain("id")).where(condition))


def cadres_of(organizations: Collection[int]) -> ColumnElement[bool]:
    """The cadres posted to these organizations, over the plain table."""
    return _CADRE.c.organization_id.in_(sorted(organizations))


def own_rows(model: type[Record], viewer: Viewer) -> ColumnElement[bool]:
    """The rows that name the viewer, belong to a row that does, or to what they chair."""
    return _own(model, viewer, attributes(model))


def _own(model: type[Base], viewer: Viewer, columns: Columns) -> ColumnElement[bool]:
    found = list(_naming(model, viewer, columns))
    if viewer.chaired:
        found.append(_directly_of(model, viewer.chaired, columns))
    for reference in record_kind(model).belongs_to:
        target = target_of(model, reference)
        if target not in (Organization, Cadre):
            plain = _plain(target)
            mine = select(plain("id")).where(_own(target, viewer, plain))
            found.append(columns(f"{reference}_id").in_(mine))
    return or_(false(), *found)


def _naming(model: type[Base], viewer: Viewer, columns: Columns) -> Iterable[ColumnElement[bool]]:
    if viewer.cadre_id is None:
        return
    for field, column in field_columns(model):
        if field.to == "cadre":
            yield columns(column.name) == viewer.cadre_id


def _directly_of(
    model: type[Base], organizations: Collection[int], columns: Columns
) -> ColumnElement[bool]:
    """The rows that name one of these organizations, not those of a cadre posted there."""
    names = [
        name for name in record_kind(model).belongs_to if target_of(model, name) is Organization
    ]
    return or_(false(), *(columns(f"{name}_id").in_(sorted(organizations)) for name in names))


def rows_not_about(model: type[Record], viewer: Viewer) -> ColumnElement[bool]:
    """The rows that neither name the viewer nor belong to an organization that they chair."""
    columns = attributes(model)
    conditions = [
        or_(columns(column.name) != viewer.cadre_id, columns(column.name).is_(None))
        for field, column in field_columns(model)
        if field.to == "cadre" and viewer.cadre_id is not None
    ]
    if viewer.chaired:
        conditions.append(~rows_of_organizations(model, viewer.chaired, columns))
    return and_(true(), *conditions)
