"""Documents: PDF, and the packages of office programs, which are ZIP files of a certain shape.

They are kept as they were sent and never shown inside a page. A package is unpacked to its end
before it is believed: what it says of its own size is no promise.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from tiesan.i18n import _
from tiesan.records.attachments.fit import UnfitFileError
from tiesan.records.attachments.models import DOCX, MEBIBYTE, OFD, PPTX, XLSX

MOST_UNPACKED = 100 * MEBIBYTE
_MOST_PARTS = 10_000
_AT_ONCE = 64 * 1024
_CONTENT_TYPES = "[Content_Types].xml"
# The part without which a package is none of its kind.
_MAIN_PARTS = MappingProxyType(
    {
        "word/document.xml": DOCX,
        "xl/workbook.xml": XLSX,
        "ppt/presentation.xml": PPTX,
        "OFD.xml": OFD,
    }
)
_MACROS = "vbaproject"
_ENCRYPTED = 0x1
# The head of a part inside the file: its mark, and at its end how long name and extras are.
_HEAD = struct.Struct("<4s22xHH")
_HEAD_MARK = b"PK\x03\x04"
# The end of a ZIP file; behind it stands a remark of the length that it ends with.
_END_MARK, _END = b"PK\x05\x06", struct.Struct("<4s16xH")
_LONGEST_END = _END.size + 0xFFFF
_DAMAGED = (BadZipFile, zlib.error, struct.error, ValueError, LookupError, EOFError, OSError,
            NotImplementedError)  # fmt: skip


def refuse_no_pdf(content: bytes) -> None:
    """Raise UnfitFileError for what begins as a PDF and does not end, or is an archive as well."""
    if b"%%EOF" not in content:
        raise UnfitFileError(_damaged())
    tail = content[-_LONGEST_END:]
    at = tail.rfind(_END_MARK)
    if at >= 0 and len(tail) - at >= _END.size:
        _mark, remark = _END.unpack_from(tail, at)
        if at + _END.size + remark == len(tail):
            raise UnfitFileError(_("This file is a PDF and an archive in one, which is not taken."))


def package_type(content: bytes) -> str:
    """Return the type of an office package.

    Raises UnfitFileError for any other archive, one with macros, one that is damaged or says of
    itself what is not so, and one that unpacks to too much.
    """
    try:
        with ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
            names = {each.filename for each in parts}
            _refuse_shape(parts, names)
            found = _type_of(names)
            _refuse_macros(package, names)
            _unpack(content, parts)
            return found
    except _DAMAGED as error:
        raise UnfitFileError(_damaged()) from error


def _damaged() -> str:
    return _("This file is damaged. Open it, save it once more and send that.")


def _refuse_shape(parts: list[ZipInfo], names: set[str]) -> None:
    """Refuse what no office program writes: more parts than one, doubled, locked or outside."""
    if len(parts) > _MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise _too_much()
    odd = len(names) < len(parts) or any(_leads_outside(name) for name in names)
    if odd or any(each.flag_bits & _ENCRYPTED for each in parts):
        raise UnfitFileError(_damaged())


def _leads_outside(name: str) -> bool:
    # Some programs write folders as Windows does.
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "" or ":" in parts[0] or ".." in parts


def _too_much() -> UnfitFileError:
    most = MOST_UNPACKED // MEBIBYTE
    return UnfitFileError(_("Unpacked, this file is larger than %(most)d MB.", most=most))


def _type_of(names: set[str]) -> str:
    found = [kind for part, kind in _MAIN_PARTS.items() if part in names]
    if len(found) != 1 or (found[0] != OFD and _CONTENT_TYPES not in names):
        raise UnfitFileError(_("This is an archive. Unpack it and send the files one by one."))
    return found[0]


def _refuse_macros(package: ZipFile, names: set[str]) -> None:
    """Refuse programs inside a document, under whatever name they stand there."""
    told = package.read(_CONTENT_TYPES) if _CONTENT_TYPES in names else b""
    named = any(_MACROS in name.casefold() for name in names)
    if named or _MACROS.encode() in told.lower() or b"macroenabled" in told.lower():
        raise UnfitFileError(
            _("This document has macros. Choose “Save as”, save it as .docx, .xlsx or .pptx "
              "without macros and send that.")
        )  # fmt: skip


def _unpack(content: bytes, parts: list[ZipInfo]) -> None:
    """Unpack every part to its end; what it unpacks to must be what it says."""
    left = MOST_UNPACKED
    for part in parts:
        size = sum(len(piece) for piece in _pieces(content, part, left))
        if size != part.file_size:
            raise UnfitFileError(_damaged())
        left -= size


def _pieces(content: bytes, part: ZipInfo, most: int) -> Iterator[bytes]:
    """Yield what a part unpacks to; raises UnfitFileError when that is more than it may be."""
    packed = _packed(content, part)
    if part.compress_type == ZIP_STORED:
        yield packed
        return
    if part.compress_type != ZIP_DEFLATED:
        raise UnfitFileError(_damaged())
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while not unpacker.eof:
        piece = unpacker.decompress(packed, _AT_ONCE)
        packed = unpacker.unconsumed_tail
        most -= len(piece)
        if most < 0:
            raise _too_much()
        if not (piece or packed or unpacker.eof):
            raise UnfitFileError(_damaged())
        yield piece


def _packed(content: bytes, part: ZipInfo) -> bytes:
    """The bytes of a part as they stand in the file, under the name that the list gives it."""
    mark, name, extras = _HEAD.unpack_from(content, part.header_offset)
    begin = part.header_offset + _HEAD.size
    written = content[begin : begin + name]
    if mark != _HEAD_MARK or written.decode(_encoding(part)) != part.orig_filename:
        raise UnfitFileError(_damaged())
    begin += name + extras
    return content[begin : begin + part.compress_size]


def _encoding(part: ZipInfo) -> str:
    """How a name is written: in UTF-8 where a bit says so, else as ever."""
    return "utf-8" if part.flag_bits & 0x800 else "cp437"
