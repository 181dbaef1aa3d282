"""Which forms have stored a record: the same page sent again stores no second one.

A page is sent again by a second click, and by who goes back to it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.extensions import Base
from tiesan.people.models import Account
from tiesan.records.kinds import table_of

# An account, and what tells one page that it was sent from every other.
Sent = tuple[int, str]

# No session lasts longer, so that nobody can send a page again that is older.
_KEPT_FOR = timedelta(days=7)


class SentForm(Base):
    """A form that was sent by an account, and the record that it stored."""

    __tablename__ = "sent_form"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    once: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int]
    at: Mapped[datetime]


_SENT = table_of(SentForm)


def stored_by(session: Session, sent: Sent, kind: str) -> int | None:
    """Return the id of the record of a kind that a form has stored; None when it has not.

    The same form sent twice at once: the second waits here until the first is stored.
    """
    account_id, once = sent
    account = table_of(Account)
    own = select(account.c.id).where(account.c.id == account_id)
    session.execute(own.with_for_update(key_share=True))
    statement = select(_SENT.c.row_id).where(
        _SENT.c.account_id == account_id, _SENT.c.once == once, _SENT.c.kind == kind
    )
    return session.scalar(statement)


def remember_sent(session: Session, sent: Sent, kind: str, row_id: int, *, at: datetime) -> None:
    """Keep that a form has stored a record; those of that account that are too old are let go."""
    account_id, once = sent
    session.execute(
        delete(_SENT).where(_SENT.c.account_id == account_id, _SENT.c.at < at - _KEPT_FOR)
    )
    session.add(SentForm(account_id=account_id, once=once, kind=kind, row_id=row_id, at=at))
    session.flush()
