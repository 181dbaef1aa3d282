"""The account of a person whose entries are merged: a person has one.

The account of the entry that goes is that of the one kept. Of two one must have been switched off;
it stands for nobody then, and what waits for it goes to the other. Its roles do not: whoever
administers the place grants them anew.
"""

from typing import Any

from sqlalchemy import Row, and_, exists, select
from sqlalchemy.orm import Session

from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.merging.journal import Journal
from tiesan.people.models import Account
from tiesan.records.kinds import table_of

_ACCOUNT = table_of(Account)


def join_accounts(
    session: Session, journal: Journal, kept_id: int, merged_id: int
) -> Row[Any] | None:
    """Let one account stand for the person; returns the one that stands for nobody, if any.

    Raises UserError for two accounts that can sign in, and names them.
    """
    both = select(_ACCOUNT).where(_ACCOUNT.c.cadre_id.in_([kept_id, merged_id]))
    by_cadre = {row.cadre_id: row for row in session.execute(both)}
    kept, merged = by_cadre.get(kept_id), by_cadre.get(merged_id)
    if merged is None:
        return None
    if kept is None:
        journal.change(_ACCOUNT, _ACCOUNT.c.id == merged.id, cadre_id=kept_id)
        return None
    if kept.active and merged.active:
        text = _("Both entries have an account: %(one)s and %(other)s. Switch one of them off.")
        raise UserError(text % {"one": kept.username, "other": merged.username})
    stays, gone = (merged, kept) if merged.active else (kept, merged)
    journal.change(_ACCOUNT, _ACCOUNT.c.id == gone.id, cadre_id=None)
    journal.change(_ACCOUNT, _ACCOUNT.c.id == stays.id, cadre_id=kept_id)
    _hand_over(journal, gone.id, stays.id)
    return gone


def _hand_over(journal: Journal, from_id: int, to_id: int) -> None:
    """Let what waits for an account, or is to be told to it, be the other's."""
    flag, deputy, told = (Base.metadata.tables[name] for name in ("flag", "deputy", "notification"))
    journal.change(flag, flag.c.assigned_to_id == from_id, assigned_to_id=to_id)
    lasting = deputy.c.ended_on.is_(None)
    for one, other in (("giver_id", "account_id"), ("account_id", "giver_id")):
        theirs = and_(deputy.c[one] == from_id, deputy.c[other] != to_id, lasting)
        journal.change(deputy, theirs, **{one: to_id})
    twin = told.alias()
    known = exists().where(
        twin.c.account_id == to_id, twin.c.kind == told.c.kind, twin.c.once == told.c.once
    )
    journal.change(told, and_(told.c.account_id == from_id, ~known), account_id=to_id)
