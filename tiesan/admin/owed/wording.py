"""What is owed in words: what it is, for which period, until when, and how long that is."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask_babel import format_date

from tiesan.calendar.periods import Every
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _, ngettext
from tiesan.records.base import Record, listed_by
from tiesan.records.kinds import fact_kind
from tiesan.rules import Duty, Owed
from tiesan.words.values import in_words

_LONGEST = 40


def day_in_words(day: date) -> str:
    """Return a day with its weekday."""
    return str(format_date(day, _("EEEE, MMM d")))


def period_in_words(owed: Owed) -> str:
    """Return the period of a duty; an empty text for a deadline, which has none."""
    form = owed.rule.form
    if not isinstance(form, Duty) or owed.first_day is None or owed.last_day is None:
        return ""
    return _PERIODS[form.every](owed.first_day, owed.last_day)


def _week(first: date, last: date) -> str:
    days = {"first": format_date(first, _("MMM d")), "last": format_date(last, _("MMM d"))}
    return _("%(first)s to %(last)s") % days


_PERIODS: Mapping[Every, Callable[[date, date], str]] = {
    Every.WORKING_DAY: lambda first, _last: day_in_words(first),
    Every.WEEK: _week,
    Every.MONTH: lambda first, _last: str(format_date(first, _("MMMM yyyy"))),
    Every.QUARTER: lambda first, _last: str(format_date(first, _("QQQQ yyyy"))),
    Every.YEAR: lambda first, _last: str(format_date(first, _("yyyy"))),
}


def record_in_words(row: Record) -> str:
    """Return what a record is about, as its owner knows it: a day, and its first words or its code.

    The code alone says nothing to anybody; the goal of a task or the kind of a meeting does.
    """
    kind = fact_kind(type(row))
    said = (
        in_words(field, getattr(row, field.name))
        for field in kind.fields
        if field.name != "code" and field.type in (FieldType.TEXT, FieldType.CHOICE)
    )
    about = next((text for text in said if text), str(getattr(row, "code", "")))
    if len(about) > _LONGEST:
        about = about[: _LONGEST - 1] + "…"
    dated = listed_by(type(row))
    day = None if dated is None else getattr(row, dated.name)
    return about if day is None else f"{format_date(day, _('MMM d'))} {about}"


def days_left(calendar: WorkingCalendar, day: date, due_on: date) -> int:
    """Return how many working days there are after a day until a due date; 0 on the due date.

    Once it is past, the working days since, below zero, and at least one.
    """
    tomorrow = timedelta(days=1)
    if due_on >= day:
        return calendar.count(day + tomorrow, due_on) if due_on > day else 0
    return -max(1, calendar.count(due_on + tomorrow, day))


def left_in_words(number: int, day: date, due_on: date) -> str:
    """Return how long it is until a due date."""
    if due_on < day:
        yesterday = due_on == day - timedelta(days=1)
        return _("was due yesterday") if yesterday else _("was due, not judged yet")
    if due_on == day:
        return _("due today")
    if number == 0:
        return _("no working day left")
    return ngettext("%(num)d working day left", "%(num)d working days left", number)
