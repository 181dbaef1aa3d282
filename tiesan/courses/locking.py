"""What a verb locks before it reads how its row stands, so that two verbs wait for each other."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.courses.values import Course
from tiesan.people.models import Account
from tiesan.records.kinds import table_of


def lock_row(session: Session, course: Course, of_row: int) -> None:
    """Lock a row, after what its course has to have locked before."""
    if course.locks is not None:
        course.locks(session, of_row)
    table = table_of(course.of)
    # Rows that refer to this one may be written meanwhile: who evaluates does not wait for it.
    session.execute(select(table.c.id).where(table.c.id == of_row).with_for_update(key_share=True))


def lock_account(session: Session, actor: Actor) -> None:
    """Let one account make one row at a time, so that a form sent twice at once makes one."""
    table = table_of(Account)
    own = select(table.c.id).where(table.c.id == actor.account_id)
    session.execute(own.with_for_update(key_share=True))
