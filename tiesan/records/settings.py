"""What an administrator sets for the whole installation, in tables of the core.

Calendar exceptions and parameter values travel with the exchange files; which plugins are
switched on does not.
"""

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.columns import RecordKind, choice_column, date_column, text_column
from tiesan.extensions import Base
from tiesan.i18n import _l

WORKING = "working"
CALENDAR_EXCEPTION_KINDS = {
    WORKING: _l("Working day"),
    "off": _l("Day off"),
}


class CalendarException(Base):
    """A day on which the official calendar does not hold: worked, or off."""

    __tablename__ = "calendar_exception"
    __table_args__ = (UniqueConstraint("day"),)
    record_kind = RecordKind(
        name="calendar_exception",
        file="calendar_exceptions",
        title=_l("Calendar exception"),
        plural=_l("Calendar exceptions"),
        identity=("day",),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = date_column(_l("Day"))
    kind: Mapped[str] = choice_column(_l("Kind of day"), CALENDAR_EXCEPTION_KINDS)
    name: Mapped[str | None] = text_column(_l("Name"), 200)


# The longest list of texts, each of whose characters has to be doubled in one cell.
LONGEST_VALUE = 20_600


class RuleParameterValue(Base):
    """A value of a rule's parameter from a day on; ``value`` is the text as it was written.

    What a rule accepts is settled by the rule, so the text is read by ``tiesan.rules``.
    """

    __tablename__ = "rule_parameter"
    __table_args__ = (UniqueConstraint("rule", "name", "valid_from"),)
    record_kind = RecordKind(
        name="parameter",
        file="parameters",
        title=_l("Parameter value"),
        plural=_l("Parameter values"),
        identity=("rule", "name", "from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = text_column(_l("Rule"), 100)
    name: Mapped[str] = text_column(_l("Parameter"), 60)
    valid_from: Mapped[date] = date_column(_l("Valid from"), name="from")
    value: Mapped[str] = text_column(_l("Value"), LONGEST_VALUE)
    reason: Mapped[str | None] = text_column(_l("Reason"), 500)


class PluginState(Base):
    """Whether an installed plugin is switched on; without a row it is."""

    __tablename__ = "plugin_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    enabled: Mapped[bool]
    changed_at: Mapped[datetime]


def read_exceptions(session: Session) -> dict[date, bool]:
    """The administrator's calendar exceptions: worked (True) or off (False)."""
    return {day: kind == WORKING for day, kind in session.execute(_EXCEPTIONS)}


_EXCEPTIONS = select(CalendarException.day, CalendarException.kind)
