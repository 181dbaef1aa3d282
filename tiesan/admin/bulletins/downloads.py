"""What is downloaded of a bulletin besides its stored files: drafts, and the numbers as a table."""

from collections.abc import Iterator
from typing import Any

from flask import Response, abort

from tiesan.admin.lists.exporting import Cell, xlsx_response
from tiesan.bulletins.models import Bulletin
from tiesan.i18n import _
from tiesan.records.attachments.models import DOCX, PDF
from tiesan.reports.bulletins.composing import title_of
from tiesan.reports.bulletins.frozen import FrozenCell, FrozenNumbers, written
from tiesan.reports.documents.docx_form import write_docx
from tiesan.reports.documents.fonts import pdf_possible
from tiesan.reports.documents.official import OfficialDocument
from tiesan.reports.documents.pdf_form import write_pdf
from tiesan.reports.figure_counts import Unit

_TYPES = {"docx": DOCX, "pdf": PDF}


def draft_file(document: OfficialDocument, kind: str) -> Response:
    """Return a document as a file of a kind, ``docx`` or ``pdf``; 404 for any other."""
    if kind not in _TYPES or (kind == "pdf" and not pdf_possible()):
        abort(404)
    content = write_docx(document) if kind == "docx" else write_pdf(document)
    answer = Response(content, mimetype=_TYPES[kind])
    name = f"{document.number or document.title}.{kind}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


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
