"""Which forms have stored a record: the same page sent again stores no second one.

A page is sent again by a second click, and by who goes back to it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, bindparam, delete, select
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


_SENT, _ACCOUNT = table_of(SentForm), table_of(Account)
# Made once: every save asks them.
_LOCKED = (
    select(_ACCOUNT.c.id)
    .where(_ACCOUNT.c.id == bindparam("account"))
    .with_for_update(key_share=True)
)
_STORED = select(_SENT.c.row_id).where(
    _SENT.c.account_id == bindparam("account"),
    _SENT.c.once == bindparam("page"),
    _SENT.c.kind == bindparam("stored_kind"),
)
_TOO_OLD = delete(_SENT).where(
    _SENT.c.account_id == bindparam("account"), _SENT.c.at < bindparam("before")
)


def stored_by(session: Session, sent: Sent, kind: str) -> int | None:
    """Return the id of the record of a kind that a form has stored; None when it has not.

    The same form sent twice at once: the second waits here until the first is stored.
    """
    account_id, once = sent
    session.execute(_LOCKED, {"account": account_id})
    found: int | None = session.scalar(
        _STORED, {"account": account_id, "page": once, "stored_kind": kind}
    )
    return found


def remember_sent(session: Session, sent: Sent, kind: str, row_id: int, *, at: datetime) -> None:
    """Keep that a form has stored a record; those of that account that are too old are let go."""
    account_id, once = sent
    session.execute(_TOO_OLD, {"account": account_id, "before": at - _KEPT_FOR})
    session.add(SentForm(account_id=account_id, once=once, kind=kind, row_id=row_id, at=at))
    session.flush()
