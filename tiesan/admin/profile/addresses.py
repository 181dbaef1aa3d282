"""How one is reached outside of the application: own addresses, each confirmed by a code."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.pages import page
from tiesan.admin.ways.asking import have_sent, keeping
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.notifications.sending.addresses import (
    Reachable,
    confirm_address,
    enter_address,
    reachable,
    remove_address,
)
from tiesan.notifications.sending.models import Sending, State, Way, WayAddress
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.notifications.sending.ways import trouble_of


def own_ways() -> list[Reachable]:
    """Return the ways to the viewer that can be used, with their address on each."""
    account_id, keep = current_viewer().account_id, keeping()
    if account_id is None:
        return []
    return [
        each
        for each in reachable(db.session(), account_id, keep.seal)
        if each.is_confirmed or trouble_of(each.way, keep) is None
    ]


class AddressPages:
    """Entering, confirming and taking away an address, below one's own account."""

    @page("/address/<int:way_id>", methods=("POST",))
    def address_view(self, way_id: int) -> ResponseReturnValue:
        """Keep an address and have a code sent there."""
        begin_storing(db.session())
        way = db.session.scalars(select(Way).where(Way.id == way_id, Way.active)).one_or_none()
        if way is None or SCHEMES[way.scheme].address is None:
            abort(404)
        try:
            actor, seal = current_viewer().actor, keeping().seal
            given = request.form.get("address", "")
            sending_id = enter_address(actor, db.session(), way, given, seal, at=now())
        except UserError as error:
            return _refused(error)
        have_sent(sending_id)
        sending = db.session.get_one(Sending, sending_id)
        if sending.state == State.SENT:
            flash(_("A code of 6 digits was sent there. It holds for 15 minutes."), "success")
        elif sending.state == State.FAILED:
            flash(_("The code could not be sent. Please look at the address once more; if it is"
                    " right, tell an administrator."), "error")  # fmt: skip
        else:
            flash(_("A code of 6 digits is being sent there. It holds for 15 minutes."), "success")
        return _back()

    @page("/address/<int:way_id>/confirm", methods=("POST",))
    def confirm_view(self, way_id: int) -> ResponseReturnValue:
        """Confirm an address by its code."""
        begin_storing(db.session())
        address = _own(way_id)
        try:
            actor, seal = current_viewer().actor, keeping().seal
            given = request.form.get("code", "")
            right = confirm_address(actor, db.session(), address, given, seal, at=now())
        except UserError as error:
            return _refused(error)
        db.session.commit()
        if right:
            flash(_("Confirmed: from now on you are reached there too."), "success")
        else:
            flash(_("This is not the code that was sent."), "error")
        return _back()

    @page("/address/<int:way_id>/remove", methods=("POST",))
    def remove_view(self, way_id: int) -> ResponseReturnValue:
        """Take an address away."""
        begin_storing(db.session())
        remove_address(current_viewer().actor, db.session(), _own(way_id), at=now())
        db.session.commit()
        flash(_("The address was taken away."), "success")
        return _back()


def _own(way_id: int) -> WayAddress:
    owned = WayAddress.account_id == (current_viewer().account_id or 0)
    chosen = select(WayAddress).where(owned, WayAddress.way_id == way_id)
    # Two who try codes at once wait for each other, so that each wrong one counts.
    return db.session.scalars(chosen.with_for_update()).one_or_none() or abort(404)


def _refused(error: UserError) -> ResponseReturnValue:
    db.session.rollback()
    flash(" ".join(error.lines), "error")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("profile.index_view") + "#ways", code=303)
