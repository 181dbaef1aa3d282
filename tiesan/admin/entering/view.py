"""The pages from which somebody enters: what is their own, and what they answer for."""

from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.entering.tiles import other_tiles, own_tiles, request_tiles
from tiesan.admin.shell.pages import Page, page
from tiesan.admin.shell.places import ENTER, LOG
from tiesan.i18n import _, _l
from tiesan.records.policy import COMMITTEE, EVERYBODY, SUPERVISORS


class LogView(Page):
    """What a cadre logs, of themself and of an organization that they chair."""

    roles = EVERYBODY
    place = LOG

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Log"), endpoint="log", url="/log")

    def is_accessible(self) -> bool:
        """Whoever stands for a cadre who has not left."""
        viewer = current_viewer()
        return viewer.cadre_id is not None and not viewer.left and super().is_accessible()

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what the viewer may log, and what they may ask for."""
        groups = [("", own_tiles()), (_("Ask for"), request_tiles())]
        return self.render("entering/tiles.html", heading=_("Log"), groups=groups)


class EnterView(Page):
    """What supervisors and the committee enter for those they answer for."""

    roles = SUPERVISORS | COMMITTEE
    place = ENTER

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Enter"), endpoint="enter", url="/enter")

    def is_accessible(self) -> bool:
        """Whoever answers for others and has not left."""
        return not current_viewer().left and super().is_accessible()

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what the viewer may enter."""
        often, late = other_tiles()
        groups = [("", often), (_("Enter late, for others"), late)]
        return self.render("entering/tiles.html", heading=_("Enter"), groups=groups)
