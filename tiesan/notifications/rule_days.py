"""How many working days before the due date those who owe something are told, by rule."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.calendar.periods import Every
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.rules import Duty, Rule

_RULE_LENGTH = 100
DEFAULT_DAYS, MOST_DAYS = 3, 30


class RuleReminder(Base):
    """So many working days before the due date it is told what a rule asks for; 0 is never."""

    __tablename__ = "rule_reminder"
    __table_args__ = (CheckConstraint(f"days BETWEEN 0 AND {MOST_DAYS}", name="days_range"),)

    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH), primary_key=True)
    days: Mapped[int]


def default_days(rule: Rule) -> int:
    """Return what holds where nothing is set: 3, but nothing of what is owed every working day."""
    form = rule.form
    daily = isinstance(form, Duty) and form.every is Every.WORKING_DAY
    return 0 if daily else DEFAULT_DAYS


def days_set(session: Session) -> dict[str, int]:
    """Return the working days that are set, by rule."""
    statement = select(RuleReminder.rule, RuleReminder.days)
    return dict(session.execute(statement).all())


def days_before(session: Session, rule: Rule) -> int:
    """Return how many working days before it is told what a rule asks for; 0 for never."""
    found = session.get(RuleReminder, rule.id)
    return default_days(rule) if found is None else found.days


def set_days(actor: Actor, session: Session, rule: str, days: int, *, at: datetime) -> None:
    """Set it for a rule; the caller commits. Raises UserError for a number that is out of range."""
    if not 0 <= days <= MOST_DAYS:
        raise UserError(_("0 to %(most)d working days.", most=MOST_DAYS))
    session.merge(RuleReminder(rule=rule, days=days))
    session.flush()
    subject = Subject("rule", None, rule)
    record_entry(session, actor, "set reminder", subject, at=at, details={"days": days})
