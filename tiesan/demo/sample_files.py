"""Small files to hang on requests and records of the fictitious district, drawn when needed."""

from io import BytesIO
from textwrap import dedent

from PIL import Image, ImageDraw

_SIZE = (480, 640)
_PAPER, _INK, _SEAL = (250, 248, 240), (70, 70, 70), (190, 40, 40)
_LINES = range(120, 420, 36)
_PDF = ".pdf"


def sample_file(name: str) -> bytes:
    """Return the content of a sample: an empty page for a PDF, else a photo of a sealed paper.

    The same name always gives the same content.
    """
    return _page() if name.endswith(_PDF) else _paper(len(name.encode()))


def _paper(number: int) -> bytes:
    """A paper with lines, whose lengths depend on a number, and a red seal."""
    picture = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, 456, 616), outline=_INK, width=3)
    draw.rectangle((150, 56, 330, 80), fill=_INK)
    for step, top in enumerate(_LINES):
        draw.rectangle((60, top, 240 + (step * 67 + number * 31) % 180, top + 10), fill=_INK)
    draw.ellipse((300, 440, 430, 570), outline=_SEAL, width=6)
    draw.regular_polygon((365, 505, 30), 3, fill=_SEAL)
    content = BytesIO()
    picture.save(content, "JPEG", quality=80)
    return content.getvalue()


def _page() -> bytes:
    """The smallest PDF of one page that readers open."""
    return dedent("""\
        %PDF-1.4
        1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
        xref
        0 4
        0000000000 65535 f\x20
        0000000009 00000 n\x20
        0000000052 00000 n\x20
        0000000101 00000 n\x20
        trailer<</Size 4/Root 1 0 R>>
        startxref
        164
        %%EOF
        """).encode("ascii")
