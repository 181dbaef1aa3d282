"""Files as people send them, and as somebody would who means harm."""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from PIL import Image, PngImagePlugin

SECRET = b"N30.123456 hidden words"
_ORIENTATION, _MAKE, _PLACE = 0x0112, 0x010F, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """A picture, red in its left half and blue in its right one."""
    shown = Image.new("RGB", size, "blue")
    shown.paste("red", (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    shown.convert(mode).save(written, kind)
    return written.getvalue()


def deep_grey() -> bytes:
    """A picture of 16 bits, as scanners write them, half as bright as can be."""
    written = BytesIO()
    Image.new("I;16", (60, 40), 128 * 256).save(written, "PNG")
    return written.getvalue()


def photo(orientation: int = 1) -> bytes:
    """A photo that says where and by what it was taken and how it is turned."""
    remarks = Image.Exif()
    remarks[_ORIENTATION], remarks[_MAKE] = orientation, SECRET.decode()
    remarks.get_ifd(_PLACE).update({1: "N", 2: (39.0, 54.0, 26.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    shown, written = Image.open(BytesIO(picture())), BytesIO()
    profile = b"\0" * 36 + b"acsp" + SECRET
    shown.save(written, "JPEG", exif=remarks, comment=SECRET, icc_profile=profile)
    return written.getvalue()


def png_with_remarks() -> bytes:
    """A PNG with texts, one of them packed, and EXIF."""
    remarks, exif = PngImagePlugin.PngInfo(), Image.Exif()
    remarks.add_text("Comment", SECRET.decode())
    remarks.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    exif[_MAKE] = SECRET.decode()
    shown, written = Image.open(BytesIO(picture("PNG"))), BytesIO()
    shown.save(written, "PNG", pnginfo=remarks, exif=exif)
    return written.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, rows: int) -> bytes:
    """A PNG of so many black pixels, of which so many rows are really there."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * rows, 9)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_with_packed_text() -> bytes:
    """A PNG whose text unpacks to 200 megabytes."""
    text = b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    whole = png_of(8, 8, 8)
    return whole[:33] + _chunk(b"zTXt", text) + whole[33:]


def webp_of(width: int, height: int) -> bytes:
    """The beginning of a WebP of so many pixels, of which none is there."""
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def archive(parts: Mapping[str, bytes], how: int = ZIP_DEFLATED) -> bytes:
    """A ZIP file of these parts."""
    written = BytesIO()
    with ZipFile(written, "w", how, compresslevel=9) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return written.getvalue()


TYPES = b'<?xml version="1.0"?><Types/>'
DOCX = {"[Content_Types].xml": TYPES, "word/document.xml": b"<document/>"}
XLSX = {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>"}
PPTX = {"[Content_Types].xml": TYPES, "ppt/presentation.xml": b"<presentation/>"}
OFD = {"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def docx(**further: bytes) -> bytes:
    """A document with further parts."""
    return archive({**DOCX, **further})


def lying_docx() -> bytes:
    """A document whose part unpacks to 150 megabytes and says that it has one kilobyte."""
    size = 150 * 1024 * 1024
    whole = bytearray(archive({**DOCX, "word/media/a.bin": b"\0" * size}))
    told, less = struct.pack("<I", size), struct.pack("<I", 1024)
    honest = zlib.crc32(b"\0" * size)
    while (at := whole.find(told)) >= 0:
        whole[at : at + 4] = less
    packed = struct.pack("<I", honest)
    while (at := whole.find(packed)) >= 0:
        whole[at : at + 4] = struct.pack("<I", zlib.crc32(b"\0" * 1024))
    return bytes(whole)


def two_named_docx() -> bytes:
    """A document of which one part stands in the list under another name than in its place."""
    whole = archive({**DOCX, "word/aaaa.bin": b"1"}, ZIP_STORED)
    at = whole.index(b"word/aaaa.bin")
    return whole[:at] + b"word/bbbb.exe" + whole[at + 13 :]


def locked_docx() -> bytes:
    """A document that says that its parts are locked by a password."""
    whole = bytearray(docx())
    at = whole.rfind(b"PK\x01\x02")
    whole[at + 8] |= 1
    return bytes(whole)
