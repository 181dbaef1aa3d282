"""An official document as DOCX, written from code by python-docx; fonts are named, not embedded."""

import io
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from tiesan.reports.documents import measures as form
from tiesan.reports.documents.official import (
    Block,
    Heading,
    OfficialDocument,
    Paragraph,
    Table,
    width_in_characters,
    written_day,
)

_FACES = {1: form.FIRST_FACE, 2: form.SECOND_FACE}
# Eighths of a point, and the points between the number and the red line.
_EIGHTHS = 8
_RED_LINE = 12
_IN_FROM_RIGHT = 4
_HUNDREDTHS = 100


def write_docx(document: OfficialDocument) -> bytes:
    """Return an official document as the bytes of a DOCX file."""
    written = Document()
    _prepare(written)
    _head(written, document)
    _title(written, document)
    for block in document.blocks:
        _block(written, block)
    _end(written, document)
    content = io.BytesIO()
    written.save(content)
    return content.getvalue()


# --- page and grid --------------------------------------------------------------------------------


def _prepare(written: Any) -> None:
    section = written.sections[0]
    section.page_width, section.page_height = Mm(form.PAGE_WIDTH), Mm(form.PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(form.TOP), Mm(form.BOTTOM)
    section.left_margin, section.right_margin = Mm(form.LEFT), Mm(form.RIGHT)
    below = form.BOTTOM - form.NUMBER_BELOW
    section.footer_distance = Mm(below) - Pt(form.SIZE_4)
    properties = section._sectPr  # noqa: SLF001 - python-docx has no name for the grid
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(
        _element(
            "w:docGrid",
            type="linesAndChars",
            linePitch=form.LINE_PITCH,
            charSpace=form.CHARACTER_SPACE,
        )
    )
    style = written.styles["Normal"]
    style.font.size = Pt(form.SIZE_3)
    _name_face(style.element.get_or_add_rPr(), form.BODY_FACE)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1
    written.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "w:rightChars")
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "w:leftChars")


def _page_number(footer: Any, side: Any, indent: str) -> None:
    """A dash, the number, a dash; one character in from its side."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    _indent(paragraph, {indent: _HUNDREDTHS})
    _run(paragraph, "— ", form.PAGE_FACE, form.SIZE_4)
    number = _run(paragraph, "", form.PAGE_FACE, form.SIZE_4)
    for kind in ("begin", "instrText", "end"):
        if kind == "instrText":
            command = OxmlElement("w:instrText")
            command.text = "PAGE"
            number._r.append(command)  # noqa: SLF001 - a field has no name of its own
        else:
            number._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001 - as above
    _run(paragraph, " —", form.PAGE_FACE, form.SIZE_4)


# --- head, title, body ----------------------------------------------------------------------------


def _head(written: Any, document: OfficialDocument) -> None:
    """The issuer in red, the number two lines below it, and the red line."""
    if document.marked:
        marked = written.add_paragraph()
        _run(marked, document.marked, form.FIRST_FACE, form.SIZE_3)
    named = f"{document.issuer}文件"
    size = form.issuer_size(named)
    issuer = written.add_paragraph()
    issuer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    # A marking takes a line of the space above the issuer.
    above = Mm(form.ISSUER_BELOW) - (Pt(form.LINE_PITCH / 20) if document.marked else 0)
    issuer.paragraph_format.space_before = above
    _exactly(issuer, size)
    run = _run(issuer, named, form.TITLE_FACE, size)
    run.font.color.rgb = RGBColor.from_string(form.RED)
    _blank(written, 2)
    number = written.add_paragraph()
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(number, document.number, form.BODY_FACE, form.SIZE_3)
    below = round(form.RED_LINE_BELOW * form.POINTS_PER_MILLIMETRE)
    border = _element("w:bottom", val="single", sz=_RED_LINE, space=below, color=form.RED)
    borders = OxmlElement("w:pBdr")
    borders.append(border)
    number._p.get_or_add_pPr().append(borders)  # noqa: SLF001 - borders have no name there
    _blank(written, 2)


def _title(written: Any, document: OfficialDocument) -> None:
    title = written.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, document.title, form.TITLE_FACE, form.SIZE_2)
    _blank(written, 1)
    if document.addressee:
        _run(written.add_paragraph(), f"{document.addressee}：", form.BODY_FACE, form.SIZE_3)


def _block(written: Any, block: Block) -> None:
    match block:
        case Heading(level=level, text=text):
            heading = _indented(written)
            heading.paragraph_format.keep_with_next = True
            _run(heading, text, _FACES[level], form.SIZE_3)
        case Paragraph(text=text):
            for line in text.splitlines():
                _run(_indented(written), line, form.BODY_FACE, form.SIZE_3)
        case Table():
            _table(written, block)


def _indented(written: Any) -> Any:
    """A paragraph whose first line begins two characters in."""
    paragraph = written.add_paragraph()
    _indent(paragraph, {"w:firstLineChars": 2 * _HUNDREDTHS})
    return paragraph


def _table(written: Any, table: Table) -> None:
    """A table whose rows are not broken, and whose head stands on each page."""
    title = written.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.keep_with_next = True
    _run(title, table.title, form.FIRST_FACE, form.SIZE_4)
    drawn = written.add_table(rows=0, cols=len(table.head), style="Table Grid")
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    for index, cells in enumerate((table.head, *table.rows)):
        row = drawn.add_row()
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - rows have no name for these
        properties.append(OxmlElement("w:cantSplit"))
        if index == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for at, text in enumerate(cells):
            paragraph = row.cells[at].paragraphs[0]
            left = at == 0 and index > 0
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
            _off_grid(paragraph)
            face = form.FIRST_FACE if index == 0 else form.BODY_FACE
            _run(paragraph, text, face, form.SIZE_5)


# --- end ------------------------------------------------------------------------------------------


def _end(written: Any, document: OfficialDocument) -> None:
    """Attachments, issuer and date with room for the seal, and what stands at the foot."""
    if document.attachments:
        _blank(written, 1)
        for index, name in enumerate(document.attachments):
            begun = "附件：" if index == 0 else "　　　"
            number = f"{index + 1}．" if len(document.attachments) > 1 else ""
            _run(_indented(written), f"{begun}{number}{name}", form.BODY_FACE, form.SIZE_3)
    _blank(written, 2)
    date = "" if document.dated is None else written_day(document.dated)
    middle = _IN_FROM_RIGHT + width_in_characters(date) / 2
    for text in (document.issuer, date):
        signed = written.add_paragraph()
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.keep_together = True
        signed.paragraph_format.keep_with_next = text == document.issuer
        in_from_right = max(0.0, middle - width_in_characters(text) / 2)
        _indent(signed, {"w:rightChars": round(in_from_right * _HUNDREDTHS)})
        _run(signed, text, form.BODY_FACE, form.SIZE_3)
    _foot(written, document, date)


def _foot(written: Any, document: OfficialDocument, date: str) -> None:
    """Copies, who printed it and when, between lines at the foot of the last page."""
    lines = [(f"抄送：{document.copies}。", "")] if document.copies else []
    lines.append((document.issuer, f"{date}印发" if date else ""))
    table = written.add_table(rows=len(lines), cols=2)
    properties = table._tbl.tblPr  # noqa: SLF001 - a floating table has no name there
    properties.append(
        _element(
            "w:tblpPr",
            horzAnchor="margin",
            tblpXSpec="left",
            vertAnchor="margin",
            tblpYSpec="bottom",
        )
    )
    borders = OxmlElement("w:tblBorders")
    for side, width in (("top", form.THICK), ("bottom", form.THICK), ("insideH", form.THIN)):
        eighths = round(width * form.POINTS_PER_MILLIMETRE * _EIGHTHS)
        borders.append(_element(f"w:{side}", val="single", sz=eighths, space=0, color="000000"))
    properties.append(borders)
    for row, texts in zip(table.rows, lines, strict=True):
        cells = row.cells if texts[1] else (row.cells[0].merge(row.cells[1]),)
        for cell, text, side in zip(cells, texts, ("left", "right"), strict=False):
            paragraph = cell.paragraphs[0]
            right = side == "right"
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
            _indent(paragraph, {f"w:{side}Chars": _HUNDREDTHS})
            _run(paragraph, text, form.BODY_FACE, form.SIZE_4)


# --- small parts ----------------------------------------------------------------------------------


def _blank(written: Any, number: int) -> None:
    for _each in range(number):
        written.add_paragraph()


def _exactly(paragraph: Any, points: float) -> None:
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)


def _off_grid(paragraph: Any) -> None:
    paragraph._p.get_or_add_pPr().append(_element("w:snapToGrid", val="0"))  # noqa: SLF001 - as said


def _indent(paragraph: Any, characters: dict[str, int]) -> None:
    """Indent by hundredths of a character, as Word counts, and in twips for who does not."""
    found = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 - as said
    for name, hundredths in characters.items():
        found.set(qn(name), str(hundredths))
        twips = round(hundredths * form.SIZE_3 * 20 / _HUNDREDTHS)
        found.set(qn(name.removesuffix("Chars")), str(twips))


def _run(paragraph: Any, text: str, face: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    _name_face(run._r.get_or_add_rPr(), face)  # noqa: SLF001 - eastAsia has no name there
    return run


def _name_face(properties: Any, face: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), face)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _element(name: str, **attributes: object) -> Any:
    found = OxmlElement(name)
    for key, value in attributes.items():
        found.set(qn(f"w:{key}"), str(value))
    return found
