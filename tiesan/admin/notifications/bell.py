"""The bell in the frame of every page: how much the viewer was told and has not read."""

from datetime import date

from flask import current_app

from tiesan.access.installation import installed
from tiesan.access.of_notifications import Seeing
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.shell.remembered import remembered
from tiesan.clock import today
from tiesan.courses.installed import running_courses
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.notifications.installed import seeing_of
from tiesan.notifications.reading import MOST_COUNTED, unread_number

_SEEING = "seeing"


def current_seeing() -> Seeing:
    """Return what asks who may see what, by the rules as this request finds them."""
    kept: tuple[Catalog, Seeing] | None = current_app.extensions.get(_SEEING)
    catalog = installed()
    if kept is None or kept[0] is not catalog:
        kept = catalog, seeing_of(catalog, running_courses().values())
        current_app.extensions[_SEEING] = kept
    return kept[1]


def unread() -> str:
    """Return the number at the bell, as it is written; blank where everything was read."""
    number = remembered("unread", _unread, current_viewer(), today())
    if number > MOST_COUNTED:
        return f"{MOST_COUNTED}+"
    return str(number) if number else ""


def _unread(viewer: Viewer, day: date) -> int:
    return unread_number(db.session(), current_seeing(), viewer.account_id or 0, day)
