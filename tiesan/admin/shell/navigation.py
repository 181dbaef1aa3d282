"""The menu by work: which pages the viewer may open, what waits on them, and the bar of a phone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import current_app, g, request
from sqlalchemy import select

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.shell.addresses import address_of
from tiesan.admin.shell.asked_once import asked_once
from tiesan.admin.shell.pages import Entry, Open
from tiesan.admin.shell.places import (
    GROUPS,
    MINE,
    MORE_THAN_CADRES,
    ORDER,
    RECORDS,
    bar_of,
    group_of,
)
from tiesan.admin.shell.remembered import remembered
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.records.policy import COMMITTEE, SUPERVISORS
from tiesan.records.settings import PluginState

# What the bar calls a place: two characters, or one word.
_SHORT: Mapping[str, str] = {
    "home": _l("Home"),
    "log": _l("Log"),
    "request": _l("Requests"),
    "flags": _l("Flags"),
    "inbox": _l("Inbox"),
    "decide": _l("Requests"),
    "enter": _l("Enter"),
    "people": _l("People"),
    "rules": _l("Rules"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the menu; ``number`` is how much there is to do for the viewer, if any."""

    place: str
    title: str
    url: str
    here: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of one group that the viewer may open; ``folded`` while another one is meant."""

    title: str
    links: tuple[Link, ...]
    folded: bool

    @property
    def open(self) -> bool:
        """Whether its pages are shown."""
        return not self.folded or any(link.here for link in self.links)


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu of one viewer: the groups at the side, and the bar at the bottom of a phone.

    ``more`` is whether the bar ends with a button that opens the whole menu.
    """

    groups: tuple[Group, ...]
    bar: tuple[Link, ...]
    more: bool


def menu() -> Menu:
    """Return the menu of this request; groups without pages are left out."""
    found: Menu | None = g.get("menu")
    if found is None:
        found = g.menu = menu_of(current_viewer())
    return found


def menu_of(viewer: Viewer, *, counted: bool = True) -> Menu:
    """Return a viewer's menu in this request, with how much there is to do if it is ``counted``."""
    found = remembered("menu", lambda *_: _counted(), viewer, today()) if counted else _uncounted()
    by_group: dict[str, list[Link]] = {name: [] for name in GROUPS}
    for entry, number in found:
        group = group_of(entry.place, viewer)
        if group is not None:
            by_group[group].append(_link(entry, number))
    # What is their own comes second to whoever answers for others.
    folded = {MINE} if viewer.has(SUPERVISORS | COMMITTEE) else set()
    groups = tuple(
        Group(str(GROUPS[name]), tuple(links), name in folded)
        for name, links in by_group.items()
        if links
    )
    return Menu(groups, tuple(_bar(viewer, groups)), more=viewer.has(MORE_THAN_CADRES))


def _uncounted() -> tuple[tuple[Entry, int], ...]:
    """What the viewer may open, in the order of the menu."""
    pages: Iterable[Open] = current_app.extensions["pages"]
    entries = (entry for page in pages for entry in page.entries())
    in_order = sorted(entries, key=lambda entry: ORDER.get(entry.place, ORDER[RECORDS]))
    return tuple((entry, 0) for entry in in_order)


def _counted() -> tuple[tuple[Entry, int], ...]:
    """The same, with how much there is to do behind each of them."""
    return tuple((entry, entry.to_do()) for entry, _none in _uncounted())


def _link(entry: Entry, number: int) -> Link:
    url = address_of(entry.endpoint)
    return Link(entry.place, str(entry.name), url, _is_here(entry, url), number)


def _is_here(entry: Entry, url: str) -> bool:
    """Whether the page shown is that of an entry, or belongs to no entry nearer to it."""
    if request.blueprint != entry.endpoint.partition(".")[0]:
        return False
    return not entry.alone or (request.script_root + request.path).rstrip("/") == url.rstrip("/")


def _bar(viewer: Viewer, groups: Iterable[Group]) -> Iterable[Link]:
    links = [link for group in groups for link in group.links]
    for place in bar_of(viewer):
        link = next((link for link in links if link.place == place), None)
        if link is not None:
            yield Link(place, str(_SHORT[place]), link.url, link.here, link.number)


@asked_once
def switched_off() -> frozenset[str]:
    """Return the names of the plugins that are switched off."""
    table = PluginState.__table__
    return frozenset(db.session.scalars(select(table.c.name).where(~table.c.enabled)))
