"""Looks at confidential matters: each one is in the audit trail.

Source: institutions.md, "What review adds".

Every row that a page shows is loaded by the session of its request, so that is where looks are
noticed: a page that is yet to be written cannot forget. They are written when the answer is ready
and before it is sent; where that fails, so does the request. What is read while it is sent, as a
long export is, has to be noted before; otherwise it is not sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy import ColumnElement, and_, event, null, select, true
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, scoped_session

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.audit import AuditEntry, Subject, record_entry
from tiesan.clock import now
from tiesan.database import begin_writing
from tiesan.extensions import Base, db
from tiesan.flags.follow_up import NOTICE, Notice, reference_of
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.records.attachments.models import Attachment
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, row_id, table_of
from tiesan.rules import FLAG

LOOK, EXPORT = "look", "export"
# Entries about these keep nothing of what a row says.
_NOT_KEPT = (LOOK, EXPORT)

# A class and the id of one of its rows.
_Row: TypeAlias = tuple[type[Base], int]


@dataclass(slots=True)
class _Looks:
    """What a request has loaded; ``noted`` once nothing more may be loaded, or all is exported.

    ``opened`` are the ids of the attachments of a row that are sent themselves.
    """

    rows: set[_Row] = field(default_factory=set)
    opened: dict[_Row, set[int]] = field(default_factory=dict)
    is_export: bool = False
    is_sent: bool = False


def note_looks(app: Flask, sessions: scoped_session[Any]) -> None:
    """Have an application note every confidential row that these sessions load for a request."""
    if not event.contains(sessions, "loaded_as_persistent", _notice):
        event.listen(sessions, "loaded_as_persistent", _notice)
    app.after_request(_write_looks)


def note_export(kind: str, count: int) -> None:
    """Note that so many confidential rows of a kind are sent; the request shows nothing else."""
    if count:
        with Session(db.engine) as session:
            begin_writing(session)
            _add(session, EXPORT, Subject(kind), {"rows": count})
            session.commit()
    _looks().is_export = True


def note_opened(file: Attachment) -> None:
    """Note that the content of an attachment is sent, should it or its row not be for everybody.

    That the row has private files is no look at them; sending one is.
    """
    row = _hangs_on(file)
    if row is None and file.row_id is not None and is_private_file(file):
        row = installed().records[file.kind or ""], file.row_id
        _looks().rows.add(row)
    if row is not None:
        _looks().opened.setdefault(row, set()).add(file.id)


def is_private_file(file: Attachment) -> bool:
    """Whether fewer people open a file than see the row that it hangs on."""
    model = installed().records.get(file.kind or "")
    return model is not None and model.files_are_private


def shows_confidential() -> bool:
    """Whether the request has loaded what is confidential, so far."""
    return bool(_looks().rows)


def forget_looks() -> None:
    """Forget what the request has loaded: it failed, and its answer shows none of it."""
    looks = _looks()
    looks.rows.clear()
    looks.opened.clear()


def confidential_rows(model: type[Base]) -> ColumnElement[bool] | None:
    """Return the condition of the confidential rows of a class; None where there can be none."""
    if model is Flag:
        return Flag.confidential.is_(True)
    if model is Notice:
        return Notice.confidential.is_(True)
    if model is AuditEntry:
        kept, about = AuditEntry.verb.not_in(_NOT_KEPT), AuditEntry.object_kind
        return and_(
            kept, about.in_(sorted(_confidential_kinds())), AuditEntry.object_id.is_not(None)
        )
    secret = issubclass(model, Record) and model.policy.confidential
    return true() if secret else None


def _looks() -> _Looks:
    if "looks" not in g:
        g.looks = _Looks()
    found: _Looks = g.looks
    return found


def _notice(session: Session, row: object) -> None:
    """Notice that a row was loaded; RuntimeError where it would be sent without a note."""
    looked = _at(session, row) if has_request_context() else None
    if looked is None or _looks().is_export:
        return
    if _looks().is_sent:
        message = f"a confidential row ({looked[0].__name__}) is sent that nobody noted"
        raise RuntimeError(message)
    _looks().rows.add(looked)


def _at(session: Session, row: object) -> _Row | None:
    """The confidential row, or the flag that may be one, that a loaded row tells of."""
    match row:
        case Flag():
            # Where it was not loaded with the rest, it is asked for when the look is written.
            return (Flag, row_id(row)) if vars(row).get("confidential", True) else None
        case FlagRevision() | FlagEvent():
            key = Flag.__mapper__.identity_key_from_primary_key((row.flag_id,))
            # A flag that is there was noticed itself.
            return None if key in session.identity_map else (Flag, row.flag_id)
        case Record():
            return (type(row), row_id(row)) if row.policy.confidential else None
        case Attachment():
            return _hangs_on(row)
        case AuditEntry():
            return _told_by(row)
    return None


def _hangs_on(file: Attachment) -> _Row | None:
    """The confidential row, or the flag or notice that may be one, that an attachment hangs on."""
    kinds: Mapping[str, type[Base]] = {NOTICE: Notice, **_confidential_kinds()}
    model = kinds.get(file.kind or "")
    return None if model is None or file.row_id is None else (model, file.row_id)


def _told_by(entry: AuditEntry) -> _Row | None:
    """The row whose values an entry of the trail keeps; a look keeps none."""
    model = _confidential_kinds().get(entry.object_kind)
    if model is None or entry.object_id is None or entry.verb in _NOT_KEPT:
        return None
    return model, entry.object_id


def _confidential_kinds() -> Mapping[str, type[Base]]:
    records = installed().records
    secret = {name: each for name, each in records.items() if each.policy.confidential}
    return {FLAG.name: Flag, **secret}


# --- what is written ------------------------------------------------------------------------------


def _write_looks(response: Response) -> Response:
    looks = _looks()
    looks.is_sent = True
    if not looks.rows:
        return response
    # A form that was refused may still hold the lock that writing needs.
    db.session.rollback()
    try:
        _write(looks)
    except DatabaseError as error:
        # Nobody sees what could not be noted.
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _write(looks: _Looks) -> None:
    """Add an entry for each row, in a transaction of its own: a look only reads."""
    by_model: dict[type[Base], list[int]] = {}
    for model, id_ in looks.rows:
        by_model.setdefault(model, []).append(id_)
    with Session(db.engine) as session:
        begin_writing(session)
        for model, ids in by_model.items():
            for subject in _subjects(session, model, ids):
                opened = looks.opened.get((model, subject.id or 0))
                _add(session, LOOK, subject, {"attachments": sorted(opened)} if opened else {})
        session.commit()


def _subjects(session: Session, model: type[Base], ids: Iterable[int]) -> Iterator[Subject]:
    """What the entries are about, by id; of flags and notices those that are confidential."""
    columns = table_of(model).c
    kind, name = _named(model)
    statement = select(columns.id, name, columns.district_id).where(columns.id.in_(sorted(ids)))
    secret = confidential_rows(model)
    if secret is not None:
        statement = statement.where(secret)
    for row in session.execute(statement.order_by(columns.id)):
        yield Subject(kind, *row)


def _named(model: type[Base]) -> tuple[str, ColumnElement[Any]]:
    """The kind of a class that can be confidential, and how an entry names one of its rows."""
    columns = table_of(model).c
    if model is Flag:
        return FLAG.name, columns.key
    if model is Notice:
        return NOTICE, reference_of(columns)
    return record_kind(model).name, columns.get("code", null())


def _add(session: Session, verb: str, subject: Subject, details: Mapping[str, Any]) -> None:
    record_entry(session, current_viewer().actor, verb, subject, at=now(), details=details)
