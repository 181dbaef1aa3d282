"""Files that people send: one by one to an address of their own, and opened by who may see them.

Pictures were written anew here and are shown; everything else is given to be saved. A file that
comes with the form of a verb, as a browser without scripts sends it, is kept in the same way
before the verb is carried out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tiesan.access.criterion import readable_rows
from tiesan.access.looks import note_opened
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.answers import json_error
from tiesan.clock import now
from tiesan.courses.given import FILES
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.models import LARGEST_FILE, MOST_FILES, Attachment
from tiesan.records.attachments.services import keep_file, remove_unused
from tiesan.records.attachments.store import FileStore
from tiesan.records.policy import EVERYBODY
from tiesan.words.attachments import FileLine, file_as_json, file_lines

_WRONG = 422
# Should a browser show a file all the same, nothing in it can do anything.
_POLICY = "default-src 'none'; img-src 'self'; sandbox"

attachment = Blueprint("attachment", __name__, url_prefix="/attachments")


@attachment.post("/new")
def send() -> ResponseReturnValue:
    """Keep one file, ``file``; the answer names it by the id that forms send."""
    if not current_viewer().has(EVERYBODY):
        abort(403)
    sent = request.files.get("file")
    try:
        row = _keep(sent) if sent is not None else abort(400)
    except UserError as error:
        db.session.rollback()
        return json_error(" ".join(error.lines), _WRONG, field="file")
    answer = file_as_json(row)
    remove_unused(db.session(), _store(), now=now())
    return jsonify(answer)


@attachment.get("/<int:id>")
def show(id: int) -> ResponseReturnValue:
    """Give a file: a picture to be shown, anything else to be saved."""
    row = _row_or_404(id)
    note_opened(row)
    return _sent(row.sha256, row.media_type, row.name, saved=not row.is_picture)


@attachment.get("/<int:id>/thumbnail")
def thumbnail(id: int) -> ResponseReturnValue:
    """Give the small picture of a picture."""
    row = _row_or_404(id)
    note_opened(row)
    return _sent(row.thumbnail or abort(404), row.media_type, row.name, saved=False)


def _row_or_404(id: int) -> Attachment:
    kept = Attachment.removed_at.is_(None)
    chosen = select(Attachment).where(Attachment.id == id, kept, readable_rows(Attachment))
    return db.session.scalars(chosen).one_or_none() or abort(404)


def _sent(digest: str, media_type: str, name: str, *, saved: bool) -> Response:
    path = _store().path(digest)
    if not path.is_file():
        current_app.logger.error("the content of an attachment is not there: %s", path)
        abort(404)
    answer = send_file(
        path,
        mimetype=media_type,
        as_attachment=saved,
        download_name=name,
        conditional=False,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _store() -> FileStore:
    store: FileStore = current_app.extensions["attachments"]
    return store


def _keep(sent: FileStorage) -> Attachment:
    """Keep a file and commit; raises UserError for one that is not kept."""
    # One byte more than may be says that it is too large.
    fit = fit_to_keep(sent.stream.read(LARGEST_FILE + 1))
    session = db.session()
    begin_storing(session)
    row = keep_file(current_viewer().actor, session, _store(), fit, sent.filename or "", at=now())
    session.commit()
    return row


# --- files that come with a form ------------------------------------------------------------------


def sent_form() -> Mapping[str, Any]:
    """Return what a form of a verb sends: texts by name, and of its files the ids.

    Files that come with the form are kept now, so that nothing waits for pictures while a verb is
    carried out; in the place of one that is not kept stands the UserError that says why.
    """
    form: dict[str, Any] = request.form.to_dict()
    ids = [each for each in request.form.getlist(FILES) if each]
    kept = list(_kept_now(request.files.getlist(FILES), len(ids)))
    if not ids and not kept:
        return form
    return form | {FILES: [*ids, *kept]}


def _kept_now(files: Iterable[FileStorage], beside: int) -> list[str | UserError]:
    """Keep the files of a form, once in a request; returns their ids and what is wrong."""
    if "kept_files" not in g:
        named = [each for each in files if each.filename]
        # One too many is refused by whoever reads the form, and none of them need be looked at.
        g.kept_files = [_id_or_error(each) for each in named[: max(0, MOST_FILES + 1 - beside)]]
    found: list[str | UserError] = g.kept_files
    return found


def _id_or_error(sent: FileStorage) -> str | UserError:
    try:
        return str(_keep(sent).id)
    except UserError as error:
        db.session.rollback()
        return error


def files_of_form() -> list[FileLine]:
    """Return the viewer's files that the form of this request named or brought, to send again."""
    kept: list[str | UserError] = g.get("kept_files", [])
    named = [*request.form.getlist(FILES), *(each for each in kept if isinstance(each, str))]
    ids = [int(each) for each in named if each.isascii() and each.isdecimal()][:MOST_FILES]
    return list(file_lines(ids).values())
