"""What the institution of accountability makes of a confirmed flag: a case, and what it pursues.

Source: institutions.md, 失职责任要追究. 对重大工作失误，要追究当事人责任.
"""

from sqlalchemy.orm import Session

from plugins.accountability.models import LEVELS, AccountabilityCase, Mistake
from tiesan.records.escalation import Escalation, Grounds
from tiesan.records.services import create_record


def open_case(session: Session, grounds: Grounds) -> AccountabilityCase:
    """Store a case of today; with a level also the mistake that it pursues.

    Raises RecordRefused for what the records do not take.
    """
    values = {
        "cadre": grounds.cadre,
        "mistake": None if grounds.level is None else _mistake(session, grounds),
        "opened_on": grounds.day,
    }
    return create_record(grounds.actor, session, AccountabilityCase, values, at=grounds.at)


def _mistake(session: Session, grounds: Grounds) -> Mistake:
    values = {
        "cadre": grounds.cadre,
        "level": grounds.level,
        "occurred_on": grounds.occurred_on,
        "reported_on": grounds.day,
        "summary": grounds.finding,
    }
    return create_record(grounds.actor, session, Mistake, values, at=grounds.at)


escalation = Escalation(
    case=AccountabilityCase,
    decided_on="decided_on",
    decision="decision",
    levels=LEVELS,
    opens=open_case,
)
