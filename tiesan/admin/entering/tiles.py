"""Tiles: what the viewer may enter, each with its form, what they enter most coming first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, url_for
from sqlalchemy import func, literal, select, union_all

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.courses.view import CourseView
from tiesan.admin.records.view import RecordView
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.places import ENTER, LOG, REQUEST
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of

# What somebody enters in a season says what they enter.
_LOOKING_BACK = timedelta(days=90)

Pages = RecordView[Record]


@dataclass(frozen=True, slots=True)
class Tile:
    """Something to enter: what doing so is called, of which institution it is, and its form."""

    kind: str
    words: str
    institution: str
    url: str


def own_tiles() -> list[Tile]:
    """What the viewer logs: their own, and that of an organization that they chair."""
    found = [tile for view in _open_views() for tile in _own(view)]
    return _most_used_first(found)


def request_tiles() -> list[Tile]:
    """What the viewer may ask for."""
    return [tile for view in _open_views() for tile in _requests(view)]


def other_tiles() -> tuple[list[Tile], list[Tile]]:
    """What the viewer enters for those they answer for, and what they may enter late (补录)."""
    views = [view for view in _open_views() if view.enters_for_others or _grid(view)]
    often = [_others(view) for view in views if view.at == ENTER or _grid(view)]
    late = [_others(view) for view in views if view.at != ENTER and not _grid(view)]
    return _most_used_first(often), late


def _open_views() -> list[Pages]:
    """The pages of records that the viewer may open, of institutions that are switched on."""
    off = switched_off()
    views: Iterable[Pages] = current_app.extensions["record_views"]
    return [view for view in views if view.plugin.name not in off and view.is_accessible()]


def _own(view: Pages) -> Iterator[Tile]:
    if view.at != LOG or not (view.enters_own or (view.fills and not view.enters_for_others)):
        return
    yield _tile(view, view.entering_words, url_for(f"{view.endpoint}.create_view", own=1))


def _requests(view: Pages) -> Iterator[Tile]:
    if isinstance(view, CourseView) and view.at == REQUEST:
        for verb in view.verbs_that_begin:
            url = url_for(f"{view.endpoint}.begin_view", verb=verb.name)
            yield _tile(view, str(verb.word), url)


def _grid(view: Pages) -> bool:
    """Whether a viewer who answers for others fills in a grid of these rows."""
    return view.fills and (view.enters_for_others or view.at == ENTER)


def _others(view: Pages) -> Tile:
    if _grid(view):
        return _tile(view, view.filling_words, url_for(f"{view.endpoint}.grid_view", own=0))
    return _tile(view, str(view.kind.title), url_for(f"{view.endpoint}.create_view", own=0))


def _tile(view: Pages, words: str, url: str) -> Tile:
    return Tile(view.kind.name, words, str(view.plugin.title), url)


def _most_used_first(tiles: list[Tile]) -> list[Tile]:
    """Tiles by how often the viewer entered such a row of late; the rest as they stand."""
    times = _times_entered({tile.kind for tile in tiles}, current_viewer())
    return sorted(tiles, key=lambda tile: -times.get(tile.kind, 0))


def _times_entered(kinds: set[str], viewer: Viewer) -> Mapping[str, int]:
    """How often the viewer entered a row of each kind of late."""
    views: Iterable[Pages] = current_app.extensions["record_views"]
    tables = {record_kind(each.record).name: table_of(each.record) for each in views}
    counted = [
        select(literal(kind).label("kind"), func.count().label("times")).where(
            tables[kind].c.recorded_by_id == viewer.account_id,
            tables[kind].c.recorded_at >= now() - _LOOKING_BACK,
        )
        for kind in sorted(kinds)
    ]
    if not counted:
        return {}
    return dict(db.session.execute(union_all(*counted)).all())
