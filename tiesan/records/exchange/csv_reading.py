"""Reading CSV files, in the encodings and with the separators that spreadsheets write in China.

UTF-8 with or without a mark, GB18030, or UTF-16 with its mark; cells separated by comma, or by tab
or semicolon if the heading is.
"""

import csv
import re
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path

from tiesan.i18n import _
from tiesan.records.exchange.problems import Unusable
from tiesan.records.exchange.tables import RawRow, RawTable

_MARK = b"\xef\xbb\xbf"
_MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# No heading is longer.
_HEADING = 1 << 16
# Where a heading has as many of each, the first one separates.
_SEPARATORS = (",", "\t", ";")
# What no text has, but a file read in a wrong encoding does: control characters, private use.
_GARBAGE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_REPLACEMENT = "\ufffd"
# A damaged UTF-8 file has mostly good Chinese characters, of three bytes each; what was written
# in GB18030 hardly ever looks like one.
_GOOD_PER_BAD = 3
_LAST_OF_TWO_BYTES = "\u07ff"


def read_csv(path: Path) -> RawTable:
    """Read a CSV file; raises OSError when it cannot be opened. Rows are read when asked for."""
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    return RawTable(path.stem, path.name, digest, _rows(content))


def _rows(content: bytes) -> Iterator[RawRow]:
    text = decode(content)
    reader = csv.reader(StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unusable(line, _reason(error)) from error
        yield line, list(cells)


def _separator(text: str) -> str:
    """What separates the cells: that which makes most cells of the heading."""
    return max(_SEPARATORS, key=lambda separator: _cells(text[:_HEADING], separator))


def _cells(text: str, separator: str) -> int:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        return len(next(reader, []))
    except csv.Error:
        return 0


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "field larger than field limit" in text:
        return _("a cell is longer than %(number)d characters", number=csv.field_size_limit())
    if "unexpected end of data" in text:
        return _("a quotation mark is opened here and never closed")
    return _("the quotation marks of this row are not in order: %(error)s", error=text)


def decode(content: bytes) -> str:
    """The text of a file; raises ``Unusable`` for one that is no text in a known encoding."""
    if content.startswith(_MARKS_OF_UTF_16):
        return _decode_utf_16(content)
    if b"\0" in content:
        raise Unusable(_line_of(content, content.index(b"\0")), _("this is no CSV file (binary)"))
    marked = content.startswith(_MARK)
    try:
        return content.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + len(_MARK) * marked
        if marked or _damaged(content):
            raise Unusable(_line_of(content, start), _("this is no valid UTF-8 text")) from error
    return _decode_gb18030(content)


def _decode_utf_16(content: bytes) -> str:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError as error:
        line = content.decode("utf-16", errors="ignore").count("\n", 0, error.start // 2) + 1
        raise Unusable(line, _("this is no valid UTF-16 text")) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unusable(line, _("this is no CSV file (binary)"))
    return text


def _decode_gb18030(content: bytes) -> str:
    wrong = _("this is neither UTF-8 nor GB18030 text")
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Unusable(_line_of(content, error.start), wrong) from error
    garbage = _GARBAGE.search(text)
    if garbage is not None:
        raise Unusable(text.count("\n", 0, garbage.start()) + 1, wrong)
    return text


def _damaged(content: bytes) -> bool:
    """Whether text that is not valid UTF-8 was meant to be."""
    text = content.decode("utf-8", errors="replace")
    bad = text.count(_REPLACEMENT)
    good = sum(1 for character in text if character > _LAST_OF_TWO_BYTES) - bad
    return good >= _GOOD_PER_BAD * bad


def _line_of(content: bytes, position: int) -> int:
    return len(_LINE_END.findall(content, 0, position)) + 1
