"""Notifications as lines of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tiesan.access.viewer import Viewer
from tiesan.admin.notifications.leading import place_of
from tiesan.notifications.kinds import KINDS
from tiesan.words.notifications import sentence_of


@dataclass(frozen=True, slots=True)
class Line:
    """A notification: its sentence, what it is called, when, whether unread, and where it leads."""

    id: int
    text: str
    title: str
    at: datetime
    is_unread: bool
    url: str | None


def lines_of(viewer: Viewer, rows: Iterable[Any]) -> list[Line]:
    """Return notifications, as they are stored, as lines for their reader."""
    return [_line(viewer, row) for row in rows]


def _line(viewer: Viewer, row: Any) -> Line:
    kind = KINDS.get(row.kind)
    return Line(
        id=row.id,
        text=sentence_of(row.kind, row.details),
        title="" if kind is None else str(kind.title),
        at=row.at,
        is_unread=row.read_at is None,
        url=place_of(viewer, row.kind, row.row_kind, row.row_id),
    )
