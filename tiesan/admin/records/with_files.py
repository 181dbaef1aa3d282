"""Files that come with the form of a record, and those that hang on one.

They are kept when they are picked, or when the form comes without a script, and hang on the record
from the transaction in which it is stored.
"""

from collections.abc import Sequence

from flask import request
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import FilesField, RecordForm
from tiesan.admin.records.attachments import files_of_form, sent_form
from tiesan.clock import now
from tiesan.courses.given import FILES
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.installed import running_courses
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.records.attachments.models import Attachment
from tiesan.records.attachments.services import hang_on, usable_files
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind
from tiesan.words.attachments import FileLine, file_lines


def offer_files(form: type[RecordForm]) -> type[RecordForm]:
    """Return a form to which files can be added."""
    setattr(form, FILES, FilesField(_l("Attachments")))
    return form


def names_files() -> bool:
    """Whether the form of this request brings a file, or names one that was sent before."""
    return request.method == "POST" and bool(sent_form().get(FILES))


def files_to_send_again(form: RecordForm) -> list[FileLine]:
    """Return the files of a form that comes back, to be sent again with it."""
    return files_of_form() if FILES in form and request.method == "POST" else []


def keep_files(form: RecordForm) -> None:
    """Keep the files that come with a form, before anything else is stored or locked."""
    if FILES in form:
        sent_form()


def read_files(form: RecordForm) -> tuple[int, ...]:
    """Return the ids of the files of a form; raises UserError for one that is not kept."""
    if FILES not in form:
        return ()
    ids: list[int] = []
    for each in sent_form().get(FILES, ()):
        if isinstance(each, UserError):
            raise each
        # What is no number names no file, and none has the number 0.
        ids.append(int(each) if str(each).isdecimal() and len(str(each)) < len("1000000000") else 0)
    return usable_files(current_viewer().actor, db.session(), ids, at=now())


def hang_files(row: Record, ids: Sequence[int]) -> None:
    """Hang files on a record that is being stored."""
    if ids:
        kind = record_kind(type(row)).name
        hang_on(current_viewer().actor, db.session(), ids, kind, row.id, at=now())


def files_on(row: Record) -> list[FileLine]:
    """Return the files of a record, but for those that steps of its course show with themselves."""
    if not row.takes_files:
        return []
    kind = record_kind(type(row)).name
    statement = select(Attachment.id).where(
        Attachment.kind == kind, Attachment.row_id == row.id, readable_rows(Attachment)
    )
    course = running_courses().of(type(row))
    events = () if course is None else COURSE_EVENTS.read(db.session(), course.name, [row.id])
    shown = {each for event in dict(events).get(row.id, ()) for each in event.attachments}
    ids = list(db.session.scalars(statement.order_by(Attachment.id)))
    return list(file_lines([each for each in ids if each not in shown]).values())
