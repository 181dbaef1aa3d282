"""Undoing a merge: what it moved goes back, unless somebody has changed it since.

As with an import, all goes back or nothing. What an evaluation has found since is found anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.clock import day_of
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.naming import NamedRows
from tiesan.i18n import _
from tiesan.merging.counting import record_of
from tiesan.merging.flags import Telling, raise_again
from tiesan.merging.journal import digests, key_of, plain, read_rows, stored, where_key
from tiesan.merging.services import delete_alias, lock_entries, settle_people
from tiesan.people.administrators import administrators, refuse_none_left
from tiesan.people.merges import CadreMerge, MergeStep
from tiesan.people.models import Cadre
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.pending import await_districts
from tiesan.records.services import needed_reason, subject_of

UNDONE = "undo merge"
_STEP, _FLAG, _CADRE = table_of(MergeStep), table_of(Flag), table_of(Cadre)
_MERGE, _EVENT = table_of(CadreMerge), table_of(FlagEvent)
# What may be gone by now: nobody has decided on it.
_PASSING = frozenset({"evidence_link", "notification", "reminder", "import_person", "posting"})
# Whether a flag stands is settled once all are back.
_STANDING = frozenset({"active", "cleared_at", "cleared_reason"})
_MOST_NAMED = 20


def undo_merge(
    actor: Actor,
    session: Session,
    merge: CadreMerge,
    *,
    records: Iterable[type[Record]],
    at: datetime,
    reason: str,
) -> None:
    """Undo a merge; the caller commits.

    Raises UserError for one that was undone, for one whose entry was merged further, and where what
    it moved was changed since or a flag that was raised since was decided on; it says which.
    """
    why = needed_reason(reason)
    if merge.undone_at is not None:
        raise UserError(_("This was undone already."))
    session.flush()
    places = lock_entries(session, merge.kept_id)
    by_table = _steps(session, merge.id)
    barred = [*_merged_further(session, merge), *_changed(session, by_table)]
    barred += _decided_since(session, merge)
    if barred:
        raise UserError([_("It cannot be undone; against it stand:"), *barred[:_MOST_NAMED]])
    before = administrators(session)
    _put_back(session, by_table)
    delete_alias(session, merge.id)
    places |= lock_entries(session, merge.kept_id, merge.merged_id)
    _stand_again(session, by_table, Telling(actor, at, day_of(at)))
    settle_people(session, places, records)
    refuse_none_left(session, before)
    merge.undone_at, merge.undone_by_id, merge.undo_reason = at, actor.account_id, why
    session.flush()
    details = {"merged": merge.code, "name": merge.name, "reason": why}
    record_entry(session, actor, UNDONE, subject_of(merge.kept), at=at, details=details)
    await_districts(actor, session, places, "cadre", at=at)


_Steps = Mapping[str, Sequence[Any]]


def _steps(session: Session, merge_id: int) -> _Steps:
    found: dict[str, list[Any]] = defaultdict(list)
    statement = select(_STEP).where(_STEP.c.merge_id == merge_id).order_by(_STEP.c.id.desc())
    for step in session.execute(statement):
        found[step.table_name].append(step)
    return found


# --- what stands against it ----------------------------------------------------------------------


def _merged_further(session: Session, merge: CadreMerge) -> Iterator[str]:
    """A later merge that the entry went into, or that went into it under the same identity."""
    moved = select(_STEP.c.merge_id).where(_STEP.c.table_name == "cadre_merge")
    later = select(_MERGE.c.code, _STEP.c.key).join(_STEP, _STEP.c.merge_id == _MERGE.c.id)
    open_ones = later.where(_MERGE.c.undone_at.is_(None), _MERGE.c.id.in_(moved))
    for code, key in session.execute(open_ones.where(_STEP.c.table_name == "cadre_merge")):
        if key.get("id") == merge.id:
            yield _("The entry was merged further: undo the merge of %(code)s first.", code=code)


def _changed(session: Session, by_table: _Steps) -> Iterator[str]:
    for name, steps in sorted(by_table.items()):
        table = Base.metadata.tables[name]
        lasting = [step for step in steps if step.column_name]
        keys = [step.key for step in lasting]
        rows = {key_of(table, row): row for row in read_rows(session, table, keys)}
        now = digests(session, table, keys)
        wrong = [step for step in lasting if _stands_against(table, step, rows, now)]
        yield from _words(session, table, wrong)


def _stands_against(
    table: Table, step: Any, rows: Mapping[tuple[Any, ...], Any], now: Mapping[Any, str]
) -> bool:
    key = key_of(table, step.key)
    row = rows.get(key)
    if row is None:
        return table.name not in _PASSING
    if table.name == "flag" and step.column_name in _STANDING:
        return False
    same = plain(row[step.column_name]) == step.after
    counts = step.digest is not None and key in now
    return not same or (counts and now[key] != step.digest)


def _words(session: Session, table: Table, steps: Sequence[Any]) -> Iterator[str]:
    """One line for each row that was changed, as far as it can be named."""
    ids = sorted({step.key["id"] for step in steps if "id" in step.key})
    if not ids:
        return
    model = record_of(table)
    if table is _FLAG:
        columns = (_FLAG.c.message_zh, _FLAG.c.message_en)
        for zh, en in session.execute(select(*columns).where(_FLAG.c.id.in_(ids))):
            yield _("A flag was decided on: %(message)s", message=f"{zh} / {en}")
    elif model is not None:
        names = NamedRows(session, model).among(select(table.c.id).where(table.c.id.in_(ids)))
        named = {row_id: " + ".join(parts) for row_id, (_kind, parts) in names}
        for row_id in ids:
            which = named.get(row_id, f"#{row_id}")
            text = _("A record of the kind “%(kind)s” was changed or voided: %(which)s")
            yield text % {"kind": record_kind(model).title, "which": which}
    else:
        yield _other_words(table)


def _other_words(table: Table) -> str:
    said = {
        "cadre": _("Where the person is or was posted was changed."),
        "posting": _("Where the person is or was posted was changed."),
        "organization": _("An organization has another chair now."),
        "account": _("The account was changed."),
        "cadre_merge": _("The entry was merged further."),
        "cadre_alias": _("The entry was merged further."),
    }
    return said.get(table.name, _("Rows were changed: %(table)s", table=table.name))


def _decided_since(session: Session, merge: CadreMerge) -> Iterator[str]:
    """Flags of the person that were raised since and on which somebody has decided."""
    decided = select(_EVENT.c.flag_id).where(
        _EVENT.c.to_state.is_not(None), _EVENT.c.actor_id.is_not(None), _EVENT.c.at > merge.at
    )
    statement = select(_FLAG.c.message_zh, _FLAG.c.message_en).where(
        _FLAG.c.cadre_id == merge.kept_id,
        _FLAG.c.raised_at > merge.at,
        ~_FLAG.c.confidential,
        _FLAG.c.id.in_(decided),
    )
    for zh, en in session.execute(statement):
        yield _("A flag was decided on: %(message)s", message=f"{zh} / {en}")


# --- putting back --------------------------------------------------------------------------------


def _put_back(session: Session, by_table: _Steps) -> None:
    """Bring all rows back, those that were removed first: others name them."""
    ordered = sorted(by_table, key=lambda name: (name != "cadre", name))
    for name in ordered:
        table = Base.metadata.tables[name]
        gone = [step for step in by_table[name] if not step.column_name]
        if name != "posting":
            _insert(session, table, gone)
        for step in _in_order(by_table[name]):
            _set_back(session, table, step)
        if name == "posting":
            # A posting that was made longer is as long as it was before the others are back.
            _insert(session, table, gone)


def _in_order(steps: Sequence[Any]) -> list[Any]:
    """The steps, newest first, but episodes at the end and in their order: none is there twice."""
    lasting = [step for step in steps if step.column_name]
    others = [step for step in lasting if step.column_name != "episode"]
    numbers = [step for step in lasting if step.column_name == "episode"]
    return [*others, *sorted(numbers, key=lambda step: step.before)]


def _insert(session: Session, table: Table, steps: Iterable[Any]) -> None:
    rows = [
        {name: stored(table.c[name], value) for name, value in step.before.items()}
        for step in steps
    ]
    if rows:
        session.connection().execute(insert(table), rows)


def _set_back(session: Session, table: Table, step: Any) -> None:
    if table is _FLAG and step.column_name in _STANDING:
        return
    value = stored(table.c[step.column_name], step.before)
    where = where_key(table, step.key)
    session.connection().execute(update(table).where(where).values({step.column_name: value}))


def _stand_again(session: Session, by_table: _Steps, telling: Telling) -> None:
    cleared = [s.key["id"] for s in by_table.get("flag", ()) if s.column_name == "active"]
    raise_again(session, cleared, telling)
