"""What a file is, told by its bytes and not by its name, and what of it is kept."""

import re

from tiesan.i18n import _
from tiesan.records.attachments.documents import package_type, refuse_no_pdf
from tiesan.records.attachments.fit import Fit, UnfitFileError
from tiesan.records.attachments.models import JPEG, LARGEST_FILE, MEBIBYTE, PDF, PNG, WEBP
from tiesan.records.attachments.pictures import written_anew

# What files begin with, those that are kept and those that somebody will send all the same.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_OTHER_PICTURES = (b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_HEIC = re.compile(rb".{4}ftyp(hei|hev|mif1|msf1|avi[fs])", re.DOTALL)
_WEBP = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
_TAR_AT, _TAR = 257, b"ustar"


def fit_to_keep(content: bytes) -> Fit:
    """Return what is kept of the content of a file.

    Raises UnfitFileError, in the sender's language and with what to do, for what is not taken.
    """
    if not content:
        raise UnfitFileError(_("This file is empty."))
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // MEBIBYTE
        raise UnfitFileError(_("A file has at most %(most)d MB.", most=most))
    picture = _picture_type(content)
    if picture is not None:
        return Fit(*written_anew(content, picture))
    if content.startswith(b"%PDF-"):
        refuse_no_pdf(content)
        return Fit(content, PDF)
    if content.startswith(_ZIP):
        return Fit(content, package_type(content))
    raise UnfitFileError(_what_to_do(content))


def _picture_type(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if _WEBP.match(content) else None


def _what_to_do(content: bytes) -> str:
    """What is said of a file that is none of those that are kept."""
    if content.startswith(_OLD_OFFICE):
        return _("This is a file of an old kind (.doc, .xls, .ppt, .wps, .et) or one with a "
                 "password. Open it, choose “Save as” and save it as .docx, .xlsx, .pptx or PDF; "
                 "then send that.")  # fmt: skip
    if _HEIC.match(content):
        return _("This is a photo in the format HEIC. Save it as JPEG and send that; an iPhone "
                 "takes JPEG by Settings – Camera – Formats – Most Compatible.")  # fmt: skip
    is_tar = content[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
    if content.startswith(_ARCHIVES) or is_tar:
        return _("This is an archive. Unpack it and send the files one by one.")
    if content.startswith(_OTHER_PICTURES):
        return _("Of pictures, JPEG, PNG and WebP are taken. Choose “Save as”, save it as JPEG "
                 "and send that.")  # fmt: skip
    return _("This kind of file is not taken. Taken are pictures (JPEG, PNG, WebP), PDF, OFD, "
             ".docx, .xlsx and .pptx; choose “Save as” and save it as one of them.")  # fmt: skip
