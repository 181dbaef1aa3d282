"""What is kept: for everybody who is signed in, from what is installed and set."""

from flask.typing import ResponseReturnValue

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Page, page
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.privacy.kept import what_is_kept
from tiesan.privacy.retention.services import standings
from tiesan.records.policy import EVERYBODY


class KeptView(Page):
    """What is kept, why, for how long, and who sees it."""

    roles = EVERYBODY
    place = "kept"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("What is kept"), endpoint="kept", url="/kept")

    def is_accessible(self) -> bool:
        """Whoever is signed in, be it without any role."""
        return not current_viewer().is_stranger

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show all of it, institution by institution."""
        off = switched_off()
        plugins = [each for each in installed().plugins if each.name not in off]
        return self.render(
            "privacy/kept.html",
            heading=str(self.name),
            groups=what_is_kept(plugins, standings(db.session())),
        )
