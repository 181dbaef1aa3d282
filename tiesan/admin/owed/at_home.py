"""What I owe, on the first page: what is due within a month, the first seven of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.access.viewer import Viewer
from tiesan.admin.owed.lines import OwedLine, own_lines
from tiesan.admin.shell.remembered import remembered
from tiesan.clock import today
from tiesan.records.policy import SUPERVISORS

MOST_AT_HOME = 7
DAYS_AT_HOME = 31


@dataclass(frozen=True, slots=True)
class OwedAtHome:
    """The first lines, and how many there are; the page of all is ``owed.index_view``."""

    lines: Sequence[OwedLine]
    number: int


def owed_at_home(viewer: Viewer, done_above: Collection[tuple[str, str]] = ()) -> OwedAtHome | None:
    """Return what the viewer owes, or what they chair; None for who can owe nothing.

    What the viewer owes themself and can do further up on the page (``done_above``, by rule and
    key) is not shown once more. The template is ``owed/at_home.html``; it takes the value as
    ``owed``.
    """
    if not can_owe(viewer):
        return None
    lines = remembered("owed", _lines, viewer, today())
    if not lines and viewer.cadre_id is None:
        return None
    shown = [
        line
        for line in lines
        if line.subject_code != viewer.cadre_code or (line.rule, line.key) not in done_above
    ]
    return OwedAtHome(shown[:MOST_AT_HOME], len(lines))


def _lines(viewer: Viewer, day: date) -> Sequence[OwedLine]:
    return own_lines(viewer, day, DAYS_AT_HOME)


def can_owe(viewer: Viewer) -> bool:
    """Whether somebody can owe anything, or see to what nobody chairs."""
    return not viewer.left and (viewer.cadre_id is not None or viewer.has(SUPERVISORS))
