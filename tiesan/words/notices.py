"""Words about rectification notices: state and colour as badges, what became of a flag in one."""

from datetime import date

from flask import g
from markupsafe import Markup

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.extensions import db
from tiesan.flags.follow_up import Notice, NoticeFinding
from tiesan.i18n import _, current_language
from tiesan.records.settings import read_exceptions
from tiesan.reviews.notice_colour import COLOUR_WORDS, Colour, colour_of
from tiesan.reviews.notice_course import INACTIVE, NOTICE_COURSE
from tiesan.rules import REVIEW_LABELS, Review


def working_calendar() -> WorkingCalendar:
    """Return the working days as they hold in this request."""
    if "working_calendar" not in g:
        g.working_calendar = WorkingCalendar(read_exceptions(db.session()))
    found: WorkingCalendar = g.working_calendar
    return found


def state_word(notice: Notice) -> str:
    """Return the state of a notice."""
    return str(NOTICE_COURSE.state(notice.state).word)


def state_badge(notice: Notice) -> Markup:
    """Return the state of a notice as a badge."""
    return Markup('<span class="review notice-{}">{}</span>').format(
        notice.state, state_word(notice)
    )


def colour_on(notice: Notice, day: date) -> Colour | None:
    """Return the colour of a notice on a day."""
    return colour_of(notice.state, notice.due_on, day, working_calendar())


def colour_word(notice: Notice, day: date) -> str:
    """Return the colour of a notice in words; nothing once it was answered."""
    found = colour_on(notice, day)
    return "" if found is None else str(COLOUR_WORDS[found])


def colour_badge(notice: Notice, day: date) -> Markup:
    """Return the colour of a notice by colour and word; nothing once it was answered."""
    found = colour_on(notice, day)
    if found is None:
        return Markup("")
    return Markup('<span class="review colour-{}">{}</span>').format(found, COLOUR_WORDS[found])


def found_in(finding: NoticeFinding) -> str:
    """Return what was found, as it was when the notice was issued."""
    return finding.message_en if current_language() == "en" else finding.message_zh


def clause_of(finding: NoticeFinding) -> str:
    """Return the clause, as it was when the notice was issued."""
    return finding.clause_en if current_language() == "en" else finding.clause_zh


def became_of(finding: NoticeFinding) -> str:
    """Return why a flag is in a notice no more; nothing while it is."""
    if finding.left_as is None:
        return ""
    if finding.left_as == INACTIVE:
        return _("its condition no longer holds")
    return str(REVIEW_LABELS[Review(finding.left_as)])
