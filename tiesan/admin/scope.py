"""Whose rows a person sees, in two layers.

``readable`` and ``permitted`` are the conditions that the pages put into their own queries. Below
them, ``scope_sessions`` has every read of the application's session carry the condition of each
class that is not open to all, so that a page that forgets one shows nothing that it should not.
Rows that a visible row refers to are loaded as they are: a session may name its speaker.
"""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, has_request_context
from sqlalchemy import ColumnElement, and_, event, false, or_
from sqlalchemy.orm import ORMExecuteState, scoped_session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from tiesan.admin.access import CLOSED, Access, Verb
from tiesan.admin.belonging import own_rows, rows_not_about, rows_within
from tiesan.admin.flag_scope import (
    rules_about,
    visible_evaluations,
    visible_flags,
    visible_of_flags,
)
from tiesan.admin.people_scope import (
    visible_accounts,
    visible_cadres,
    visible_entries,
    visible_grants,
    visible_organizations,
)
from tiesan.admin.viewer import STRANGER, Reach, Viewer, current_viewer
from tiesan.audit import AuditEntry
from tiesan.extensions import Base
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagEvent, FlagRevision, StoredEvaluation
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind

Criteria = Mapping[type[Base], ColumnElement[bool]]


def permitted(
    model: type[Record], access: Access, verb: Verb, viewer: Viewer
) -> ColumnElement[bool]:
    """The rows with which the viewer may do this."""
    found = [_rows_of(model, role, access, viewer) for role in sorted(access.roles(verb))]
    return or_(false(), *found)


def _rows_of(
    model: type[Record], role: RoleName, access: Access, viewer: Viewer
) -> ColumnElement[bool]:
    if role not in viewer.reaches:
        return false()
    if role is RoleName.CADRE:
        return own_rows(model, viewer)
    reach = viewer.reaches[role]
    if not access.confidential:
        return rows_within(model, reach)
    # Only who answers for a whole district, and never who is concerned.
    within = rows_within(model, Reach(districts=reach.districts))
    return and_(within, rows_not_about(model, viewer))


def readable(model: type[Record], access: Access, viewer: Viewer) -> ColumnElement[bool]:
    """The rows that the viewer may read."""
    return permitted(model, access, Verb.READ, viewer)


def accesses(catalog: Catalog) -> Mapping[type[Record], Access]:
    """Who may do what, by class of records; one without a view is closed."""
    stated: dict[type[Record], Access] = dict.fromkeys(catalog.plugins.records, CLOSED)
    for plugin in catalog.plugins:
        stated.update({view.record: view.access for view in plugin.views})
    return stated


def committee_rules(catalog: Catalog) -> list[str]:
    """The rules about what the audit committee reads without its being confidential."""
    kinds = frozenset(
        record_kind(model).name
        for model, access in accesses(catalog).items()
        if RoleName.AUDIT_COMMITTEE in access.read and not access.confidential
    )
    return rules_about(catalog.rules.values(), kinds)


def readable_rows(model: type[Base]) -> ColumnElement[bool]:
    """The rows of a class that the viewer of this request may read."""
    viewer, catalog = current_viewer(), _catalog()
    if model is Organization:
        return visible_organizations(viewer)
    if model is Cadre:
        return visible_cadres(viewer)
    for each, access in accesses(catalog).items():
        if each is model:
            return readable(each, access, viewer)
    return false()


def _catalog() -> Catalog:
    catalog: Catalog = current_app.extensions["catalog"]
    return catalog


def criteria(catalog: Catalog, viewer: Viewer) -> Criteria:
    """The rows that the viewer may read, of every class that is not open to all."""
    flags = visible_flags(viewer, committee_rules(catalog))
    of_records: dict[type[Base], ColumnElement[bool]] = {
        model: readable(model, access, viewer) for model, access in accesses(catalog).items()
    }
    return {
        **of_records,
        Flag: flags,
        FlagRevision: visible_of_flags(FlagRevision, flags),
        FlagEvent: visible_of_flags(FlagEvent, flags),
        StoredEvaluation: visible_evaluations(viewer),
        Organization: visible_organizations(viewer),
        Cadre: visible_cadres(viewer),
        Account: visible_accounts(viewer),
        Grant: visible_grants(viewer),
        AuditEntry: visible_entries(viewer),
    }


def scope_sessions(sessions: scoped_session[Any]) -> None:
    """Have every read of these sessions inside a request carry the viewer's criteria."""
    if not event.contains(sessions, "do_orm_execute", _add_criteria):
        event.listen(sessions, "do_orm_execute", _add_criteria)


def _add_criteria(state: ORMExecuteState) -> None:
    related = state.is_column_load or state.is_relationship_load
    if related or not state.is_orm_statement or not has_request_context():
        return
    state.statement = state.statement.options(*_options())


def _options() -> list[ORMOption]:
    """The criteria of this request; before the viewer is known, only accounts can be read."""
    viewer = current_viewer()
    if viewer is STRANGER:
        return _closed()
    if "scope" not in g:
        g.scope = [_option(*each) for each in criteria(_catalog(), viewer).items()]
    options: list[ORMOption] = g.scope
    return options


def _closed() -> list[ORMOption]:
    classes = criteria(_catalog(), STRANGER).keys() - {Account, Grant}
    return [_option(model, false()) for model in classes]


def _option(model: type[Base], condition: ColumnElement[bool]) -> ORMOption:
    return with_loader_criteria(model, condition, include_aliases=True, propagate_to_loaders=False)
