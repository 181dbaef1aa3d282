"""Looks at confidential matters: each one is in the audit trail.

Source: institutions.md, "What review adds".
"""

from sqlalchemy.orm import Session

from tiesan.access.viewer import current_viewer
from tiesan.audit import Subject, record_entry
from tiesan.clock import now
from tiesan.database import begin_writing
from tiesan.extensions import Base, db
from tiesan.records.kinds import row_id


def note_look(verb: str, kind: str, *, row: Base | None = None, count: int | None = None) -> None:
    """Add an entry that the viewer looked at a confidential row, or exported so many of them.

    It is written in a transaction of its own, because a look is a request that only reads.
    """
    subject = Subject(kind)
    if row is not None:
        code = getattr(row, "code", None) or getattr(row, "key", None)
        subject = Subject(kind, row_id(row), code, getattr(row, "district_id", None))
    details = {} if count is None else {"rows": count}
    with Session(db.engine) as session:
        begin_writing(session)
        record_entry(session, current_viewer().actor, verb, subject, at=now(), details=details)
        session.commit()
