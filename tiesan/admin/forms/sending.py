"""A page that is sent twice acts once and answers alike: by a second click, or by going back.

Each page of a form is told from every other by a number of its own, which is stored with what the
form has stored (``records.sent_forms``). The address of the page has it (``?once=``), where the
script writes it, so that a page that is fetched anew has the same one.
"""

import re
import secrets

from flask import flash, g, request
from wtforms import HiddenField

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import ONCE, RecordForm
from tiesan.admin.forms.scripted import note_repeated
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.records.sent_forms import Sent, remember_sent, stored_by

_ONCE = re.compile("[0-9a-f]{16}")


def new_once() -> str:
    """Return what tells a form from every other one: the number that the page's address has.

    A page with several forms has it once, in the first, which is what the page is there for.
    """
    known = read_once(request.args.get(ONCE))
    if known is None or g.get("once_given", False):
        return secrets.token_hex(8)
    g.once_given = True
    return known


def sent_once(form: type[RecordForm]) -> type[RecordForm]:
    """Return a form of which each page is told from every other, so that sent twice it acts once.

    Whoever presses the button twice, or goes back and presses it again, sends the same page.
    """
    setattr(form, ONCE, HiddenField(default=new_once))
    return form


def once_of(form: RecordForm) -> str | None:
    """Return what tells the page that was sent from every other one; None for what is no page's."""
    return read_once(form[ONCE].data) if ONCE in form else None


def read_once(sent: str | None) -> str | None:
    """Return such a number as a page has sent it; None for anything else."""
    return sent if sent is not None and _ONCE.fullmatch(sent) else None


def stored_before(kind: str, once: str | None) -> int | None:
    """Return the id of the row that the same page has stored, None if it has not.

    To be called in the transaction that stores: who sends the page a second time waits here.
    """
    return None if once is None else stored_by(db.session(), _sent(once), kind)


def keep_sent(kind: str, once: str | None, row_id: int) -> None:
    """Keep, in the transaction of the row itself, that a page has stored it."""
    if once is not None:
        remember_sent(db.session(), _sent(once), kind, row_id, at=now())


def say_sent_before() -> None:
    """Say that a page was sent a second time."""
    note_repeated(another=True)
    flash(_("This form was saved already, so nothing was added. "
            "For another record open a new form."), "warning")  # fmt: skip


def _sent(once: str) -> Sent:
    return current_viewer().account_id or 0, once
