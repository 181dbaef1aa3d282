"""Who of an organization is away in a week, day by day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tiesan.access.away import (
    Absence,
    Colleague,
    absences,
    colleagues,
    places_to_look_at,
    readable_absences,
)
from tiesan.access.viewer import current_viewer
from tiesan.admin.records.merged import about, open_views
from tiesan.admin.shell.days import working_calendar
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.facts.leave import LeaveCover
from tiesan.i18n import _, _l
from tiesan.people.models import Organization
from tiesan.records.kinds import record_kind
from tiesan.records.policy import EVERYBODY
from tiesan.words.days import day_in_words

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away on a day: when on it, and why where the viewer may know."""

    name: str
    url: str | None
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class DayAway:
    """A day of the week, and who is away on it."""

    words: str
    is_today: bool
    away: Sequence[Away]


class AwayView(Page):
    """Who is away, of one's own organization and those that one answers for."""

    roles = EVERYBODY
    place = "away"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Who is away"), endpoint="away", url="/away")

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show a week of an organization: this one of one's own, unless the address says."""
        places = places_to_look_at(db.session())
        place, monday = _place_asked(places), _monday_asked()
        people = [] if place is None else colleagues(db.session(), place, monday)
        return self.render(
            "persons/away.html",
            heading=str(self.name),
            places=places,
            place=place,
            days=_week_of(people, monday),
            monday=monday,
            sunday=monday + _WEEK - timedelta(days=1),
            before=monday - _WEEK,
            after=monday + _WEEK,
            number=len(people),
        )


def _place_asked(places: Sequence[Organization]) -> Organization | None:
    asked = request.args.get("organization", "")
    own = current_viewer().organization_id
    by_code = {place.code: place for place in places}
    by_id = {place.id: place for place in places}
    return by_code.get(asked) or by_id.get(own or 0) or next(iter(places), None)


def _monday_asked() -> date:
    try:
        day = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        day = today()
    if not 1 < day.year < MAXYEAR:
        day = today()
    return day - timedelta(days=day.weekday())


def _week_of(people: Sequence[Colleague], monday: date) -> list[DayAway]:
    days = [monday + timedelta(days=at) for at in range(_WEEK.days)]
    found = absences(db.session(), [each.id for each in people], days[0], days[-1])
    readable = readable_absences(db.session(), found)
    cover = LeaveCover((each.span for each in found), days[0], days[-1])
    calendar, now = working_calendar(), today()
    return [
        DayAway(
            day_in_words(calendar, day, now),
            day == now,
            list(_away(people, day, cover, list(_of_day(found, day)), readable)),
        )
        for day in days
    ]


def _of_day(found: Iterable[Absence], day: date) -> Iterator[Absence]:
    return (each for each in found if each.span.first_day <= day <= each.span.last_day)


def _away(
    people: Iterable[Colleague],
    day: date,
    cover: LeaveCover,
    found: Sequence[Absence],
    readable: Mapping[tuple[str, int], Any],
) -> Iterator[Away]:
    for each in people:
        when = _when(cover, str(each.id), day)
        if when is not None:
            of_each = [absence for absence in found if absence.cadre_id == each.id]
            url = url_for("person.person_view", code=each.code) if each.seen else None
            yield Away(each.name, url, when, _why(of_each, readable))


def _when(cover: LeaveCover, whom: str, day: date) -> str | None:
    """When on a day somebody is away; None if they are not."""
    morning = cover.morning(whom, day, outings=True)
    afternoon = cover.afternoon(whom, day, outings=True)
    if morning and afternoon:
        return _("whole day")
    if morning or afternoon:
        return _("morning") if morning else _("afternoon")
    return None


def _why(found: Iterable[Absence], readable: Mapping[tuple[str, int], Any]) -> str:
    """Why somebody is away, of what the viewer may read; nothing to a colleague."""
    views = {view.kind.name: view for view in open_views()}
    words = []
    for each in found:
        name = record_kind(each.model).name
        row = readable.get((name, each.row_id))
        if row is not None and name in views:
            words.append(about(views[name], row))
    return " · ".join(dict.fromkeys(words))
