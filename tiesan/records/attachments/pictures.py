"""Pictures: decoded and written anew, so that nothing is kept but what can be seen of them.

Where a photo was taken, what is hidden behind the picture and what only some programs would run is
gone with it. What is turned by a remark in the file is turned for good.
"""

import struct
import warnings
from io import BytesIO
from threading import Lock
from types import MappingProxyType

from PIL import Image

from tiesan.i18n import _
from tiesan.records.attachments.fit import UnfitFileError
from tiesan.records.attachments.models import JPEG, PNG, WEBP

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_560
THUMBNAIL_SIDE = 320
_QUALITY = 85
_FORMATS = MappingProxyType({JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"})
_SAVED = MappingProxyType(
    {JPEG: {"quality": _QUALITY, "optimize": True}, PNG: {}, WEBP: {"quality": _QUALITY}}
)
_SMOOTH = frozenset({"L", "RGB", "RGBA", "CMYK"})
# What an orientation of EXIF asks for before the picture stands upright.
_ORIENTATION = 0x0112
_TURNS = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)
# What Pillow raises for a file that is damaged, on purpose or not.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)
# A large picture takes hundreds of megabytes while it is decoded.
_ONE_AT_A_TIME = Lock()


def written_anew(content: bytes, media_type: str) -> tuple[bytes, str, bytes]:
    """Return a picture as it is kept: its new content, its type, and a small one as JPEG or PNG.

    Raises UnfitFileError for one that cannot be decoded or has too many pixels.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # That remarks are damaged is of no interest: they are left out.
        warnings.simplefilter("ignore", UserWarning)
        try:
            picture = _upright(content, media_type)
            small = picture.copy()
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            return _saved(picture, media_type), media_type, _saved(small, media_type)
        except _BOMBS as error:
            raise _too_large() from error
        except _DAMAGED as error:
            text = _("This picture cannot be read; it may be damaged. Save it as JPEG once more "
                     "and send that.")  # fmt: skip
            raise UnfitFileError(text) from error


def _too_large() -> UnfitFileError:
    most = MOST_PIXELS // 1_000_000
    return UnfitFileError(
        _(
            "A picture has at most %(most)d million pixels. Make it smaller and send that.",
            most=most,
        )
    )


def _upright(content: bytes, media_type: str) -> Image.Image:
    """Decode a picture, not larger than it is kept, in colours that can be written."""
    with Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise _too_large()
        # A JPEG can be decoded to a half or a quarter, which saves most of the memory.
        opened.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()
        turn = _turn(opened)
        # To make it smaller first saves a copy, where that blends no colours of a list.
        smooth = opened.mode in _SMOOTH and "transparency" not in opened.info
        picture = opened if smooth else _in_colours(opened)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture = _in_colours(picture)
    if turn is not None:
        picture = picture.transpose(turn)
    # Pillow writes remarks and profiles again that it finds here.
    picture.info.clear()
    return picture


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """How a picture has to be turned; one whose remarks cannot be read stands as it is."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except _DAMAGED:
        return None


def _in_colours(picture: Image.Image) -> Image.Image:
    """Return a copy in grey, colours, or colours with transparency."""
    if picture.mode.startswith("I"):
        # Greys of 16 bits, as scanners write them.
        return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _saved(picture: Image.Image, media_type: str) -> bytes:
    written = BytesIO()
    picture.save(written, _FORMATS[media_type], **_SAVED[media_type])
    return written.getvalue()
