"""One list of records over all kinds: of what is the viewer's own, and of all they may read."""

from dataclasses import dataclass
from typing import ClassVar

from flask import request
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.records.merged import Among, Pages, newest_lines, open_views
from tiesan.admin.shell.pages import Page, page, page_asked
from tiesan.i18n import _, _l
from tiesan.records.policy import COMMITTEE, EVERYBODY, STAFF

_PAGE_SIZE = 25
# Further back somebody looks in the list of one kind, which has filters.
_LAST_PAGE = 19


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution by which the list can be narrowed."""

    name: str
    title: str
    chosen: bool


class MergedView(Page):
    """A list of records of all kinds, with institutions as its filter."""

    own: ClassVar[bool] = False

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show the newest records, narrowed to an institution if the address names one."""
        views = open_views()
        chosen = request.args.get("institution", "")
        within = [view for view in views if view.plugin.name == chosen]
        at = min(page_asked(request.args.get("page", "")), _LAST_PAGE)
        among = Among(within or views, own=self.own)
        lines = newest_lines(among, at * _PAGE_SIZE, _PAGE_SIZE + 1)
        return self.render(
            "records/listing.html",
            heading=str(self.name),
            institutions=_institutions(views, chosen),
            kinds=_kinds(chosen),
            chosen=chosen if within else "",
            lines=lines[:_PAGE_SIZE],
            at=at,
            further=len(lines) > _PAGE_SIZE and at < _LAST_PAGE,
        )


class OwnRecordsView(MergedView):
    """What concerns the viewer or what they chair, whatever it is."""

    roles = EVERYBODY
    place = "own records"
    own = True

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("My records"), endpoint="own_records", url="/my/records")

    def is_accessible(self) -> bool:
        """Whoever stands for a cadre has records of their own, also after leaving."""
        return current_viewer().cadre_id is not None and super().is_accessible()


class AllRecordsView(MergedView):
    """What the viewer may read of the organizations that they answer for."""

    roles = STAFF | COMMITTEE
    place = "records"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Records"), endpoint="all_records", url="/records")


def _institutions(views: list[Pages], chosen: str) -> list[Institution]:
    titles = {view.plugin.name: str(view.plugin.title) for view in views}
    found = [Institution(name, title, name == chosen) for name, title in titles.items()]
    every = Institution("", _("All"), not any(each.chosen for each in found))
    return [every, *found]


def _kinds(chosen: str) -> list[Pages]:
    """The kinds of an institution, whose own lists have all their columns and filters."""
    return [view for view in open_views(confidential=True) if view.plugin.name == chosen]
