"""The inbox on the first page of reviewers: how much waits for them, and the first of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.access.viewer import Viewer
from tiesan.admin.inbox.address import Address
from tiesan.admin.inbox.lines import Line, lines_of
from tiesan.admin.inbox.phrases import REVIEWING
from tiesan.admin.inbox.view import url_of_line
from tiesan.admin.shell.remembered import remembered
from tiesan.extensions import db
from tiesan.reviews.inbox import Wanted, items_of, waiting_for

MOST_AT_HOME = 5
# Further than that nothing is counted for a first page.
_MOST_COUNTED = 99
_ALL = Wanted()


@dataclass(frozen=True, slots=True)
class InboxAtHome:
    """The first lines of an inbox, each with its address, and how many flags wait."""

    lines: Sequence[tuple[Line, str]]
    number: str


def inbox_at_home(viewer: Viewer, day: date) -> InboxAtHome | None:
    """Return what waits for a reviewer, as their inbox has it; None for who reviews nothing."""
    if not viewer.has(REVIEWING):
        return None
    return remembered("inbox", _inbox, viewer, day)


def _inbox(viewer: Viewer, day: date) -> InboxAtHome:
    account_id = viewer.account_id or 0
    found = waiting_for(db.session(), account_id, day, _ALL, _MOST_COUNTED + 1)
    items = items_of(db.session(), found, grouped=True)
    lines = lines_of(items[:MOST_AT_HOME], chosen=False)
    addressed = [(line, url_of_line(Address({}), line)) for line in lines]
    return InboxAtHome(addressed, _capped(len(found)))


def _capped(number: int) -> str:
    """Return a number that was counted no further than one beyond the most that is told."""
    return f"{_MOST_COUNTED}+" if number > _MOST_COUNTED else str(number)
