"""Which runs of jobs a person sees: an administrator's districts', and what they asked for."""

from sqlalchemy import ColumnElement, or_, true

from tiesan.access.viewer import Viewer
from tiesan.records.policy import ADMINISTRATORS
from tiesan.scheduler.models import JobRun


def visible_runs(viewer: Viewer) -> ColumnElement[bool]:
    """The runs of an administrator's whole districts, and those that the viewer asked for."""
    reach = viewer.reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    own = JobRun.actor_id == viewer.account_id
    return or_(JobRun.district_id.in_(sorted(reach.districts)), own)
