"""What files are kept, as what, and what is said of all others; none of them does any harm."""

import resource
import time
from io import BytesIO

import pytest
from PIL import Image

from tests.attachments import files
from tests.attachments.files import archive, docx, picture
from tiesan.i18n import use_language
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.fit import UnfitFileError
from tiesan.records.attachments.models import ENDINGS, LARGEST_FILE, NAME_LENGTH, PICTURES
from tiesan.records.attachments.names import clean_name

OFFICE = "application/vnd.openxmlformats-officedocument"
TAKEN = {
    "jpeg": (picture(), "image/jpeg"),
    "grey jpeg": (picture(mode="L"), "image/jpeg"),
    "jpeg for printing": (picture(mode="CMYK"), "image/jpeg"),
    "png": (picture("PNG"), "image/png"),
    "png of few colours": (picture("PNG", mode="P"), "image/png"),
    "png of two colours": (picture("PNG", mode="1"), "image/png"),
    "png of 16 bits": (files.deep_grey(), "image/png"),
    "png, transparent": (picture("PNG", mode="RGBA"), "image/png"),
    "webp": (picture("WEBP"), "image/webp"),
    "pdf": (files.PDF, "application/pdf"),
    "ofd": (archive(files.OFD), "application/ofd"),
    "docx": (docx(), f"{OFFICE}.wordprocessingml.document"),
    "xlsx": (archive(files.XLSX), f"{OFFICE}.spreadsheetml.sheet"),
    "pptx": (archive(files.PPTX), f"{OFFICE}.presentationml.presentation"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_told_by_its_content(name: str) -> None:
    content, media_type = TAKEN[name]
    fit = fit_to_keep(content)
    assert fit.media_type == media_type
    assert (fit.thumbnail is not None) is (media_type in PICTURES)
    if fit.thumbnail is None:
        assert fit.content == content
    else:
        kept = Image.open(BytesIO(fit.content))
        assert (kept.size, Image.MIME[str(kept.format)]) == ((60, 40), media_type)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (60, 40), (5, 20)),
        (2, (60, 40), (55, 20)),
        (3, (60, 40), (55, 20)),
        (6, (40, 60), (20, 5)),
        (8, (40, 60), (20, 55)),
    ],
)
def test_a_photo_is_turned_and_says_nothing_of_where_it_was_taken(
    orientation: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    content = files.photo(orientation)
    assert files.SECRET in content
    fit = fit_to_keep(content)
    kept = Image.open(BytesIO(fit.content))
    assert kept.size == size
    assert kept.convert("RGB").getpixel(red)[0] > 200  # type: ignore[index] # a colour
    assert dict(kept.getexif()) == {}
    for written in (fit.content, fit.thumbnail or b""):
        assert files.SECRET not in written
        assert b"Exif" not in written
        assert b"ICC_PROFILE" not in written


def test_a_photo_with_damaged_remarks_is_kept_as_it_stands() -> None:
    whole = files.photo(6)
    at = whole.index(b"Exif\0\0") + 10
    for damaged in (
        whole[:at] + b"\xff" * 40 + whole[at + 40 :],
        whole[: at - 4] + b"XX" + whole[at - 2 :],
    ):
        fit = fit_to_keep(damaged)
        assert Image.open(BytesIO(fit.content)).size == (60, 40)
        assert files.SECRET not in fit.content


def test_a_png_keeps_no_remarks() -> None:
    fit = fit_to_keep(files.png_with_remarks())
    chunks = {b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"iCCP"}
    assert not any(each in fit.content for each in chunks | {files.SECRET})


def test_greys_of_16_bits_stay_what_they_are() -> None:
    kept = Image.open(BytesIO(fit_to_keep(files.deep_grey()).content))
    assert kept.getpixel((5, 5)) == 128


def test_a_large_picture_is_made_smaller_and_has_a_small_one() -> None:
    fit = fit_to_keep(picture(size=(5000, 2500)))
    assert Image.open(BytesIO(fit.content)).size == (2560, 1280)
    assert Image.open(BytesIO(fit.thumbnail or b"")).size == (320, 160)


# --- hostile --------------------------------------------------------------------------------------

HTML = b"<script>alert(1)</script>"
POLYGLOTS = {
    "jpeg and zip": picture() + archive({"a.exe": b"MZ"}),
    "jpeg and html": picture() + HTML,
    "png and html": picture("PNG") + HTML,
    "webp and html": picture("WEBP") + HTML,
    "jpeg and docx": picture() + docx(),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_picture_that_is_something_else_as_well_the_picture_is_kept(name: str) -> None:
    kept = fit_to_keep(POLYGLOTS[name]).content
    assert not any(each in kept for each in (b"PK\x03\x04", b"PK\x05\x06", b"script", b"MZ"))


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "空的"),
    "too large": (files.PDF + b"0" * LARGEST_FILE, "10"),
    "svg named png": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "另存为"),
    "html named png": (b"<!doctype html><script>alert(1)</script>", "另存为"),
    "program": (b"MZ\x90\x00" + b"0" * 100, "另存为"),
    "old office or wps": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "gif": (b"GIF89a" + b"0" * 50, "另存为"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "解压"),
    "7z": (b"7z\xbc\xaf\x27\x1c0000", "解压"),
    "gzip": (b"\x1f\x8b\x08\x00", "解压"),
    "tar": (b"a.txt".ljust(257, b"\0") + b"ustar\x0000", "解压"),
    "zip": (archive({"a.txt": b"a"}), "解压"),
    "empty zip": (archive({}), "解压"),
    "zip with a document in a folder": (archive({"x/word/document.xml": b"a"}), "解压"),
    "two documents in one": (archive({**files.DOCX, **files.XLSX}), "解压"),
    "macros": (docx(**{"word/vbaProject.bin": b"1"}), "宏"),
    "macros elsewhere": (docx(**{"custom/VBAPROJECT.BIN": b"1"}), "宏"),
    "macros by another name": (
        archive({**files.DOCX, "[Content_Types].xml": b"application/vnd.ms-office.vbaProject"}),
        "宏",
    ),
    "zip bomb": (docx(**{"word/a.bin": b"\0" * (101 * 1024 * 1024)}), "100"),
    "zip bomb that lies": (files.lying_docx(), "100"),
    "many parts": (archive({**files.DOCX, **{f"{n}": b"" for n in range(10_001)}}), "100"),
    "leading outside": (docx(**{"../../etc/passwd": b"1"}), "损坏"),
    "leading outside, as windows does": (docx(**{"..\\..\\a.exe": b"1"}), "损坏"),
    "leading to the root": (docx(**{"/etc/passwd": b"1"}), "损坏"),
    "two names for one part": (files.two_named_docx(), "损坏"),
    "locked": (files.locked_docx(), "损坏"),
    "cut off": (docx()[:-30], "损坏"),
    "zip in name only": (b"PK\x03\x04" + b"0" * 400, "损坏"),
    "pdf cut off": (b"%PDF-1.7\n1 0 obj", "损坏"),
    "pdf and zip": (files.PDF + archive({"a.exe": b"MZ"}), "压缩包"),
    "picture cut off": (picture(size=(400, 400))[:900], "损坏"),
    "picture in name only": (b"\xff\xd8\xff\xe0" + b"0" * 400, "损坏"),
    "png in name only": (b"\x89PNG\r\n\x1a\n" + b"0" * 400, "损坏"),
    "webp in name only": (b"RIFF\x10\0\0\0WEBPVP8 0000", "损坏"),
    "picture of too many pixels": (files.png_of(7_100, 7_100, 7_100), "5000 万像素"),
    "picture bomb": (files.png_of(40_000, 40_000, 1), "50"),
    "picture bomb of the largest size": (files.png_of(2**31 - 1, 2**31 - 1, 1), ""),
    "webp bomb": (files.webp_of(2**24, 2**24), ""),
    "text bomb in a picture": (files.png_with_packed_text(), "损坏"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_refused_with_what_to_do(name: str) -> None:
    content, said = REFUSED[name]
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with use_language("zh"), pytest.raises(UnfitFileError) as refused:
        fit_to_keep(content)
    (line,) = refused.value.lines
    assert said in line
    # A bomb takes neither time nor memory.
    assert time.monotonic() - begun < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


# --- names ----------------------------------------------------------------------------------------

JPEG = "image/jpeg"


@pytest.mark.parametrize(
    ("sent", "media_type", "kept"),
    [
        ("现场照片.jpg", JPEG, "现场照片.jpg"),
        ("IMG.JPEG", JPEG, "IMG.JPEG"),
        ("photo.svg", JPEG, "photo.svg.jpg"),
        ("a.jpg.exe", JPEG, "a.jpg.exe.jpg"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\a\\照片.jpg", JPEG, "照片.jpg"),
        ("invoice\u202egpj.exe", JPEG, "invoicegpj.exe.jpg"),
        ("a\u200b\u2060\ufeffb\u200d.jpg", JPEG, "ab.jpg"),
        ("a\r\nSet-Cookie: x.jpg", JPEG, "a Set-Cookie_ x.jpg"),
        ("a\0b\x1b[31m.jpg", JPEG, "ab[31m.jpg"),
        ('"><script>.jpg', JPEG, "___script_.jpg"),
        ("   ", JPEG, "file.jpg"),
        ("", "application/pdf", "file.pdf"),
        (".jpg", JPEG, "file.jpg"),
        ("...", JPEG, "file.jpg"),
        ("\ud800.jpg", JPEG, "file.jpg"),
        ("照" * 400 + ".jpg", JPEG, "照" * (NAME_LENGTH - 4) + ".jpg"),
    ],
)
def test_a_name_is_made_harmless(sent: str, media_type: str, kept: str) -> None:
    assert clean_name(sent, media_type) == kept


@pytest.mark.parametrize("media_type", ENDINGS)
def test_a_name_ends_as_its_content_does(media_type: str) -> None:
    for ending in ENDINGS[media_type]:
        assert clean_name(f"a{ending}", media_type) == f"a{ending}"
        assert clean_name(clean_name("a.txt", media_type), media_type).count(ending) <= 1
