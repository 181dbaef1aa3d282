"""Every read of the application's session carries the criteria of who asks.

It is the second layer of ``tiesan.access.criterion``: a page that forgets the condition of its own
query shows nothing that it should not.
"""

from collections.abc import Mapping
from typing import Any, cast
from weakref import WeakKeyDictionary

from flask import Flask, has_request_context
from sqlalchemy import Executable, Table, event
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, scoped_session
from sqlalchemy.orm.interfaces import ORMOption, RelationshipDirection
from sqlalchemy.sql.visitors import ExternallyTraversible, iterate

from tiesan.access.criterion import AS_THEY_ARE, Scoping, current_scoping
from tiesan.access.policies import Policy
from tiesan.access.viewer import current_viewer
from tiesan.extensions import Base
from tiesan.people.models import Account, Cadre, Organization


def scope_sessions(
    app: Flask, sessions: scoped_session[Any], further: Mapping[type[Base], Policy]
) -> None:
    """Have every read of these sessions inside a request carry the viewer's criteria.

    ``further`` says by class who sees rows besides those who may read the records.
    """
    app.extensions["scoping"] = Scoping(app.extensions["catalog"], further)
    if not event.contains(sessions, "do_orm_execute", _add_criteria):
        event.listen(sessions, "do_orm_execute", _add_criteria)


def _add_criteria(state: ORMExecuteState) -> None:
    if state.is_relationship_load:
        _leave_references(state)
        return
    if state.is_column_load or not state.is_orm_statement or not has_request_context():
        return
    if not AS_THEY_ARE.keys().isdisjoint(state.execution_options):
        return
    scoping, viewer = current_scoping(), current_viewer()
    by_table = scoping.by_table
    models = [by_table[name] for name in _tables(state.statement) if name in by_table]
    if models:
        options = tuple(scoping.option(model, viewer) for model in models)
        state.statement = _scoped(state.statement, options)


# Whom a row that somebody sees may name to them.
_PEOPLE = frozenset[type[Base]]({Account, Cadre, Organization})


def _leave_references(state: ORMExecuteState) -> None:
    """Read whom others refer to as they are, so that their names can be told, together or later.

    What is read together inherits the criteria of its statement, whatever they say of loaders. A
    collection keeps them, and so does whatever refers to a record or a flag.
    """
    path: Any = state.loader_strategy_path
    is_one = path.prop.direction is RelationshipDirection.MANYTOONE
    if not (is_one and path.prop.mapper.class_ in _PEOPLE):
        return
    inherited: Any = state.statement
    options = inherited._with_options  # noqa: SLF001 - nothing else takes an option away
    kept = tuple(each for each in options if not isinstance(each, LoaderCriteriaOption))
    if kept != options:
        state.statement = inherited = inherited.options()
        inherited._with_options = kept  # noqa: SLF001


# Statements that were made once, each with the criteria of those who asked by it last. To put them
# together, and to find again what the database was asked, takes longer than to ask it.
_SCOPED: WeakKeyDictionary[Executable, dict[tuple[ORMOption, ...], Executable]]
_SCOPED = WeakKeyDictionary()
_MOST_SCOPED = 80


def _scoped(statement: Executable, options: tuple[ORMOption, ...]) -> Executable:
    """A statement with these criteria; the same one whenever the same are asked for."""
    kept = _SCOPED.setdefault(statement, {})
    found = kept.get(options)
    if found is None:
        if len(kept) >= _MOST_SCOPED:
            kept.clear()
        found = kept[options] = statement.options(*options)
    return found


# The names of the tables of statements that were made once and are carried out again and again; for
# as long as the statement is there.
_TABLES: WeakKeyDictionary[Executable, tuple[str, ...]] = WeakKeyDictionary()


def _tables(statement: Executable) -> tuple[str, ...]:
    """The names of the tables that a statement reads, however deep, in one order."""
    names = _TABLES.get(statement)
    if names is None:
        # Every statement is traversible; only SQLAlchemy's declaration of the event is wider.
        parts = iterate(cast("ExternallyTraversible", statement))
        names = tuple(sorted({each.name for each in parts if isinstance(each, Table)}))
        _TABLES[statement] = names
    return names
