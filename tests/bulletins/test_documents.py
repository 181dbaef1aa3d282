"""The official form, measured in the DOCX and in the PDF as it is drawn."""

import io
from collections import defaultdict
from datetime import date
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from tiesan.reports.documents import measures as form
from tiesan.reports.documents.docx_form import write_docx
from tiesan.reports.documents.fonts import replaced_faces
from tiesan.reports.documents.official import (
    Heading,
    OfficialDocument,
    Paragraph,
    Table,
    ordinal,
)
from tiesan.reports.documents.pdf_form import shipped_only, write_pdf

PLACES = 40
DATED = date(2026, 11, 9)
# Characters of the first and the second level, and some that are rarely seen.
TEXT = "工会联合会二〇二六年度督查通报铁山区仿宋楷黑标題龘㬎犇淼"
LETTER = OfficialDocument(
    issuer="铁山区总工会",
    number="铁工通〔2026〕3号",
    title="关于2026年10月工会工作情况的通报",
    addressee="各工会联合会、直属企业工会",
    blocks=(
        Paragraph(TEXT),
        Heading(1, "一、总体情况"),
        Paragraph("字" * form.CHARACTERS * form.LINES * 2),
        Heading(2, "（一）东城联合会"),
        Table(
            "表1　学习情况",
            ("组织", "应尽", "已尽"),
            tuple((f"第{number}街道工会联合会", "12", "11（+1）") for number in range(PLACES)),
        ),
    ),
    dated=DATED,
    copies="区委办公室",
)


@pytest.fixture(scope="module")
def docx() -> Any:
    return Document(io.BytesIO(write_docx(LETTER)))


@pytest.fixture(scope="module")
def pdf() -> Any:
    found = pypdfium2.PdfDocument(write_pdf(LETTER))
    yield found
    found.close()


def paragraph(docx: Any, text: str) -> Any:
    return next(each for each in docx.paragraphs if text in each.text)


def test_the_page_of_a_docx(docx: Any) -> None:
    section = docx.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    # A margin is kept in twips, of which one is less than a fiftieth of a millimetre.
    assert [round(each.mm, 1) for each in margins] == [37, 28, 35, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert {name: grid.get(qn(f"w:{name}")) for name in ("type", "linePitch", "charSpace")} == {
        "type": "linesAndChars", "linePitch": "579", "charSpace": "-849",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "face", "points"),
    [("总工会文件", "方正小标宋简体", 48), ("铁工通", "仿宋_GB2312", 16),
     ("关于2026年", "方正小标宋简体", 22), ("各工会联合会", "仿宋_GB2312", 16),
     ("一、总体", "黑体", 16), ("（一）东城", "楷体_GB2312", 16), ("字字", "仿宋_GB2312", 16)],
)  # fmt: skip
def test_faces_and_sizes_of_a_docx(docx: Any, text: str, face: str, points: int) -> None:
    run = paragraph(docx, text).runs[0]
    fonts = run._r.rPr.find(qn("w:rFonts"))
    assert {fonts.get(qn(f"w:{each}")) for each in ("eastAsia", "ascii", "hAnsi")} == {face}
    assert run.font.size == Pt(points)


def test_the_head_and_the_end_of_a_docx(docx: Any) -> None:
    issuer, number = paragraph(docx, "总工会文件"), paragraph(docx, "铁工通")
    assert str(issuer.runs[0].font.color.rgb) == "FF0000"
    assert round(issuer.paragraph_format.space_before.mm, 1) == 35
    line = number._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))
    assert line.get(qn("w:color")) == "FF0000"
    assert int(line.get(qn("w:space"))) == round(4 * 72 / 25.4)
    body = paragraph(docx, TEXT)
    assert body._p.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    dated = paragraph(docx, "2026年11月9日")
    assert dated._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"
    foot = docx.tables[-1]
    assert [cell.text for cell in foot.rows[-1].cells] == ["铁山区总工会", "2026年11月9日印发"]
    placed = foot._tbl.tblPr.find(qn("w:tblpPr"))
    assert placed.get(qn("w:tblpYSpec")) == "bottom"
    borders = foot._tbl.tblPr.find(qn("w:tblBorders"))
    widths = {each.tag.split("}")[1]: int(each.get(qn("w:sz"))) for each in borders}
    assert widths == {"top": 8, "bottom": 8, "insideH": 6}


def test_the_page_number_of_a_docx(docx: Any) -> None:
    section = docx.sections[0]
    assert docx.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        written = footer.paragraphs[0]
        assert written.text.replace("PAGE", "") == "—  —"
        assert written._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert written.runs[0].font.size == Pt(14)


def test_rows_of_a_docx_are_not_broken(docx: Any) -> None:
    table = docx.tables[0]
    assert len(table.rows) == PLACES + 1
    for row in table.rows:
        assert row._tr.trPr.find(qn("w:cantSplit")) is not None
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def lines_of(page: Any) -> dict[int, list[tuple[float, str]]]:
    """The characters of a page by line: where each begins, and which it is."""
    text, found = page.get_textpage(), defaultdict(list)
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1)
        if character.strip():
            left, bottom, _right, _top = text.get_charbox(index, loose=True)
            found[round(bottom)].append((left, character))
    return dict(found)


def test_a_page_has_22_lines_of_28_characters(pdf: Any) -> None:
    """The second page is full of one character, but for its number."""
    lines = [line for line in lines_of(pdf[1]).values() if line[0][1] == "字"]
    assert len(lines) == form.LINES
    assert {len(line) for line in lines} == {form.CHARACTERS}
    first = min(left for line in lines for left, _each in line)
    last = max(left for line in lines for left, _each in line)
    assert abs(first / form.POINTS_PER_MILLIMETRE - form.LEFT) < 0.5
    assert last + form.SIZE_3 <= (form.PAGE_WIDTH - form.RIGHT) * form.POINTS_PER_MILLIMETRE + 1


def test_every_glyph_of_a_pdf_is_there(pdf: Any) -> None:
    """What a font has not got is drawn as the same box, whichever character it is."""
    page, scale = pdf[0], 4
    text, drawn = page.get_textpage(), page.render(scale=scale).to_pil().convert("L")
    pictures: dict[bytes, str] = {}
    missing = set(TEXT)
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1)
        if character not in missing:
            continue
        missing.discard(character)
        left, bottom, right, top = text.get_charbox(index, loose=True)
        height = page.get_height()
        box = tuple(round(each * scale) for each in (left, height - top, right, height - bottom))
        picture = drawn.crop(box).resize((32, 32))
        assert min(picture.tobytes()) < 128, character
        assert picture.tobytes() not in pictures, (character, pictures.get(picture.tobytes()))
        pictures[picture.tobytes()] = character
    assert missing == set()


def test_no_row_of_a_table_is_broken(pdf: Any) -> None:
    """Each of the 40 stands whole on one page, and the head on each of them."""
    rows, heads = 0, 0
    for page in pdf:
        said = page.get_textpage().get_text_range()
        rows += said.count("街道工会联合会")
        heads += said.count("应尽")
        assert said.count("街道工会联合会") == said.count("11（+1）")
    assert rows == PLACES
    assert heads > 1


def test_the_foot_stands_on_the_last_page(pdf: Any) -> None:
    said = [page.get_textpage().get_text_range() for page in pdf]
    assert ["印发" in each for each in said] == [False] * (len(said) - 1) + [True]
    for number, each in enumerate(said, start=1):
        assert f"— {number} —" in each
    last = lines_of(pdf[len(said) - 1])
    printed = [bottom for bottom, line in last.items() if any(c == "印" for _left, c in line)]
    assert 0 < min(printed) - form.BOTTOM * form.POINTS_PER_MILLIMETRE < form.SIZE_3


def test_page_numbers_stand_outside(pdf: Any) -> None:
    """On odd pages at the right, on even ones at the left."""
    for number, page in enumerate(pdf, start=1):
        lowest = min(lines_of(page).items())[1]
        at_right = min(left for left, _each in lowest) > page.get_width() / 2
        assert at_right is (number % 2 == 1)


def test_nothing_is_fetched() -> None:
    fetcher = shipped_only()
    for url in ("http://127.0.0.1/x.css", "https://example.org/", "file:///etc/passwd",
                "data:text/css,p{}", "ftp://127.0.0.1/"):  # fmt: skip
        with pytest.raises(ValueError, match="nothing is fetched"):
            fetcher.fetch(url)


def test_what_a_document_says_is_text(pdf: Any) -> None:
    """What looks like a tag is written as it is."""
    said = "<img src='http://127.0.0.1/'><b>&amp;"
    document = OfficialDocument("甲区总工会", "", said, said, (Paragraph(said),), None)
    found = pypdfium2.PdfDocument(write_pdf(document))
    assert found[0].get_textpage().get_text_range().replace("\r\n", "").count("<b>&amp;") == 3
    found.close()
    written = Document(io.BytesIO(write_docx(document)))
    assert sum(said in each.text for each in written.paragraphs) == 3


def test_headings_count_in_chinese() -> None:
    assert [ordinal(each) for each in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]
    with pytest.raises(ValueError, match="100"):
        ordinal(100)


def test_replaced_faces_are_named() -> None:
    """Each face that is not here is named with the one that stands for it."""
    for face, other in replaced_faces().items():
        assert face != other
