"""Which cells of a workbook are merged, read from its XML because streaming leaves them out."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from defusedxml.ElementTree import fromstring

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([^"]*)"')
_PIECE = 1 << 20
_LONGEST = 200

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"


def merged_ranges(path: Path) -> dict[str, tuple[str, ...]]:
    """The merged ranges of each sheet that has any, by its title.

    Raises what a damaged archive or damaged XML raises.
    """
    found = {}
    with ZipFile(path) as archive:
        for title, part in _sheets(archive):
            ranges = tuple(_merged(archive, part))
            if ranges:
                found[title] = ranges
    return found


def _sheets(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """The titles of the sheets with the parts of the archive that hold them."""
    names = set(archive.namelist())
    if _BOOK not in names or _RELATIONS not in names:
        return
    targets = {
        each.get("Id"): each.get("Target", "") for each in fromstring(archive.read(_RELATIONS))
    }
    for sheet in fromstring(archive.read(_BOOK)).iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATED), "")
        part = str(PurePosixPath("xl", target)) if target[:1] != "/" else target[1:]
        if part not in names:
            # The library would leave the sheet out, and its rows with it.
            message = f"{part} is missing"
            raise BadZipFile(message)
        yield sheet.get("name", ""), part


def _merged(archive: ZipFile, part: str) -> Iterator[str]:
    """Look for the elements in the bytes: parsing a large sheet twice would take too long."""
    rest = b""
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            rest += piece
            found = list(_MERGED.finditer(rest))
            yield from (each.group(1).decode("ascii", "replace") for each in found)
            # An element may lie across two pieces; none is as long as what is kept.
            rest = rest[max(found[-1].end() if found else 0, len(rest) - _LONGEST) :]
