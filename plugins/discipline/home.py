"""What discipline puts on the first page: the work log of today, and today's clock times."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from plugins.discipline.models import Attendance, Leave, WorkLog
from tiesan.admin.home.pieces import Piece, Today
from tiesan.admin.records.own_pages import form_of_change, own_form
from tiesan.clock import SHANGHAI
from tiesan.i18n import _
from tiesan.records.kinds import record_kind

# No run of days off is longer.
_LONGEST_BREAK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class LogOfToday:
    """The log of a day: as it was saved, or the form of one that is asked for, or why none is.

    ``change`` is the form in which its author changes it. ``before`` is the log of the working day
    before, to read: no log begins as a copy of another.
    """

    day: date
    log: WorkLog | None
    saved: str
    change: str | None
    form: str | None
    remark: str
    before: WorkLog | None


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """When somebody came and went today, as far as it is known."""

    row: Attendance


def log_of_today(today: Today) -> LogOfToday:
    """Return the viewer's log of the day, or what is to be said instead."""
    day_before = _working_day_before(today)
    logs = {log.day: log for log in _logs(today, {today.day, day_before})}
    log, form = logs.get(today.day), None
    if log is None and record_kind(WorkLog).name in today.asked:
        form = own_form(WorkLog)
    remark = "" if log is not None or form is not None else _why_none(today)
    change = None if log is None else form_of_change(log)
    saved = "" if log is None else f"{log.recorded_at.astimezone(SHANGHAI):%H:%M}"
    return LogOfToday(today.day, log, saved, change, form, remark, logs.get(day_before))


def _logs(today: Today, days: set[date]) -> list[WorkLog]:
    statement = select(WorkLog).where(
        WorkLog.cadre_id == today.viewer.cadre_id,
        WorkLog.day.in_(sorted(days)),
        WorkLog.voided_at.is_(None),
    )
    return list(today.session.scalars(statement))


def _working_day_before(today: Today) -> date:
    """The last working day before today."""
    yesterday = today.day - timedelta(days=1)
    found = today.calendar.between(today.day - _LONGEST_BREAK, yesterday)
    return found[-1] if found else yesterday


def _why_none(today: Today) -> str:
    """Why no log is asked for: whether one is, was said by the rules already."""
    if not today.calendar.is_working_day(today.day):
        return _("A day off today: no work log is asked for.")
    if _is_on_leave(today):
        return _("On leave today: no work log is asked for.")
    return _("No work log is asked for today.")


def _is_on_leave(today: Today) -> bool:
    """Whether an approved leave of the viewer lies on the day."""
    statement = select(Leave.id).where(
        Leave.cadre_id == today.viewer.cadre_id,
        Leave.approved_on <= today.day,
        Leave.withdrawn_on.is_(None),
        Leave.first_day <= today.day,
        Leave.last_day >= today.day,
        Leave.voided_at.is_(None),
    )
    return today.session.scalar(statement.limit(1)) is not None


def clock_times(today: Today) -> ClockTimes | None:
    """Return when the viewer came and went today; None while nothing is known of it."""
    statement = select(Attendance).where(
        Attendance.cadre_id == today.viewer.cadre_id,
        Attendance.day == today.day,
        Attendance.voided_at.is_(None),
    )
    row = today.session.scalars(statement).first()
    known = row is not None and (row.clock_in is not None or row.clock_out is not None)
    return ClockTimes(row) if row is not None and known else None


home = (
    Piece("log_of_today.html", log_of_today, frozenset({record_kind(WorkLog).name})),
    Piece("clock_times.html", clock_times),
)
