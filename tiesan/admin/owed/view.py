"""What I owe, all of it: what is due within a month, and below what is due later."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.owed.at_home import DAYS_AT_HOME, can_owe
from tiesan.admin.owed.lines import own_lines
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import today
from tiesan.i18n import _l
from tiesan.records.policy import SUPERVISORS
from tiesan.rules import MOST_AHEAD


class OwedView(Page):
    """What the viewer owes, or sees to as the chair of an organization, or where nobody chairs."""

    roles = SUPERVISORS
    place = "owed"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("What I owe"), endpoint="owed", url="/owed")

    def is_accessible(self) -> bool:
        """Whoever is a cadre, or supervises, and has not left."""
        return can_owe(current_viewer())

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what is due, the earliest first."""
        day = today()
        last = day + timedelta(days=DAYS_AT_HOME)
        lines = own_lines(current_viewer(), day, MOST_AHEAD)
        return self.render(
            "owed/all.html",
            soon=[line for line in lines if line.due_on <= last],
            later=[line for line in lines if line.due_on > last],
        )
