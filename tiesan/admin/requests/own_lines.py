"""One's own requests as pages show them: what, state, who can decide, and one's next steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.courses.offers import badge, offered
from tiesan.admin.requests.lines import Button, said, standings_of
from tiesan.admin.requests.places import asking_url, courses_here, url_of, verb_url, view_of
from tiesan.admin.shell.remembered import remembered
from tiesan.clock import now, today
from tiesan.courses.carrying import Attempt, may_begin
from tiesan.courses.queue import persons_of_rows
from tiesan.courses.reminding import reminded_of
from tiesan.courses.requests import Own, own_requests
from tiesan.courses.standing import Standing
from tiesan.courses.timeline import timeline
from tiesan.courses.values import Course
from tiesan.extensions import db
from tiesan.people.notifications import names_of_accounts

_MOST_NAMES = 3
_MOST_AT_HOME = 5


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A request of the viewer's: what, state, who can decide, since when, their next steps."""

    course: Course
    row: Any
    heading: str
    further: Sequence[str]
    badge: str
    url: str
    since: date | None
    names: Sequence[str]
    nobody: bool
    reminded: bool
    seen: Any
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True)
class Asking:
    """A kind of request that the viewer may make."""

    word: str
    url: str


@dataclass(frozen=True, slots=True)
class Mine:
    """What the viewer has asked for, and what they may ask for."""

    askings: Sequence[Asking]
    lines: Sequence[OwnLine]


def requests_at_home(viewer: Viewer) -> Mine | None:
    """Return the open requests of the viewer, and what they may ask for.

    None for whoever asks for nothing: who stands for no cadre, or has left.
    """
    if viewer.is_stranger or viewer.cadre_id is None:
        return None
    asked_for = remembered("askings", _askings, viewer, today())
    found = Mine(asked_for, own_lines(viewer, is_open=True, most=_MOST_AT_HOME))
    return found if found.askings or found.lines else None


def _askings(_viewer: Viewer, _day: date) -> list[Asking]:
    return askings()


def askings() -> list[Asking]:
    """Return what the viewer of this request may ask for by a form of its own."""
    attempt = Attempt(current_viewer().actor, today(), now)
    return [
        Asking(str(course.asking.word), asking_url(course))
        for course in courses_here()
        if hasattr(view_of(course), "begin_view")
        and may_begin(db.session(), course, course.asking, attempt)
    ]


def own_lines(viewer: Viewer, *, is_open: bool, most: int) -> list[OwnLine]:
    """Return what the viewer has asked for, open or finished; what has waited longest first."""
    asked = (viewer.account_id or 0, viewer.cadre_id, today())
    found = own_requests(db.session(), courses_here(), asked, most, is_open=is_open)
    standings = standings_of((each.course, each.id) for each in found)
    deciding = _Deciding(found)
    lines = [_own_line(each, standings[each.course.name, each.id], deciding) for each in found]
    return sorted(lines, key=lambda line: line.since or date.min, reverse=not is_open)[:most]


def _own_line(own: Own, standing: Standing, deciding: "_Deciding") -> OwnLine:
    course, names = own.course, deciding.names(own)
    heading, further = said(course, standing.row)
    steps = timeline(course, standing.row, standing.events)
    return OwnLine(
        course=course,
        row=standing.row,
        heading=heading,
        further=further,
        badge=badge(course, standing.state),
        url=url_of(course, own.id),
        since=steps[-1].day if steps else None,
        names=names,
        nobody=_is_decided(own) and not names,
        reminded=deciding.was_reminded(own),
        seen=standing.seen(course),
        buttons=[
            Button(each, verb_url(course, own.id, each.name))
            for each in offered(course, standing)
            if not course.verb(each.name).decides
        ],
    )


def _is_decided(own: Own) -> bool:
    """Whether a request waits for somebody's decision."""
    return own.why is not None and own.course.verb(own.why.verb).decides


class _Deciding:
    """Who can decide which of one's own requests, asked for all of them at once."""

    def __init__(self, found: Sequence[Own]) -> None:
        session, day = db.session(), today()
        waiting = [each for each in found if _is_decided(each)]
        self._accounts: dict[tuple[str, int], list[int]] = {}
        self._reminded: set[tuple[str, int]] = set()
        for (course, verb), ids in _by_verb(waiting).items():
            persons = persons_of_rows(session, course, verb, ids, day)
            self._accounts |= {(course.name, row): few for row, few in persons.items()}
            reminded = reminded_of(session, course, ids, day)
            self._reminded |= {(course.name, row) for row in reminded}
        shown = {each for few in self._accounts.values() for each in few[:_MOST_NAMES]}
        self._names = names_of_accounts(session, shown) if shown else {}

    def names(self, own: Own) -> list[str]:
        """The first of those who can decide a request, by name."""
        accounts = self._accounts.get((own.course.name, own.id), ())[:_MOST_NAMES]
        return [self._names.get(each, "") for each in accounts]

    def was_reminded(self, own: Own) -> bool:
        """Whether they were reminded of it today."""
        return (own.course.name, own.id) in self._reminded


def _by_verb(found: Sequence[Own]) -> Mapping[tuple[Course, str], list[int]]:
    """The ids of requests by the verb that they wait for."""
    groups: dict[tuple[Course, str], list[int]] = {}
    for each in found:
        if each.why is not None:
            groups.setdefault((each.course, each.why.verb), []).append(each.id)
    return groups
