"""What somebody was told on their first page: reminders on top, all else below their own work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from tiesan.access.viewer import Viewer
from tiesan.admin.notifications.bell import current_seeing
from tiesan.admin.notifications.leading import place_of
from tiesan.admin.shell.remembered import remembered
from tiesan.admin.waivers.lines import EndingSoon, ending_soon
from tiesan.clock import day_of, now, today
from tiesan.courses.telling import REQUEST_SOON, REQUEST_WAITS
from tiesan.extensions import db
from tiesan.flags.telling import FLAG_CLEARED, FLAG_RAISED, MAJOR_RAISED
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.reading import Narrowed, told_to
from tiesan.people.reminders import REMINDED
from tiesan.reviews.notice_course import NOTICE_ANSWERED, NOTICE_ISSUED
from tiesan.reviews.waiting import ANSWER_WAITS, APPEAL_WAITS
from tiesan.words.due_notifications import (
    DUTY_AHEAD,
    DUTY_TODAY,
    NOTICE_OVERDUE,
    NOTICE_YELLOW,
    RULES_HELD,
    RULES_UNKNOWN,
    RUN_FAILED,
    WAIVER_ENDING,
)
from tiesan.words.notifications import sentence_of

_MOST = 8
# What the first page shows anyway: own flags, what is owed and what waits, waivers that end.
_ELSEWHERE = frozenset(
    {
        ANSWER_WAITS,
        APPEAL_WAITS,
        DUTY_AHEAD,
        DUTY_TODAY,
        FLAG_CLEARED,
        FLAG_RAISED,
        MAJOR_RAISED,
        NOTICE_ANSWERED,
        NOTICE_ISSUED,
        NOTICE_OVERDUE,
        NOTICE_YELLOW,
        REQUEST_SOON,
        REQUEST_WAITS,
        RULES_HELD,
        RULES_UNKNOWN,
        RUN_FAILED,
        WAIVER_ENDING,
    }
)
_SHOWN = tuple(sorted(KINDS.keys() - _ELSEWHERE))
_TOLD_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Told:
    """A line: the sentence, when, and where it leads; ``is_new`` is a reminder of today."""

    id: int
    text: str
    at: datetime
    url: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class ToldAtHome:
    """Of what the viewer was reminded today, and what they were told besides."""

    reminders: Sequence[Told]
    lines: Sequence[Told]
    ending: Sequence[EndingSoon]


def told_at_home(viewer: Viewer) -> ToldAtHome:
    """Return what the viewer was told in the last weeks and may see, the newest first."""
    found = remembered("told", _told, viewer, today())
    return ToldAtHome(
        [line for line in found if line.is_new],
        [line for line in found if not line.is_new],
        remembered("ending", _ending, viewer, today()),
    )


def _told(viewer: Viewer, day: date) -> Sequence[Told]:
    narrowed = Narrowed(kinds=_SHOWN, since=now() - _TOLD_FOR)
    rows = told_to(db.session(), current_seeing(), viewer.account_id or 0, day, narrowed)
    return [
        Told(
            row.id,
            sentence_of(row.kind, row.details),
            row.at,
            place_of(viewer, row.kind, row.row_kind, row.row_id),
            row.kind == REMINDED and day_of(row.at) == day,
        )
        for row in islice(rows, _MOST)
    ]


def _ending(viewer: Viewer, _day: date) -> Sequence[EndingSoon]:
    return ending_soon(viewer)
