"""Merging two entries of one person into one, in one transaction; the caller commits.

Source: trust.md, "People". Everything that names the entry which goes names the one kept; its code
becomes an alias. Who may do it is ``tiesan.access.merging``; undoing it is ``merging.undoing``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.clock import day_of
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.flags.models import DistrictState
from tiesan.i18n import _
from tiesan.merging.accounts import join_accounts
from tiesan.merging.colliding import settle_twins
from tiesan.merging.counting import is_confidential
from tiesan.merging.flags import Telling, join_episodes
from tiesan.merging.journal import Journal
from tiesan.merging.postings import join_postings
from tiesan.merging.references import Naming, naming_columns
from tiesan.people.administrators import administrators, refuse_none_left
from tiesan.people.merges import CadreAlias, CadreMerge
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.districts import refresh_districts
from tiesan.records.kinds import table_of
from tiesan.records.pending import PendingEvaluation, await_districts
from tiesan.records.services import needed_reason, subject_of

MERGED_CADRES = "merge"
_CADRE, _PLACE, _FLAG = table_of(Cadre), table_of(Organization), Base.metadata.tables["flag"]
# What is kept about rows, and is none itself.
_NOT_COUNTED = frozenset({"cadre_alias", "cadre_merge", "evidence_link"})


@dataclass(frozen=True, slots=True)
class Merging:
    """Which entry is kept, which goes, and why; ``records`` are all classes, in import order."""

    kept: Cadre
    merged: Cadre
    reason: str
    records: Iterable[type[Record]]


def merge_cadres(actor: Actor, session: Session, merging: Merging, *, at: datetime) -> CadreMerge:
    """Merge one entry of a person into another one, and return what is kept of it.

    Raises UserError for one and the same entry, for records that both have of one identity, for
    postings in two organizations at once, for two accounts that can sign in, and where the
    installation would lose its last administrator; it says which.
    """
    kept, merged = merging.kept, merging.merged
    why = needed_reason(merging.reason)
    if kept.id == merged.id:
        raise UserError(_("These are one and the same entry."))
    session.flush()
    districts = lock_entries(session, kept.id, merged.id)
    before, journal = administrators(session), Journal(session)
    row = CadreMerge(
        kept_id=kept.id,
        merged_id=merged.id,
        code=merged.code,
        name=merged.name,
        at=at,
        actor_id=actor.account_id,
        actor_name=actor.name,
        reason=why,
    )
    entry = subject_of(kept)
    telling = Telling(actor, at, day_of(at))
    row.counts, row.given_up_id = _move_all(session, journal, row, telling)
    session.expunge(merged)
    session.add(row)
    session.flush()
    session.add(CadreAlias(code=row.code, cadre_id=row.kept_id, merge_id=row.id))
    session.flush()
    settle_people(session, districts, merging.records)
    refuse_none_left(session, before)
    journal.keep(row.id)
    session.expire_all()
    details = {"merged": row.code, "name": row.name, "rows": row.counts, "reason": why}
    record_entry(session, actor, MERGED_CADRES, entry, at=at, details=details)
    await_districts(actor, session, districts, "cadre", at=at)
    return row


def lock_entries(session: Session, *cadre_ids: int) -> set[int]:
    """Keep others from writing what names these cadres; returns the ids of their districts."""
    wanted = sorted(cadre_ids)
    place = select(_PLACE.c.district_id).join(_CADRE, _CADRE.c.organization_id == _PLACE.c.id)
    districts = set(session.scalars(place.where(_CADRE.c.id.in_(wanted))))
    state = table_of(DistrictState)
    # First whoever evaluates, then whoever enters: an evaluation takes them in this order too.
    for column, ids in ((state.c.district_id, districts), (_CADRE.c.id, wanted)):
        lock = select(column).where(column.in_(sorted(ids))).order_by(column)
        session.execute(lock.with_for_update()).all()
    return districts


def _move_all(
    session: Session, journal: Journal, row: CadreMerge, telling: Telling
) -> tuple[dict[str, int], int | None]:
    """Move everything; returns how many rows of which table, and the account given up."""
    kept_id, merged_id = row.kept_id, row.merged_id
    problems = settle_twins(session, journal, kept_id, merged_id)
    try:
        service = join_postings(session, journal, kept_id, merged_id)
    except UserError as error:
        problems += error.lines
    try:
        given_up = join_accounts(session, journal, kept_id, merged_id)
    except UserError as error:
        problems += error.lines
    if problems:
        raise UserError(problems)
    join_episodes(session, journal, kept_id, merged_id, telling)
    counts: dict[str, int] = {}
    for naming in naming_columns():
        _count(counts, naming.table, _move(session, journal, naming, row))
    if service is not None:
        journal.change(_CADRE, _CADRE.c.id == kept_id, **service._asdict())
    _rename_awaited(session, row)
    _remove(journal, merged_id)
    return counts, None if given_up is None else given_up.id


def _move(session: Session, journal: Journal, naming: Naming, row: CadreMerge) -> int:
    """Let rows name the entry kept; returns how many of them are no secret."""
    where = (naming.column == row.merged_id) & naming.where
    secret = 0
    if naming.table is _FLAG:
        hidden = select(_FLAG.c.id).where(where, _FLAG.c.confidential)
        secret = len(session.execute(hidden).all())
    return journal.change(naming.table, where, **{naming.column.name: row.kept_id}) - secret


def _count(counts: dict[str, int], table: Table, number: int) -> None:
    """Count moved rows by table; that there are confidential ones nobody is told."""
    if number and table.name not in _NOT_COUNTED and not is_confidential(table):
        counts[table.name] = counts.get(table.name, 0) + number


def _rename_awaited(session: Session, row: CadreMerge) -> None:
    """Let what is still to be evaluated name the entry kept."""
    table = table_of(PendingEvaluation)
    code = session.scalars(select(_CADRE.c.code).where(_CADRE.c.id == row.kept_id)).one()
    for row_id, codes in session.execute(select(table.c.id, table.c.cadres)).all():
        if row.code in codes:
            named = sorted({code if each == row.code else each for each in codes})
            session.connection().execute(
                update(table).where(table.c.id == row_id).values(cadres=named)
            )


def _remove(journal: Journal, merged_id: int) -> None:
    """Remove the entry; whoever names it still is of a plugin that is not installed."""
    try:
        journal.remove(_CADRE, _CADRE.c.id == merged_id)
    except IntegrityError as error:
        text = _("Rows of a plugin that is not installed name this entry: install it first.")
        raise UserError(text) from error


def settle_people(session: Session, districts: set[int], records: Iterable[type[Record]]) -> None:
    """Bring in line what follows from where persons are posted."""
    session.expire_all()
    if len(districts) > 1:
        refresh_districts(session, records)


def delete_alias(session: Session, merge_id: int) -> None:
    """Let a code be an alias no more."""
    alias = table_of(CadreAlias)
    session.connection().execute(delete(alias).where(alias.c.merge_id == merge_id))
