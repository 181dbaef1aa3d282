"""The strict dialect of Open XML, rewritten as the usual one, which alone the library reads.

The two differ in the names of their vocabularies. Spreadsheet programs write the strict one on
request ("Strict Open XML Spreadsheet").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import ZIP_DEFLATED, ZipFile

_BOOK = "xl/workbook.xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_RELATIONS = b"officeDocument/relationships"
_USUAL = b"http://schemas.openxmlformats.org/"
# The longer name comes before the one with which it begins.
_NAMES = (
    (
        _STRICT + _RELATIONS + b"/extendedProperties",
        _USUAL + b"officeDocument/2006/relationships/extended-properties",
    ),
    (_STRICT + _RELATIONS, _USUAL + b"officeDocument/2006/relationships"),
    (
        _STRICT + b"officeDocument/extendedProperties",
        _USUAL + b"officeDocument/2006/extended-properties",
    ),
    (_STRICT + b"officeDocument/docPropsVTypes", _USUAL + b"officeDocument/2006/docPropsVTypes"),
    (_STRICT + b"spreadsheetml/main", _USUAL + b"spreadsheetml/2006/main"),
    (_STRICT + b"drawingml/main", _USUAL + b"drawingml/2006/main"),
    (_STRICT + b"drawingml/spreadsheetDrawing", _USUAL + b"drawingml/2006/spreadsheetDrawing"),
)
_XML = (".xml", ".rels")


@contextmanager
def usual_dialect(path: Path) -> Iterator[Path]:
    """Give the path of a workbook in the usual dialect: its own, or that of a copy for the while.

    Raises what a damaged archive raises.
    """
    with ZipFile(path) as archive:
        if _BOOK not in archive.namelist() or _STRICT not in archive.read(_BOOK):
            yield path
            return
        with NamedTemporaryFile(suffix=path.suffix) as copy:
            _rewrite(archive, Path(copy.name))
            yield Path(copy.name)


def _rewrite(archive: ZipFile, target: Path) -> None:
    with ZipFile(target, "w", ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(_XML):
                for strict, usual in _NAMES:
                    content = content.replace(strict, usual)
            copy.writestr(name, content)
