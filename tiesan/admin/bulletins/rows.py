"""The rows that a number of a bulletin counts, as far as the viewer may open them."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.access.installation import installed
from tiesan.bulletins.models import Bulletin
from tiesan.extensions import Base, db
from tiesan.flags.follow_up import NOTICE, Notice
from tiesan.flags.models import Flag
from tiesan.reports.bulletins.frozen import FrozenCell, FrozenColumn, FrozenNumbers, written
from tiesan.rules import FLAG
from tiesan.words.flags import message_of
from tiesan.words.rows import endpoint_of, row_id_of
from tiesan.words.values import name_of

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CountedRows:
    """A number, and the rows behind it: their names and addresses; ``hidden`` are not for him."""

    place: str
    title: str
    value: str
    lines: list[tuple[str, str]]
    hidden: int


def counted_rows(bulletin: Bulletin, place_id: str, key: str) -> CountedRows | None:
    """Return the rows of a number by organization and column; None where there is no such number.

    What was frozen may have changed since, or not be for the viewer: it is counted as hidden.
    """
    frozen = FrozenNumbers(bulletin.numbers)
    place = next((each for each in frozen.places if str(each.id) == place_id), None)
    column: FrozenColumn | None = next((each for each in frozen.columns if each.key == key), None)
    if place is None or column is None:
        return None
    cell = frozen.cell(place.id, key)
    lines = list(_lines(cell))
    return CountedRows(
        place.name, column.title, written(cell, column.unit), lines, len(cell.rows) - len(lines)
    )


def _lines(cell: FrozenCell) -> Iterator[tuple[str, str]]:
    by_kind: dict[str, list[int]] = {}
    for kind, row_id in cell.rows:
        by_kind.setdefault(kind, []).append(row_id)
    known: dict[str, type[Base]] = {FLAG.name: Flag, NOTICE: Notice, **installed().records}
    for kind, ids in by_kind.items():
        if kind in known:
            yield from _of_kind(known[kind], sorted(set(ids))[:_AT_ONCE])


def _of_kind(model: type[Base], ids: list[int]) -> Iterator[tuple[str, str]]:
    chosen = select(model).where(row_id_of(model).in_(ids), readable_rows(model))
    for row in db.session.scalars(chosen.order_by(row_id_of(model))):
        name = message_of(row) if isinstance(row, Flag) else name_of(row)
        endpoint = "flag" if isinstance(row, Flag) else endpoint_of(model)
        number: int = getattr(row, "id")  # noqa: B009 - every class has one, the base has none
        yield name, url_for(f"{endpoint}.details_view", id=number)
