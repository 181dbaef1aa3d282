"""An official document as PDF, laid out by WeasyPrint from HTML that names nothing outside.

WeasyPrint is an extra: without it ``write_pdf`` is not to be called (``fonts.pdf_possible``).
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.paths import PACKAGE
from tiesan.reports.documents import measures as form
from tiesan.reports.documents.fonts import family, pdf_possible
from tiesan.reports.documents.official import (
    Block,
    Heading,
    OfficialDocument,
    Paragraph,
    Table,
    width_in_characters,
    written_day,
)

_IN_FROM_RIGHT = 4
_SHEET = (Path(__file__).parent / "official.css").read_text(encoding="utf-8")


def write_pdf(document: OfficialDocument) -> bytes:
    """Return an official document as the bytes of a PDF file.

    Raises UserError where WeasyPrint, an extra, is not installed.
    """
    if not pdf_possible():
        raise UserError(_("PDF files cannot be written here: the extra “pdf” is not installed."))
    # An extra is imported where it is used: without it, nothing of this module fails before.
    weasyprint: Any = import_module("weasyprint")
    html = weasyprint.HTML(string=str(official_html(document)), url_fetcher=shipped_only())
    content: bytes = html.write_pdf()
    return content


def shipped_only() -> Any:
    """Return what fetches for WeasyPrint: files of this package, and nothing else."""
    urls: Any = import_module("weasyprint.urls")

    class ShippedFiles(urls.URLFetcher):  # type: ignore[misc] # WeasyPrint carries no types
        """Refuses every address that is no file shipped with the package."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Return the content of a shipped file; raises ValueError for anything else."""
            begun = PACKAGE.resolve().as_uri() + "/"
            if not url.startswith(begun) or "/.." in url or "%" in url:
                message = f"nothing is fetched for a document: {url}"
                raise ValueError(message)
            return super().fetch(url, headers)

    return ShippedFiles(allowed_protocols=("file",), allow_redirects=False)


# --- HTML -----------------------------------------------------------------------------------------


def official_html(document: OfficialDocument) -> Markup:
    """Return a document as HTML with its style sheet inside; what it says is escaped."""
    parts = [_head(document), _title(document)]
    parts += [_block(each) for each in document.blocks]
    parts.append(_end(document))
    return Markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{}</title>'
        "<style>{}</style></head><body>{}</body></html>"
    ).format(document.title, Markup(_style()), Markup("").join(parts))  # noqa: S704 - our own file


def _style() -> str:
    """The style sheet, with the measures and the faces of the form in their places."""
    values = {
        "TITLE": family(form.TITLE_FACE),
        "BODY": family(form.BODY_FACE),
        "FIRST": family(form.FIRST_FACE),
        "SECOND": family(form.SECOND_FACE),
        "PAGE": family(form.PAGE_FACE),
        "MARGINS": f"{form.TOP}mm {form.RIGHT}mm {form.BOTTOM}mm {form.LEFT}mm",
        "LINE": f"{form.PDF_LINE}mm",
        "SPACING": f"{form.PDF_SPACING}pt",
        "BELOW": f"{form.NUMBER_BELOW}mm",
    }
    sheet = _SHEET
    for name, value in values.items():
        sheet = sheet.replace(f"var(--{name})", value)
    return sheet


def _head(document: OfficialDocument) -> Markup:
    named = f"{document.issuer}文件"
    above = form.PDF_LINE if document.marked else 0.0
    marked = Markup('<p class="marked">{}</p>').format(document.marked) if document.marked else ""
    return Markup(
        '{}<p class="issuer" style="font-size: {}pt; padding-top: {}mm">{}</p>'
        '<p class="number">{}</p>'
    ).format(
        marked, form.issuer_size(named), form.ISSUER_BELOW - above, named, document.number or " "
    )


def _title(document: OfficialDocument) -> Markup:
    title = Markup("<h1>{}</h1>").format(document.title)
    if not document.addressee:
        return title
    return title + Markup('<p class="to">{}：</p>').format(document.addressee)


def _block(block: Block) -> Markup:
    match block:
        case Heading(level=level, text=text):
            return Markup('<p class="level-{}">{}</p>').format(level, text)
        case Paragraph(text=text):
            lines = (Markup("<p>{}</p>").format(line) for line in text.splitlines())
            return Markup("").join(lines)
        case Table():
            return _table(block)


def _table(table: Table) -> Markup:
    head = Markup("").join(Markup("<th>{}</th>").format(each) for each in table.head)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in table.rows
    )
    return Markup(
        '<p class="table-title">{}</p><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(table.title, head, rows)


def _end(document: OfficialDocument) -> Markup:
    date = "" if document.dated is None else written_day(document.dated)
    middle = _IN_FROM_RIGHT + width_in_characters(date) / 2
    lines = Markup("").join(
        Markup('<p style="padding-right: {}em">{}</p>').format(
            max(0.0, middle - width_in_characters(text) / 2), text or " "
        )
        for text in (document.issuer, date)
    )
    return Markup('{}<div class="signed">{}</div>{}').format(
        _attachments(document), lines, _foot(document, date)
    )


def _attachments(document: OfficialDocument) -> Markup:
    several = len(document.attachments) > 1
    lines = [
        Markup('<p class="{}">{}{}{}</p>').format(
            "attached first" if index == 0 else "attached",
            "附件：" if index == 0 else "　　　",
            f"{index + 1}．" if several else "",
            name,
        )
        for index, name in enumerate(document.attachments)
    ]
    return Markup("").join(lines)


def _foot(document: OfficialDocument, date: str) -> Markup:
    """Copies, who printed it and when; it stands at the foot of the page that it comes to."""
    copies = Markup("")
    if document.copies:
        copies = Markup('<p class="copies">抄送：{}。</p>').format(document.copies)
    printed = f"{date}印发" if date else ""
    return Markup(
        '<div class="room"><div class="foot">{}'
        '<p class="printed"><span>{}</span><span class="on">{}</span></p></div></div>'
    ).format(copies, document.issuer, printed)
