"""Reminding cadres to ask for leave that a clock knows of: a line on their home."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.viewer import Viewer
from tiesan.audit import Subject, record_entry
from tiesan.people.models import Account, Cadre
from tiesan.people.notifications import Notification, name_of_account, tell
from tiesan.records.kinds import table_of

ASK_FOR_LEAVE = "reminded to ask for leave"
_ONCE_IN = timedelta(hours=20)


def remind(
    viewer: Viewer, session: Session, people: Mapping[int, Sequence[str]], *, at: datetime
) -> int:
    """Tell cadres (by id, with days) to ask for leave; returns how many. The caller commits.

    Who was reminded today is not reminded again, and who has no account cannot be.
    """
    account, cadre = table_of(Account), table_of(Cadre)
    statement = (
        select(account.c.id, cadre.c.id, cadre.c.code)
        .join(cadre, cadre.c.id == account.c.cadre_id)
        .where(cadre.c.id.in_(sorted(people)), account.c.active)
    )
    line, told = table_of(Notification), 0
    lately = select(line.c.account_id).where(
        line.c.kind == ASK_FOR_LEAVE, line.c.at > at - _ONCE_IN
    )
    again = set(session.scalars(lately))
    by = name_of_account(session, viewer.account_id)
    for account_id, cadre_id, code in session.execute(statement).all():
        if account_id in again:
            continue
        details = {"by": by, "days": list(people[cadre_id])}
        tell(session, [account_id], ASK_FOR_LEAVE, details, at=at)
        subject = Subject("cadre", cadre_id, code)
        record_entry(session, viewer.actor, "remind", subject, at=at, details=details)
        told += 1
    return told
