"""Attachments in a line: name, size, where they open, and of pictures a small one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from tiesan.access.looks import is_private_file
from tiesan.clock import day_of
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.records.attachments.models import Attachment
from tiesan.words.values import day

_STEP = 1024


@dataclass(frozen=True, slots=True)
class FileLine:
    """An attachment as a page shows it; ``thumbnail`` is the address of a small picture, if any.

    ``removed`` says in words when retention has taken its content away, if it has.
    """

    id: int
    name: str
    size: str
    url: str
    thumbnail: str | None
    removed: str = ""


def file_lines(ids: Collection[int]) -> Mapping[int, FileLine]:
    """Return attachments by id, as far as the viewer may open them."""
    return {row.id: file_line(row) for row in _rows(ids)}


def file_line(row: Attachment) -> FileLine:
    """Return an attachment as a page shows it; of a private one nothing is shown beforehand."""
    if row.removed_at is not None:
        gone = _("removed by retention on %(day)s", day=day(day_of(row.removed_at)))
        return FileLine(row.id, row.name, size_in_words(row.size), "", None, gone)
    shown = row.is_picture and not is_private_file(row)
    small = url_for("attachment.thumbnail", id=row.id) if shown else None
    return FileLine(
        row.id, row.name, size_in_words(row.size), url_for("attachment.show", id=row.id), small
    )


def files_as_json(ids: Collection[int]) -> Mapping[int, dict[str, Any]]:
    """Return attachments by id as JSON has them, as far as the viewer may open them."""
    return {row.id: file_as_json(row) for row in _rows(ids)}


def file_as_json(row: Attachment) -> dict[str, Any]:
    """Return an attachment as JSON has it."""
    line = file_line(row)
    return {
        "file": row.id,
        "name": row.name,
        "type": row.media_type,
        "size": row.size,
        "url": line.url,
        "thumbnail": line.thumbnail,
    }


def _rows(ids: Collection[int]) -> Collection[Attachment]:
    if not ids:
        return ()
    chosen = select(Attachment).where(Attachment.id.in_(sorted(ids))).order_by(Attachment.id)
    return db.session.scalars(chosen).all()


def size_in_words(size: int) -> str:
    """Return a number of bytes as people say it: 812 B, 14 KB, 2.3 MB."""
    if size < _STEP:
        return f"{size} B"
    if size < _STEP * _STEP:
        return f"{round(size / _STEP)} KB"
    return f"{size / _STEP / _STEP:.1f} MB"
