"""Where an organization may be put, and by whom: nothing leaves a district by an edit.

Who administers a place decides what stands below it. So an organization that is put elsewhere is
moved by somebody who administers the old and the new place, a district is founded only by who
administers the whole installation, and nobody puts anything out of their own reach.
"""

from tiesan.access.of_people import organization_ids
from tiesan.access.viewer import current_viewer
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization, OrganizationKind
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS
from tiesan.records.validation import RecordRefused

_DISTRICT = OrganizationKind.DISTRICT.value
_ORGANIZATION = table_of(Organization)


def refuse_founding(kind: str) -> None:
    """Raise RecordRefused for a district founded by who does not administer everything."""
    if kind == _DISTRICT and not current_viewer().acting_reach(ADMINISTRATORS).everywhere:
        text = _("only an administrator of the whole installation founds a district federation")
        raise RecordRefused(Organization, [("kind", text)])


def refuse_moving(before: Organization | None, after: Organization | None) -> None:
    """Raise RecordRefused for another superior organization, unless both are the viewer's.

    ``before`` and ``after`` are the organizations above; a blank one is no place to come from or to
    go to by an edit, which the services refuse.
    """
    if before is after or _administers(before, after):
        return
    text = _("only who administers both the former and the new superior organization may change it")
    raise RecordRefused(Organization, [("parent", text)])


def refuse_posting(before: Organization, after: Organization) -> None:
    """Raise RecordRefused for another posting of a cadre, unless both places are the viewer's."""
    if before is not after and not _administers(before, after):
        text = _("only who administers both organizations moves somebody from one to the other")
        raise RecordRefused(Cadre, [("organization", text)])


def _administers(*places: Organization | None) -> bool:
    reach = current_viewer().acting_reach(ADMINISTRATORS)
    if reach.everywhere:
        return True
    wanted = {place.id for place in places if place is not None}
    inside = organization_ids(reach).where(_ORGANIZATION.c.id.in_(sorted(wanted)))
    found: set[int] = set(db.session.scalars(inside))
    return wanted == found
