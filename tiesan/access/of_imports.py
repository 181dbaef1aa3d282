"""Who sees which imports in the browser: one's own, and those of the districts one administers."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, true

from tiesan.access.viewer import Reach, Viewer
from tiesan.records.base import Record
from tiesan.records.imports.models import DataImport
from tiesan.records.policy import ADMINISTRATORS, CADRE, STAFF


def visible_imports(viewer: Viewer) -> ColumnElement[bool]:
    """The imports that the viewer may see; what they brought in is narrowed row by row."""
    reach = viewer.reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    own = DataImport.account_id == (viewer.account_id or 0)
    return or_(own, DataImport.district_id.in_(sorted(reach.districts)))


def opens_files(viewer: Viewer, row: DataImport, models: Iterable[type[Record]]) -> bool:
    """Whether the viewer may have the files of an import of everything, as they were sent.

    For administrators of its district who may see all that is in them; ``models`` are the records
    in them. Who may be meant by a confidential row gets none that has any: the file would tell.
    """
    if viewer.left or not _covers(viewer.reach(ADMINISTRATORS), row.district_id):
        return False
    for model in models:
        access = model.policy.access
        reach = viewer.reach(access.read - CADRE)
        if not access.confidential and _covers(reach, row.district_id):
            continue
        is_meant = viewer.cadre_id is not None or bool(viewer.chaired)
        if is_meant or row.district_id not in reach.districts:
            return False
    return True


def undoes_import(viewer: Viewer, row: DataImport, models: Iterable[type[Record]]) -> bool:
    """Whether the viewer may undo an import of everything: theirs, or one whose files they get.

    Theirs as long as they answer for anything there: whose role was taken away changes nothing any
    more. What the command line brought in nobody undoes: which rows it wrote is not kept.
    """
    if row.account_id is None or viewer.left:
        return False
    own = row.account_id == viewer.account_id and _answers_in(viewer, row.district_id)
    return own or opens_files(viewer, row, models)


def _answers_in(viewer: Viewer, district_id: int | None) -> bool:
    """Whether the viewer still brings anything in: in a district, or in one of several."""
    reach = viewer.acting_reach(STAFF)
    if district_id is None:
        return not reach.is_empty
    in_part = bool(reach.organizations) and district_id in viewer.home_districts
    return _covers(reach, district_id) or in_part


def _covers(reach: Reach, district_id: int | None) -> bool:
    return reach.everywhere or district_id in reach.districts
