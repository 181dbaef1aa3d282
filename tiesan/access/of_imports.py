"""Who sees which imports in the browser: one's own, and those of the districts one administers."""

from sqlalchemy import ColumnElement, or_, true

from tiesan.access.viewer import Viewer
from tiesan.records.imports.models import DataImport
from tiesan.records.policy import ADMINISTRATORS


def visible_imports(viewer: Viewer) -> ColumnElement[bool]:
    """The imports that the viewer may see; what they brought in is narrowed row by row."""
    reach = viewer.reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    own = DataImport.account_id == (viewer.account_id or 0)
    return or_(own, DataImport.district_id.in_(sorted(reach.districts)))
