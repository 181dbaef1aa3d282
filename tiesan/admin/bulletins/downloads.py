"""The numbers of a bulletin as a workbook."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from tiesan.admin.lists.exporting import Cell, xlsx_response
from tiesan.bulletins.models import Bulletin
from tiesan.i18n import _
from tiesan.reports.bulletins.composing import title_of
from tiesan.reports.bulletins.frozen import FrozenCell, FrozenNumbers, written
from tiesan.reports.figure_counts import Unit


def numbers_book(bulletin: Bulletin) -> Response:
    """Return the numbers that are not left out as a workbook, an organization in each row."""
    frozen = FrozenNumbers(bulletin.numbers)
    columns = [each for each in frozen.columns if each.key not in bulletin.left_out]
    titles = [_("Code"), _("Organization"), *(each.title for each in columns)]

    def rows() -> Iterator[list[Cell]]:
        for place in frozen.places:
            cells = [_value(frozen.cell(place.id, each.key), each.unit) for each in columns]
            yield [place.code, place.name, *cells]

    name = f"{bulletin.reference or title_of(bulletin)}.xlsx"
    return xlsx_response(name, titles, rows())


def _value(cell: FrozenCell, unit: str) -> Any:
    """A plain number where it is one, otherwise as it is written."""
    plain = unit == Unit.NUMBER and cell.of is None
    return cell.value if plain else written(cell, unit)
