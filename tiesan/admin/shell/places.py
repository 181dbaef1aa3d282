"""Where a page is found in the menu: its place, the group of that place, and who is shown it.

A view names its place (``Open.place``). Kinds of records have no entry of their own: they are
found at the places ``LOG``, ``REQUEST``, ``ENTER`` and ``RECORDS``, each of which is a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tiesan.access.viewer import Viewer
from tiesan.i18n import _l
from tiesan.records.policy import ADMINISTRATORS, COMMITTEE, STAFF, SUPERVISORS

# What views name; the others are those of pages of the core.
LOG, REQUEST, ENTER, RECORDS = "log", "request", "enter", "records"

MINE, TO_DO, LISTS, FIGURES, SETTINGS = "mine", "to do", "lists", "figures", "settings"
GROUPS: Mapping[str, str] = {
    MINE: _l("Mine"),
    TO_DO: _l("To be handled"),
    LISTS: _l("Registers"),
    FIGURES: _l("Statistics"),
    SETTINGS: _l("Settings"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a group; with ``for_staff`` it is not offered to who is a cadre and no more.

    What is not offered is no secret: its pages say themselves who may open them.
    """

    group: str
    for_staff: bool = False


# In the order of the menu.
PLACES: Mapping[str, Place] = {
    "home": Place(MINE),
    "owed": Place(MINE),
    LOG: Place(MINE),
    REQUEST: Place(MINE),
    "flags": Place(MINE),
    "inbox": Place(TO_DO),
    "decide": Place(TO_DO),
    "corrections": Place(TO_DO),
    ENTER: Place(TO_DO),
    "own records": Place(LISTS),
    RECORDS: Place(LISTS),
    "imports": Place(LISTS, for_staff=True),
    "all flags": Place(LISTS, for_staff=True),
    "notices": Place(LISTS, for_staff=True),
    "waivers": Place(LISTS, for_staff=True),
    "bulletins": Place(LISTS, for_staff=True),
    "people": Place(LISTS, for_staff=True),
    "own year": Place(FIGURES),
    "away": Place(FIGURES),
    "figures": Place(FIGURES),
    "trail": Place(FIGURES),
    "operation": Place(FIGURES),
    "sendings": Place(FIGURES),
    "profile": Place(SETTINGS),
    "kept": Place(SETTINGS),
    "accounts": Place(SETTINGS),
    "rules": Place(SETTINGS),
    "calendar": Place(SETTINGS, for_staff=True),
    "ways": Place(SETTINGS, for_staff=True),
    "sign-in": Place(SETTINGS, for_staff=True),
    "retention": Place(SETTINGS, for_staff=True),
}
ORDER = {name: at for at, name in enumerate(PLACES)}


def group_of(place: str, viewer: Viewer) -> str | None:
    """The group in which a viewer is offered a place; None where they are not.

    One that is named by nobody here stands among the registers.
    """
    known = PLACES.get(place, PLACES[RECORDS])
    if known.for_staff and not (viewer.has(STAFF | COMMITTEE) or viewer.chaired):
        return None
    if place == "people" and viewer.has(ADMINISTRATORS):
        # Whoever administers people sets them up; others look them up.
        return SETTINGS
    return known.group


# The bar at the bottom of a phone, by role; what is left out of it is behind "more".
REVIEWER_BAR = ("inbox", "decide", ENTER)
CADRE_BAR = ("home", LOG, REQUEST, "flags")
ADMINISTRATOR_BAR = ("home", "people", "rules")
MORE_THAN_CADRES = STAFF | COMMITTEE
_MOST_IN_BAR = 4


def bar_of(viewer: Viewer) -> tuple[str, ...]:
    """The places in a viewer's bar: of several roles what waits for a decision comes first."""
    found: list[str] = []
    if viewer.has(SUPERVISORS | COMMITTEE):
        found += REVIEWER_BAR
    if viewer.cadre_id is not None:
        found += CADRE_BAR
    if viewer.has(ADMINISTRATORS):
        found += ADMINISTRATOR_BAR
    found = list(dict.fromkeys(found or ["home"]))
    only_cadre = not viewer.has(MORE_THAN_CADRES)
    return tuple(found if only_cadre else _fitting(found, viewer))


def _fitting(found: list[str], viewer: Viewer) -> list[str]:
    """As many as there is room for beside "more"."""
    least = len(REVIEWER_BAR) if viewer.has(SUPERVISORS | COMMITTEE) else len(ADMINISTRATOR_BAR)
    own = viewer.cadre_id is not None
    return found[: min(_MOST_IN_BAR, least + own)]
