"""The course of a meeting: held, minutes filed; the chair files them as files or as a text."""

from typing import Any

from sqlalchemy import ColumnElement, true

from plugins.meetings.models import Meeting
from tiesan.access.policies import Day, Id, chairs_its_organization, has_role, reader_of
from tiesan.courses.given import files, text, without_text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.issued_bulletins import issued_bulletin
from tiesan.courses.settings import the_day
from tiesan.courses.values import SAME, Case, Course, Gate, State, Verb, Who
from tiesan.i18n import _l
from tiesan.people.models import RoleName
from tiesan.records.services import version_of

CLAUSE = _l("Regular meetings and bulletins (work is assigned, guided, checked, summed up …)")


CHAIR = Who(
    "chair",
    _l("chair"),
    chairs_its_organization,
    _l("Only the chair of the organization may do this."),
)


def supervises(meeting: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """A supervisor who reaches the organization."""
    return has_role(RoleName.SUPERVISOR, meeting.organization_id, who)


SUPERVISOR = Who(
    "supervisor",
    _l("supervisor"),
    supervises,
    _l("Only the chair of the organization or a supervisor who reaches it may do this."),
)


def is_of_chairs(case: Case) -> bool:
    """It is a meeting of the federations' chairs, at which a bulletin is given."""
    return bool(case.row.kind == "chairs")


def without_bulletin(case: Case) -> bool:
    """No bulletin is noted yet."""
    return not case.row.bulletin


def is_held(case: Case) -> bool:
    """The day of the meeting has come."""
    return bool(case.row.held_on <= case.day)


OF_CHAIRS = Gate(
    is_of_chairs,
    _l("A bulletin is given at the meetings of the federations' chairs."),
    CLAUSE,
    told=False,
)
WITHOUT = Gate(
    without_bulletin, _l("It is noted already that a bulletin was given."), CLAUSE, told=False
)
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
        Verb(
            "give",
            _l("Note the bulletin given"),
            _l("Bulletin given"),
            frozenset({"held", "filed"}),
            SAME,
            (CHAIR, SUPERVISOR),
            (issued_bulletin("held_on"),),
            {"bulletin": True},
            (HELD, OF_CHAIRS, WITHOUT),
        ),
    ),
)

courses = (MEETING,)
