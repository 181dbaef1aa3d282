"""What a person does with an import: begin, tell columns, answer, store, undo, drop.

Each is asked for here in one transaction and done by a run of a job; the caller commits. Whatever
is asked is refused in a state that it does not fit.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.clock import SHANGHAI
from tiesan.errors import UserError
from tiesan.i18n import _, current_language, use_language
from tiesan.records.imports.models import (
    EVERYTHING,
    PERSON_LENGTH,
    DataImport,
    ImportColumns,
    State,
)
from tiesan.records.imports.values import ImportKind, Values
from tiesan.records.services import needed_reason
from tiesan.records.text import clean_text
from tiesan.scheduler.jobs import READ_IMPORT, STORE_IMPORT, TRY_IMPORT, UNDO_IMPORT, Job
from tiesan.scheduler.models import JobRun

SUBJECT = "data_import"


def begin_import(
    actor: Actor, session: Session, kind: str, files: Sequence[dict[str, Any]], at: datetime
) -> DataImport:
    """Write down an import that is about to be read; its files are kept by the caller."""
    row = DataImport(
        kind=kind,
        account_id=actor.account_id,
        at=at,
        state=State.READING.value,
        files=list(files),
        result={},
        said=[],
    )
    session.add(row)
    session.flush()
    return row


def ask_reading(actor: Actor, session: Session, row: DataImport, folder: str, at: datetime) -> int:
    """Have the files read, and what would become of them planned; returns the id of the run."""
    _go_on(session, row, (State.READING, State.ASKING, State.PREVIEWED), State.READING)
    return _ask(actor, session, READ_IMPORT, row, folder, at)


def ask_storing(actor: Actor, session: Session, row: DataImport, folder: str, at: datetime) -> int:
    """Have what was previewed stored; returns the id of the run."""
    _go_on(session, row, (State.PREVIEWED,), State.STORING)
    return _ask(actor, session, STORE_IMPORT, row, folder, at)


def ask_trying(actor: Actor, session: Session, row: DataImport, folder: str, at: datetime) -> int:
    """Have the effect found of what was previewed; returns the id of the run."""
    _go_on(session, row, (State.PREVIEWED,), State.TRYING)
    return _ask(actor, session, TRY_IMPORT, row, folder, at)


def ask_storing_everything(  # noqa: PLR0913 - what the run is given, and why
    actor: Actor,
    session: Session,
    row: DataImport,
    folder: str,
    at: datetime,
    *,
    reason: str,
    tried: bool,
) -> int:
    """Have an import of everything stored, for a reason; returns the id of the run.

    One that was not ``tried``, so that nobody has seen its effect, is tried before, and stored if
    that is small.
    """
    why = needed_reason(reason)
    _go_on(session, row, (State.PREVIEWED,), State.STORING if tried else State.TRYING)
    row.reason = why
    if tried:
        return _ask(actor, session, STORE_IMPORT, row, folder, at)
    return _ask(actor, session, TRY_IMPORT, row, folder, at, then=State.STORING.value)


def ask_storing_tried(
    actor: Actor, session: Session, row: DataImport, given: Mapping[str, Any], at: datetime
) -> int:
    """Go on from trying to storing, as it was asked; returns the id of the run."""
    _go_on(session, row, (State.PREVIEWED,), State.STORING)
    with use_language(given["language"]):
        return _ask(actor, session, STORE_IMPORT, row, given["folder"], at)


def ask_undoing(
    actor: Actor, session: Session, row: DataImport, folder: str, at: datetime, reason: str
) -> int:
    """Have an import undone, for a reason; returns the id of the run."""
    why = needed_reason(reason)
    _go_on(session, row, (State.STORED,), State.UNDOING)
    return _ask(actor, session, UNDO_IMPORT, row, folder, at, reason=why)


def drop_import(session: Session, row: DataImport) -> None:
    """Put an import aside that is not stored; its files are removed by the caller."""
    states = [State.ASKING, State.REFUSED, State.PREVIEWED]
    if row.kind == EVERYTHING:
        # Its run looks whether it is wanted still.
        states.append(State.READING)
    _go_on(session, row, states, State.DROPPED)


def keep_columns(
    actor: Actor, session: Session, kind: ImportKind, told: Values, at: datetime
) -> None:
    """Keep which columns of a file say what, under a name; one of that name is replaced."""
    kind.told(told)
    name = clean_text(str(told.get("name") or ""))
    if name is None or len(name) > PERSON_LENGTH:
        raise UserError(_("Give the file a name, by which its columns are known next time."))
    found = select(ImportColumns).where(ImportColumns.kind == kind.name, ImportColumns.name == name)
    row = session.scalars(found).one_or_none()
    if row is None:
        row = ImportColumns(kind=kind.name, name=name)
        session.add(row)
    row.columns = {field: told[field] for field in kind.columns if told.get(field)}
    row.kept_by_id, row.kept_at = actor.account_id or 0, at
    session.flush()
    details = {"name": name, "columns": row.columns}
    record_entry(session, actor, "tell columns", Subject(SUBJECT), at=at, details=details)


def _go_on(session: Session, row: DataImport, states: Iterable[State], state: State) -> None:
    """Bring an import from one of some states to the next; raises UserError in any other.

    Two who ask at once are told apart by the statement.
    """
    of_these = [each.value for each in states]
    statement = (
        update(DataImport)
        .where(DataImport.id == row.id, DataImport.state.in_(of_these))
        .values(state=state.value, said=[])
        .returning(DataImport.id)
    )
    if session.execute(statement).first() is None:
        raise UserError(_("The import stands otherwise by now; please look again."))
    session.refresh(row)


def _ask(
    actor: Actor,
    session: Session,
    job: Job,
    row: DataImport,
    folder: str,
    at: datetime,
    **more: Any,
) -> int:
    day = at.astimezone(SHANGHAI).date()
    given = {"import": row.id, "kind": row.kind, "folder": folder, "language": current_language()}
    run = JobRun(
        job=job.name,
        district_id=row.district_id,
        day=day,
        covers_from=day,
        asked=secrets.token_hex(16),
        given={**given, **more},
        actor_id=actor.account_id,
        actor_name=actor.name,
        due_at=at,
    )
    session.add(run)
    session.flush()
    row.run_id = run.id
    session.flush()
    return run.id
