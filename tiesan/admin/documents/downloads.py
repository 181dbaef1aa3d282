"""Official documents as files that are made when they are asked for, and kept by nobody here."""

from flask import Response, abort

from tiesan.admin.shell.answers import saved_as
from tiesan.records.attachments.models import DOCX, PDF
from tiesan.reports.documents.docx_form import write_docx
from tiesan.reports.documents.fonts import pdf_possible
from tiesan.reports.documents.official import OfficialDocument
from tiesan.reports.documents.pdf_form import write_pdf

_TYPES = {"docx": DOCX, "pdf": PDF}


def document_file(document: OfficialDocument, kind: str) -> Response:
    """Return a document as a file of a kind, ``docx`` or ``pdf``; 404 for any other."""
    if kind not in _TYPES or (kind == "pdf" and not pdf_possible()):
        abort(404)
    content = write_docx(document) if kind == "docx" else write_pdf(document)
    name = f"{document.number or document.title}.{kind}"
    return saved_as(Response(content, mimetype=_TYPES[kind]), name)
