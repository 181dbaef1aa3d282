"""Asking, for somebody else, the code that decides who may do what.

Source: trust.md, "Who may do what": told is what it answers, and shown are no rows, because seeing
as somebody would open confidential matters to those who only configure. It is asked in a context of
its own, so that nothing that this request keeps of its viewer is mistaken for theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from tiesan.access.accounts import may_manage
from tiesan.access.viewer import Viewer, current_viewer, read_viewer
from tiesan.people.models import Account


def may_ask_rights(account: Account) -> bool:
    """Whether the viewer may be told what an account may do: their own, or one they administer."""
    return account.id == current_viewer().account_id or may_manage(account)


@contextmanager
def asked_as(viewer: Viewer) -> Iterator[None]:
    """Have the code that decides answer for a viewer: yes and no, never rows."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - the proxy's only way out
    with app.app_context():
        g.viewer = viewer
        yield


def viewer_of(session: Session, account: Account, day: date) -> Viewer:
    """Return who an account is to the code that decides: who is switched off has no role."""
    if account.active:
        return read_viewer(session, account, day)
    return Viewer(account_id=account.id, username=account.username, name=account.username)
