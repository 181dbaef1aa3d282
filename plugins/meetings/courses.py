"""The course of a meeting: held, minutes filed; the chair files them as files or as a text."""

from sqlalchemy import true

from plugins.meetings.models import Meeting
from tiesan.access.policies import chairs_its_organization, reader_of
from tiesan.courses.given import files, text, without_text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import the_day
from tiesan.courses.values import Case, Course, Gate, State, Verb, Who
from tiesan.i18n import _l
from tiesan.records.services import version_of

CLAUSE = _l("Regular meetings and bulletins (work is assigned, guided, checked, summed up …)")


CHAIR = Who(
    "chair",
    _l("chair"),
    chairs_its_organization,
    _l("Only the chair of the organization may do this."),
)


def is_held(case: Case) -> bool:
    """The day of the meeting has come."""
    return bool(case.row.held_on <= case.day)


HELD = Gate(is_held, _l("The meeting is held on a day that is still to come."), CLAUSE)

MEETING = Course(
    "meeting",
    _l("Meeting"),
    of=Meeting,
    visible=reader_of(Meeting, Meeting.policy.access),
    version=version_of,
    history=COURSE_EVENTS,
    sheet_of_list=_l("List of meetings and minutes"),
    states=(
        State("filed", _l("Minutes filed"), Meeting.minutes_on.is_not(None)),
        State("held", _l("Without minutes"), true()),
    ),
    verbs=(
        Verb(
            "minutes",
            _l("File the minutes"),
            _l("Minutes filed"),
            frozenset({"held"}),
            "filed",
            (CHAIR,),
            (
                text(required=False, label=_l("Minutes, unless they are in a file")),
                files(required=without_text),
            ),
            {"minutes_on": the_day},
            (HELD,),
        ),
    ),
)

courses = (MEETING,)
