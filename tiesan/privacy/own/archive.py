"""Packing: a ZIP of JSON, CSV and files, the same bytes for the same contents.

No time of the packing and no number of a row is in it, so that two archives differ by nothing but
what is in them.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tiesan.i18n import _
from tiesan.privacy.own.sections import OwnFile, Section
from tiesan.records.attachments.store import FileStore
from tiesan.records.exchange.exporting import WITH_MARK

# The earliest that a ZIP can say.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o600 << 16
INDEX, README = "index.json", "README.txt"


def write_archive(
    path: Path,
    store: FileStore,
    about: dict[str, str],
    sections: Sequence[Section],
    files: Iterable[OwnFile],
) -> int:
    """Write an archive to a path, whole or not at all, for its owner alone; returns its size.

    ``about`` says whose data it is and of which day. A file whose content is not there is left out.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    stream = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    with stream, ZipFile(stream, "w") as archive:
        _add(archive, README, _readme().encode(WITH_MARK))
        _add(archive, INDEX, _json({**about, "sections": summary(sections)}))
        for section in sections:
            _add(archive, f"{section.name}.json", _json(_as_json(section)))
            _add(archive, f"{section.name}.csv", _as_csv(section).encode(WITH_MARK))
        for file in files:
            _copy(archive, file, store)
    part.replace(path)
    return path.stat().st_size


def summary(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Return name, title and number of rows of each section."""
    return [{"name": each.name, "title": each.title, "rows": len(each.rows)} for each in sections]


def read_section(path: Path, name: str) -> dict[str, Any]:
    """Return a section as it stands in an archive; KeyError where there is none of that name."""
    with ZipFile(path) as archive, archive.open(f"{name}.json") as file:
        found: dict[str, Any] = json.load(file)
    return found


def _named(name: str) -> ZipInfo:
    found = ZipInfo(name, _NO_TIME)
    found.compress_type, found.external_attr = ZIP_DEFLATED, _MODE
    return found


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_named(name), content)


def _copy(archive: ZipFile, file: OwnFile, store: FileStore) -> None:
    lies = store.path(file.digest)
    if lies.is_file():
        with lies.open("rb") as source, archive.open(_named(file.path), "w") as target:
            shutil.copyfileobj(source, target)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _as_json(section: Section) -> dict[str, Any]:
    return {"title": section.title, "columns": dict(section.columns), "rows": section.rows}


def _as_csv(section: Section) -> str:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(section.columns.values())
    for row in section.rows:
        writer.writerow([cell(row.get(name)) for name in section.columns])
    return lines.getvalue()


def cell(value: Any) -> str:
    """Return a value as a cell holds it: lists and objects as JSON, nothing for what is blank.

    What a spreadsheet would take for a formula is kept from being one.
    """
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _readme() -> str:
    """What is in it, the same for everybody."""
    return "\r\n".join(
        (
            _("What Tiesan keeps on you."),
            "",
            _("Each part is there twice: as JSON for machines, as CSV for a spreadsheet. Files "
              "that belong to it are in the folder files."),
            _("Other persons are in it by name only. Not in it, as the law provides (Personal "
              "Information Protection Law, articles 18, 35, 37 and 45), is what has to be kept "
              "confidential: whether there is any cannot be told from this archive. Passwords "
              "are kept as a hash that says nothing."),
            _("If something is wrong, ask for it to be corrected: “This is wrong” on the page of "
              "the record."),
            "",
        )
    )  # fmt: skip
