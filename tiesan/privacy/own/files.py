"""The files that hang on one's own rows, and those that one has sent and that hang on nothing.

Files that one has hung on rows about others are told by their names alone.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, or_, select

from tiesan.i18n import _
from tiesan.privacy.own.secret import among
from tiesan.privacy.own.sections import Own, OwnFile, Row, Section, plain
from tiesan.records.attachments.models import Attachment
from tiesan.records.kinds import record_kind, table_of

_FILE = table_of(Attachment)


def of_files(own: Own) -> tuple[Section, list[OwnFile]]:
    """Return the list of files, and those whose content goes with it."""
    columns = {
        "path": _("File"),
        "name": _("Name"),
        "on": _("Hangs on"),
        "type": _("Type"),
        "size": _("Size"),
        "sent_at": _("Sent"),
        "sent_by": _("By"),
        "removed_at": _("Removed by retention"),
    }
    rows: list[Row] = []
    files: list[OwnFile] = []
    for row in _rows(own):
        is_own = row.kind is None or row.row_id in own.ids.get(row.kind, ())
        given = is_own and row.removed_at is None
        path = f"files/{len(files) + 1:04d} {row.name}" if given else ""
        if given:
            files.append(OwnFile(path, row.sha256))
        values = (path, row.name, _kind(own, row.kind), row.media_type, row.size,
                  plain(row.sent_at), own.by(row.sent_by_id), plain(row.removed_at))  # fmt: skip
        rows.append(dict(zip(columns, values, strict=True)))
    return Section("files", _("Files"), columns, rows), files


def _rows(own: Own) -> list[Any]:
    found: dict[int, Any] = {}
    for which in (_FILE.c.sent_by_id == own.account_id, *_on_own(own)):
        for row in own.session.execute(select(_FILE).where(which)):
            if not own.secret.hides(row.kind, row.row_id):
                found[row.id] = row
    return [row for _id, row in sorted(found.items())]


def _on_own(own: Own) -> Iterator[Any]:
    for kind, ids in sorted(own.ids.items()):
        for some in among(_FILE.c.row_id, ids):
            yield or_(and_(_FILE.c.kind == kind, some))


def _kind(own: Own, kind: str | None) -> str:
    if kind is None:
        return ""
    model = own.catalog.records.get(kind)
    course = own.courses.get(kind)
    if model is not None:
        return str(record_kind(model).title)
    return kind if course is None else str(course.title)
