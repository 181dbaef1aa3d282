"""The job that writes down where each chain of the audit trail ends."""

import logging

from sqlalchemy.orm import Session

from tiesan.audit.heads import add_heads, current_heads
from tiesan.config import audit_heads
from tiesan.scheduler.work import FAILED, Outcome, Work

HEADS_NOT_WRITTEN = "heads not written"
log = logging.getLogger(__name__)


def keep_heads(work: Work) -> Outcome:
    """Add the heads of all chains to the file of the installation; says how many there were.

    Where it cannot be written the run has failed, which is shown on the page of operation, and
    nothing else is stopped by it.
    """
    with Session(work.database) as session:
        heads = current_heads(session.connection())
    file = audit_heads()
    try:
        return {"heads": add_heads(file, heads, work.day)}
    except OSError as error:
        log.warning("the heads of the audit trail were not written: %s: %s", file, error.strerror)
        return {"heads": 0, FAILED: HEADS_NOT_WRITTEN}
