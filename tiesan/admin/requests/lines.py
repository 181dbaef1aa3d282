"""Requests that wait for the viewer, as pages show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.courses.offers import Drawn, Offer, drawn
from tiesan.admin.requests.places import courses_here, url_of, verb_url, view_of
from tiesan.admin.shell.asked_once import asked_once
from tiesan.clock import today
from tiesan.courses.requests import Request, waiting_requests
from tiesan.courses.standing import Standing, read_standings
from tiesan.courses.values import Counting, Course, Input, Verb
from tiesan.extensions import db
from tiesan.people.deputies import deputy_for
from tiesan.records.policy import COMMITTEE, SUPERVISORS

_MOST_AT_HOME = 5
# So many are read to say how many there are; more are "50+".
COUNTED = 50
_ON_CARD = frozenset({Input.TEXT, Input.CHECK})


@dataclass(frozen=True, slots=True)
class Button:
    """A verb as a card offers it; ``asks`` are None for one that has a page of its own."""

    offer: Offer
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """A request that waits for the viewer, with all that is needed to decide it."""

    request: Request
    row: Any
    whom: str
    heading: str
    further: Sequence[str]
    counted: Sequence[str]
    url: str
    drawn: Drawn
    token: str
    buttons: Sequence[Button]
    links: Sequence[Button]


@dataclass(frozen=True, slots=True)
class Line:
    """A request that waits for the viewer, as a line that leads to its card."""

    request: Request
    whom: str
    heading: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for the viewer, and the first of it."""

    number: int
    more: bool
    lines: Sequence[Line]


def queue_at_home(viewer: Viewer) -> Waiting | None:
    """Return how many requests wait for the viewer and the first five; None for none."""
    found = waiting(viewer, COUNTED + 1)
    if not found:
        return None
    return Waiting(min(len(found), COUNTED), len(found) > COUNTED, _lines(found[:_MOST_AT_HOME]))


def decides(viewer: Viewer) -> bool:
    """Whether the viewer is one of those who decide: a superior, the committee, a deputy."""
    if viewer.left:
        return False
    if viewer.has(SUPERVISORS | COMMITTEE) or viewer.chaired:
        return True
    return bool(deputy_for(db.session(), viewer.account_id, today()))


def waiting(viewer: Viewer, most: int) -> list[Request]:
    """Return at most so many requests that wait for the viewer, ``COUNTED`` and one if not fewer.

    A page that only shows asks once, for its menu and for itself.
    """
    if viewer.account_id is None:
        return []
    return _waiting(viewer.account_id)[:most]


@asked_once
def _waiting(account_id: int) -> list[Request]:
    return waiting_requests(db.session(), courses_here(), account_id, today(), COUNTED + 1)


# --- what waits -----------------------------------------------------------------------------------


def cards(found: Sequence[Request]) -> list[Card]:
    """Return requests as the queue shows them, in their order."""
    standings = standings_of((each.course, each.id) for each in found)
    return [_card(each, standings[each.course.name, each.id]) for each in found]


def _lines(found: Sequence[Request]) -> list[Line]:
    """Requests as lines: what a card offers and counts is asked for on its own page only."""
    standings = standings_of((each.course, each.id) for each in found)
    rows = [(each, standings[each.course.name, each.id].row) for each in found]
    return [Line(each, _whom(row), said(each.course, row)[0]) for each, row in rows]


def _whom(row: Any) -> str:
    return str(getattr(row, "cadre", None) or "")


def _card(request: Request, standing: Standing) -> Card:
    course, shown = request.course, drawn(request.course, standing)
    heading, further = said(course, standing.row)
    buttons = [
        Button(each, verb_url(course, request.id, each.name))
        for each in shown.offers
        if _belongs(course.verb(each.name), course.verb(request.why.verb))
    ]
    return Card(
        request=request,
        row=standing.row,
        whom=_whom(standing.row),
        heading=heading,
        further=further,
        counted=counted_of(course, standing.row),
        url=url_of(course, request.id),
        drawn=shown,
        token=f"{course.name}:{request.id}:{shown.seen.token}",
        buttons=[each for each in buttons if _fits_card(course.verb(each.offer.name))],
        links=[each for each in buttons if not _fits_card(course.verb(each.offer.name))],
    )


def _belongs(verb: Verb, awaited: Verb) -> bool:
    """Whether a verb decides what a request waits for: it is for the same persons."""
    return verb.decides and bool({each.name for each in verb.who} & {x.name for x in awaited.who})


def _fits_card(verb: Verb) -> bool:
    """Whether a card can ask for all that must be given; files that may be left have a page."""
    return all(
        each.input in _ON_CARD or (each.input is Input.FILES and each.required is False)
        for each in verb.given
    )


def counted_of(course: Course, row: Any) -> list[str]:
    """Return what is counted about a row of a course."""
    if course.counted is None:
        return []
    values = {each.name: getattr(row, each.name, None) for each in course.asking.given}
    return course.counted(Counting(db.session(), values, row.cadre_id, today(), row.id))


def said(course: Course, row: Any) -> tuple[str, list[str]]:
    """A row in words: its heading and what is said below it."""
    if course.brief is None:
        return str(view_of(course).heading(row)), []
    heading, *further = course.brief(row)
    return heading, further


def standings_of(rows: Iterable[tuple[Course, int]]) -> Mapping[tuple[str, int], Standing]:
    """How rows of several courses stand, read once for each course."""
    by_course: dict[Course, list[int]] = {}
    for course, row_id in rows:
        by_course.setdefault(course, []).append(row_id)
    account_id = current_viewer().account_id
    return {
        (course.name, row_id): standing
        for course, ids in by_course.items()
        for row_id, standing in read_standings(
            db.session(), course, ids, account_id, today()
        ).items()
    }
