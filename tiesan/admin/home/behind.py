"""*Who is behind*, on the first page of those who look after others, and its own page of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.access.viewer import Viewer
from tiesan.admin.owed.behind import Behind, duties_in_reach
from tiesan.admin.shell.remembered import remembered
from tiesan.extensions import db
from tiesan.people.reminders import OwedThing, accounts_of_cadres, reminded_on

MOST_AT_HOME = 5


@dataclass(frozen=True, slots=True)
class BehindLine:
    """Somebody who is behind with one thing, and whether they were reminded of it today.

    ``reachable`` says whether anybody who could be reminded has an account.
    """

    behind: Behind
    reminded: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class BehindAtHome:
    """The first of them by due date, and how many there are."""

    lines: Sequence[BehindLine]
    number: int


def behind_at_home(viewer: Viewer, day: date, most: int | None = MOST_AT_HOME) -> BehindAtHome:
    """Return who in the viewer's reach has not done what is due, by due date."""
    found = remembered("behind", duties_in_reach, viewer, day)
    shown = found[:most]
    reminded = reminded_on(db.session(), day, [each.subject_id for each in shown])
    accounts = accounts_of_cadres(
        db.session(), {cadre for each in shown for cadre in each.cadre_ids}
    )
    lines = [
        BehindLine(each, thing_of(each) in reminded, not accounts.keys().isdisjoint(each.cadre_ids))
        for each in shown
    ]
    return BehindAtHome(lines, len(found))


def thing_of(behind: Behind) -> OwedThing:
    """Return what somebody is behind with, as reminders name it."""
    return OwedThing(behind.rule, behind.subject_kind, behind.subject_id, behind.key)


def in_reach(viewer: Viewer, day: date, thing: OwedThing) -> Behind | None:
    """Return who is behind with one thing; None where nobody is whom the viewer may remind."""
    return next((each for each in duties_in_reach(viewer, day) if thing_of(each) == thing), None)
