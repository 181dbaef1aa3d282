"""To whom a flag is assigned at present.

Source: the page on reviews, "Verbs": an assignment bars no other reviewer; it lapses with the
decision, and when whom it names reviews the flag no more. The latter is read, and never written.
"""

from datetime import date
from typing import Any

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from tiesan.access.policies import acts
from tiesan.access.reviewers import is_reviewer
from tiesan.courses.values import DAY
from tiesan.flags.models import Flag
from tiesan.people.models import Account
from tiesan.records.kinds import table_of

ASSIGNEE: Any = Flag.assigned_to_id
# An assignment holds as long as whom it names reviews the flag.
ASSIGNED = and_(acts(ASSIGNEE, DAY), is_reviewer(Flag, ASSIGNEE, DAY))
_ACCOUNT = table_of(Account)
# Of one flag, by columns alone: who reads it has noted the look at it.
_OF_ONE = (
    select(_ACCOUNT.c.id, _ACCOUNT.c.username)
    .join_from(Flag, _ACCOUNT, _ACCOUNT.c.id == ASSIGNEE)
    .where(Flag.id == bindparam("flag"), ASSIGNED)
)


def assignee(session: Session, flag: Flag, day: date) -> Row[int, str] | None:
    """Return id and user name of whom a flag is assigned to on a day; None where that lapsed."""
    if flag.assigned_to_id is None:
        return None
    return session.execute(_OF_ONE, {"flag": flag.id, "day": day}).one_or_none()
