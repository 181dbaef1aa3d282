"""What somebody was told on their first page: reminders on top, all else below their own work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tiesan.access.viewer import Viewer
from tiesan.admin.shell.remembered import remembered
from tiesan.admin.waivers.lines import EndingSoon, ending_soon
from tiesan.clock import day_of, now, today
from tiesan.extensions import db
from tiesan.people.notifications import lines_of
from tiesan.people.reminders import REMINDED
from tiesan.words.notifications import Told, told

_MOST = 8
_TOLD_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ToldAtHome:
    """Of what the viewer was reminded today, and what they were told besides."""

    reminders: Sequence[Told]
    lines: Sequence[Told]
    ending: Sequence[EndingSoon]


def told_at_home(viewer: Viewer) -> ToldAtHome:
    """Return what the viewer was told in the last weeks, the newest first."""
    found = lines_of(db.session(), viewer.account_id, since=now() - _TOLD_FOR, most=_MOST)
    new = {line.id for line in found if line.kind == REMINDED and day_of(line.at) == today()}
    return ToldAtHome(
        [told(line) for line in found if line.id in new],
        [told(line) for line in found if line.id not in new],
        remembered("ending", _ending, viewer, today()),
    )


def _ending(viewer: Viewer, _day: date) -> Sequence[EndingSoon]:
    return ending_soon(viewer)
