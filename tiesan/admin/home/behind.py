"""*Who is behind*, on the first page of those who look after others, and its own page of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from flask import current_app
from sqlalchemy import func, select

from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer
from tiesan.admin.owed.behind import Behind, duties_in_reach
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.i18n import current_language
from tiesan.people.reminders import OwedThing, accounts_of_cadres, reminded_on
from tiesan.records.kinds import table_of

MOST_AT_HOME = 5
# Of so many who looked last it is kept who is behind.
_KEPT, _MOST_KEPT = "who is behind", 80
_ENTRY = table_of(AuditEntry)
_WRITTEN = select(func.max(_ENTRY.c.id))
# Who asks, the day, the last entry of the trail, the rules and what is wrong with them, language.
_State: TypeAlias = tuple[Viewer, date, int | None, str, tuple[str, ...], str]


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
    found = _known(viewer, day)
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


def _known(viewer: Viewer, day: date) -> Sequence[Behind]:
    """Who is behind, found anew as soon as anything was written since.

    Every write has an entry in the audit trail, so that its last number tells one state of the
    database from the next. To judge a whole district ahead takes longer than all else on the page.
    """
    known: dict[_State, Sequence[Behind]] = current_app.extensions.setdefault(_KEPT, {})
    written = db.session.connection().scalar(_WRITTEN)
    rules = installed().digest, rule_problems()
    state = viewer, day, written, *rules, current_language()
    found = known.get(state)
    if found is None:
        if len(known) >= _MOST_KEPT:
            known.clear()
        found = known[state] = duties_in_reach(viewer, day)
    return found


def thing_of(behind: Behind) -> OwedThing:
    """Return what somebody is behind with, as reminders name it."""
    return OwedThing(behind.rule, behind.subject_kind, behind.subject_id, behind.key)


def in_reach(viewer: Viewer, day: date, thing: OwedThing) -> Behind | None:
    """Return who is behind with one thing; None where nobody is whom the viewer may remind."""
    return next((each for each in duties_in_reach(viewer, day) if thing_of(each) == thing), None)
