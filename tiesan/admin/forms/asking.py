"""What a form asks before it stores anything; sending it once more is the answer.

The answer belongs to what was asked: where something else is to be asked by then, it is.
"""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from wtforms import HiddenField

from tiesan.admin.forms.inputs import ANSWERED, RecordForm
from tiesan.admin.lists.lookups import described
from tiesan.columns import CODE
from tiesan.extensions import Base, db
from tiesan.i18n import _
from tiesan.records.text import alike, clean_code
from tiesan.words.rows import row_id_of

_MOST_NAMED = 3


def asking(form: type[RecordForm]) -> type[RecordForm]:
    """Return a form that can ask before it stores."""
    setattr(form, ANSWERED, HiddenField())
    return form


def is_answered(form: RecordForm, questions: Sequence[str]) -> bool:
    """Whether whoever sent a form has been asked all this; otherwise the form asks it now."""
    if not questions:
        return True
    asked = hashlib.sha256("\n".join(questions).encode()).hexdigest()
    if form[ANSWERED].data == asked:
        return True
    form[ANSWERED].data, form.questions = asked, questions
    return False


def questions_on_code(model: type[Base], code: str | None) -> list[str]:
    """Return what is asked of a new row whose code looks like those of stored ones.

    Only of rows that the viewer may see: of others nobody learns by trying codes.
    """
    found = [described(row) for row in _alike(model, code)]
    if not found:
        return []
    text = _("Do you mean %(which)s? If this is another one, save once more.")
    return [text % {"which": _("; ").join(found)}]


def _alike(model: type[Base], code: str | None) -> Iterator[Base]:
    """The rows in sight whose code differs in leading zeros, letters' case and width alone."""
    typed = clean_code(code or "")
    if typed is None:
        return
    identity, column = row_id_of(model), getattr(model, CODE)
    wanted = alike(typed)
    same = [
        row_id
        for row_id, stored in db.session.execute(select(identity, column))
        if stored != typed and alike(stored) == wanted
    ]
    yield from db.session.scalars(select(model).where(identity.in_(same[:_MOST_NAMED])))
