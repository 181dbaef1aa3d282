"""Files that were brought in: they go from disk, the import stays with their names and digests."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tiesan.clock import day_of
from tiesan.privacy.retention.values import Amount, Removal
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import DataImport, State
from tiesan.records.kinds import table_of

_IMPORT = table_of(DataImport)
# What is being done just now has its files for as long as it takes.
_AT_WORK = (State.READING.value, State.STORING.value, State.UNDOING.value)
REMOVED_ON = "removed_on"


def _kept(session: Session, place: Path, before: datetime) -> Iterator[tuple[int, datetime, list]]:  # type: ignore[type-arg]
    """The imports from before a moment of which files are kept: id, moment, and their files."""
    columns = (_IMPORT.c.id, _IMPORT.c.at, _IMPORT.c.files)
    old = select(*columns).where(_IMPORT.c.at < before, _IMPORT.c.state.not_in(_AT_WORK))
    for row_id, at, files in session.execute(old.order_by(_IMPORT.c.id)):
        if KeptFiles(place, row_id).is_there and not _are_marked(files):
            yield row_id, at, files


def _are_marked(files: list[dict[str, object]]) -> bool:
    return any(REMOVED_ON in each for each in files)


def count_imported(session: Session, place: Path, before: datetime) -> Amount:
    """Count imports from before a moment whose files are kept."""
    found = list(_kept(session, place, before))
    files = [each for _id, _at, files in found for each in files]
    size = sum(int(each.get("size", 0)) for each in files)
    return Amount(len(found), len(files), size, min((at for _id, at, _f in found), default=None))


def remove_imported(session: Session, removal: Removal) -> Amount:
    """Mark the files of imports from before a moment as removed on this day."""
    amount = count_imported(session, removal.place, removal.before)
    on = day_of(removal.at).isoformat()
    for row_id, _at, files in list(_kept(session, removal.place, removal.before)):
        marked = [{**each, REMOVED_ON: on} for each in files] or [{"name": "", REMOVED_ON: on}]
        session.execute(update(_IMPORT).where(_IMPORT.c.id == row_id).values(files=marked))
    return amount


def sweep_imported(session: Session, removal: Removal) -> None:
    """Remove from disk the files of imports that are marked."""
    columns = select(_IMPORT.c.id, _IMPORT.c.files).where(_IMPORT.c.at < removal.at)
    for row_id, files in session.execute(columns).all():
        if _are_marked(files):
            KeptFiles(removal.place, row_id).remove()
    session.rollback()
