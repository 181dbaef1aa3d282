"""Writing a plan: rows, what was said, whom numbers mean, and what the import wrote. In bulk."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.records.base import Record
from tiesan.records.imports.models import ImportPerson, ImportRow, ImportSaid
from tiesan.records.imports.values import Plan, RowChange
from tiesan.records.kinds import record_kind, table_of

SOURCE = "import"
_CHUNK = 2_000


def digest_of(plan: Plan) -> str:
    """What tells the rows that a plan writes, and whom numbers mean, from those of any other."""
    digest = hashlib.sha256()
    for each in sorted(plan.changes, key=_order):
        digest.update(orjson.dumps([each.cadre_id, each.row_id, plain(each.before),
                                    plain(each.after)]))  # fmt: skip
    for said in plan.said:
        digest.update(orjson.dumps(plain(said)))
    for person in plan.persons:
        digest.update(orjson.dumps([person["source"], person["number"], person["cadre_id"]]))
    digest.update(orjson.dumps(sorted(plan.skipped)))
    return digest.hexdigest()


def _order(change: RowChange) -> tuple[int, str]:
    return change.cadre_id, repr(plain(change.after or change.before))


def plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Values of columns as plain JSON."""
    return None if values is None else {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value


def store_plan(  # noqa: PLR0913 - who writes what of what, as which import, when and why
    session: Session,
    actor: Actor,
    model: type[Record],
    plan: Plan,
    *,
    import_id: int,
    at: datetime,
    reason: str = "",
) -> None:
    """Write a plan as part of an import; the caller commits, and adds the audit entry.

    With a ``reason`` it is undone: nothing is added to what the import wrote.
    """
    changes, undone = plan.changes, bool(reason)
    new = [each for each in changes if each.row_id is None]
    changed = [each for each in changes if each.row_id is not None and each.after is not None]
    voided = [each for each in changes if each.after is None]
    ids = _insert(session, actor, model, new, at)
    _update(session, actor, model, changed, at)
    _void(session, actor, model, voided, at, reason or f"#{import_id}")
    if not undone:
        stored = [*zip(ids, new, strict=True), *((each.row_id, each) for each in changed + voided)]
        _keep_rows(session, model, import_id, stored)
        _keep(session, ImportSaid, [{**each, "import_id": import_id} for each in plan.said])
        _keep(session, ImportPerson, plan.persons)
    session.expire_all()


def _insert(
    session: Session, actor: Actor, model: type[Record], new: Sequence[RowChange], at: datetime
) -> list[int]:
    table, ids = table_of(model), []
    for chunk in _chunks(new):
        rows = [
            {**(each.after or {}), "district_id": each.district_id, **_recorded(actor, at)}
            for each in chunk
        ]
        session.execute(insert(table), rows)
        ids += _ids_of(session, model, chunk)
    return ids


def _ids_of(session: Session, model: type[Record], rows: Sequence[RowChange]) -> list[int]:
    """The ids that new rows were given, found by what identifies them."""
    table = table_of(model)
    names = [f"{each}_id" if f"{each}_id" in table.c else each
             for each in record_kind(model).identity]  # fmt: skip
    columns = [table.c[name] for name in names]
    keys = [tuple((each.after or {})[name] for name in names) for each in rows]
    found: dict[tuple[Any, ...], int] = {}
    for some in _chunks(keys, 400):
        statement = select(table.c.id, *columns).where(
            table.c.voided_at.is_(None), tuple_(*columns).in_(some)
        )
        found |= {tuple(key): row_id for row_id, *key in session.execute(statement)}
    return [found[key] for key in keys]


def _update(
    session: Session, actor: Actor, model: type[Record], changed: Sequence[RowChange], at: datetime
) -> None:
    table = table_of(model)
    statement = update(table).where(table.c.id == bindparam("row"))
    for chunk in _chunks(changed):
        rows = [{**(each.after or {}), **_recorded(actor, at), "row": each.row_id}
                for each in chunk]  # fmt: skip
        session.execute(statement, rows)


def _void(
    session: Session,
    actor: Actor,
    model: type[Record],
    voided: Sequence[RowChange],
    at: datetime,
    reason: str,
) -> None:
    table = table_of(model)
    statement = update(table).where(table.c.id == bindparam("row"))
    said = {"voided_at": at, "voided_by_id": actor.account_id, "void_reason": reason}
    for chunk in _chunks(voided):
        session.execute(statement, [{**said, "row": each.row_id} for each in chunk])


def _recorded(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"recorded_at": at, "recorded_by_id": actor.account_id, "source": SOURCE}


def _keep_rows(
    session: Session,
    model: type[Record],
    import_id: int,
    rows: Iterable[tuple[int | None, RowChange]],
) -> None:
    kind = record_kind(model).name
    values = [
        {
            "import_id": import_id,
            "kind": kind,
            "row_id": row_id,
            "before": plain(change.before),
            "after": plain(change.after),
        }
        for row_id, change in rows
    ]
    _keep(session, ImportRow, values)


def _keep(session: Session, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    for chunk in _chunks(rows):
        session.execute(insert(table_of(model)), [dict(each) for each in chunk])


def _chunks(rows: Sequence[Any], size: int = _CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
