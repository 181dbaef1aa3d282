"""Who may merge two entries of one person, and undo it: whoever administers all that comes with it.

The account of one entry becomes that of the other, and so what one was chair of. So both cadres,
the places they chair, and their accounts must be the administrator's; nobody merges themself.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from tiesan.access.accounts import cadres_to_represent, may_manage
from tiesan.access.criterion import AS_THEY_ARE
from tiesan.access.of_people import permitted_cadres
from tiesan.access.viewer import current_viewer
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.merges import CadreMerge
from tiesan.people.models import Account, Cadre
from tiesan.records.policy import ADMINISTRATORS


def mergeable_cadres() -> ColumnElement[bool]:
    """The cadres whose entries the viewer may merge, as far as their accounts allow it."""
    viewer = current_viewer()
    own = true() if viewer.cadre_id is None else Cadre.id != viewer.cadre_id
    return and_(permitted_cadres(ADMINISTRATORS, viewer), cadres_to_represent(), own)


def bar_to_merging(*cadres: Cadre) -> str | None:
    """Return what keeps the viewer from merging these entries; None if nothing does."""
    ids = {each.id for each in cadres}
    if current_viewer().cadre_id in ids:
        return _("Nobody merges or separates their own entries: another administrator does.")
    found = select(Cadre.id).where(Cadre.id.in_(sorted(ids)), mergeable_cadres())
    accounts = select(Account).where(Account.cadre_id.in_(sorted(ids)))
    if set(db.session.scalars(found)) != ids or not _manages(accounts):
        return _("Only who administers both entries, their accounts and what they chair may do it.")
    return None


def bar_to_undoing(merge: CadreMerge) -> str | None:
    """Return what keeps the viewer from undoing a merge; None if nothing does.

    The entry that comes back is looked at once it is there, in the same transaction.
    """
    given_up = select(Account).where(Account.id == (merge.given_up_id or 0))
    bar = bar_to_merging(merge.kept)
    if bar is None and not _manages(given_up):
        return _("Only who administers both entries, their accounts and what they chair may do it.")
    return bar


def _manages(accounts: Any) -> bool:
    """Whether all accounts of a statement are the viewer's to manage, whether or not seen."""
    found: Iterable[Account] = db.session.scalars(accounts, execution_options=AS_THEY_ARE)
    return all(may_manage(each) for each in found)
