"""Storing once what a form of the core sent, after asking what is to be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from tiesan.admin.forms.asking import is_answered
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.forms.sending import keep_sent, once_of, say_sent_before, stored_before
from tiesan.admin.records.storing import refuse
from tiesan.admin.shell.consequences import want_evaluation
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.records.kinds import row_id

B = TypeVar("B", bound=Base)
# What is to be asked of a row that is written, but not committed.
Asks: TypeAlias = Callable[[B], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Stored:
    """The row that a form has stored, ``before`` by the same page or now.

    ``run_id`` is the evaluation that it asks for, if any.
    """

    row_id: int
    before: bool = False
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sending(Generic[B]):
    """What a form sent: ``write`` stores it by a service, and may refuse it by UserError.

    ``kind`` tells the rows of one kind of form from those of others. ``watch`` looks at how things
    stand before that, and returns what is asked of the row then. ``refused`` says what becomes of a
    refusal, by default messages at the form.
    """

    kind: str
    form: RecordForm
    write: Callable[[], B]
    watch: Callable[[], Asks[B]] = lambda: lambda _row: ()
    refused: Callable[[RecordForm, UserError], None] = refuse


def send(sending: Sending[B]) -> Stored | None:
    """Store what a form sent and commit it; None when it was refused, or asks something first.

    The same page sent again stores nothing, and gets the row that it has stored.
    """
    form = sending.form
    begin_storing(db.session())
    once = once_of(form)
    known = stored_before(sending.kind, once)
    if known is not None:
        say_sent_before()
        return Stored(known, before=True)
    try:
        asks = sending.watch()
        row = sending.write()
        number = row_id(row)
        if not is_answered(form, asks(row)):
            db.session.rollback()
            return None
        keep_sent(sending.kind, once, number)
        run_id = want_evaluation()
        db.session.commit()
    except UserError as error:
        sending.refused(form, error)
        return None
    return Stored(number, run_id=run_id)
