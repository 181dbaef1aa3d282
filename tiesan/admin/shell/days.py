"""A day in words, for what stands beside a date field: at once for its value, by script after."""

from datetime import date

from flask import abort, jsonify
from flask.typing import ResponseReturnValue

from tiesan.admin.shell.asked_once import asked_once
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.records.policy import EVERYBODY
from tiesan.records.settings import read_exceptions
from tiesan.words.days import day_in_words

# Before and after these nobody has any days off to tell.
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


class DayView(Page):
    """What a day is called, as JSON; nothing that is not in every calendar."""

    roles = EVERYBODY

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("A day in words"), endpoint="days", url="/days")

    def entries(self) -> list[Entry]:
        """Return nothing: it is no page to be opened."""
        return []

    @page("/")
    @page("/<day>")
    def day_view(self, day: str | None = None) -> ResponseReturnValue:
        """Say a day in words; today, where the address names none."""
        try:
            asked = today() if day is None else date.fromisoformat(day)
        except ValueError:
            abort(404)
        return jsonify({"words": words_of(asked)})


def words_of(day: object) -> str:
    """Return a day in words; nothing of what is no day, or of one that is far away."""
    if not isinstance(day, date) or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return ""
    return day_in_words(working_calendar(), day, today())


@asked_once
def working_calendar() -> WorkingCalendar:
    """Return the working days of the installation."""
    return WorkingCalendar(read_exceptions(db.session()))
