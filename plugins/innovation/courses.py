"""The course of an innovation: proposed, its result recorded.

Whether it is adopted supervisors say by the form of all fields; what came of it is told by the
cadre who proposed it, or by the chair.
"""

from typing import Any

from sqlalchemy import ColumnElement, true

from plugins.innovation.models import Innovation
from tiesan.access.policies import Day, Id, chairs_its_organization, reader_of, stands_for
from tiesan.courses.given import TEXT, files, text, without_text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import the_day
from tiesan.courses.values import Case, Course, Gate, State, Verb, Who
from tiesan.i18n import _l
from tiesan.records.services import version_of

CLAUSE = _l("Innovation at work (… it begins and ends with the real effect …)")


def is_proposer(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The cadre whose innovation it is."""
    return stands_for(row.cadre_id, who)


REFUSAL = _l("Only who proposed it, or the chair of the organization, may do this.")
PROPOSER = Who("proposer", _l("proposer"), is_proposer, REFUSAL)
CHAIR = Who("chair", _l("chair"), chairs_its_organization, REFUSAL)


def is_adopted_by_now(case: Case) -> bool:
    """It was proposed, and adopted, by the day."""
    adopted = case.row.adopted_on
    return bool(case.row.proposed_on <= case.day and (adopted is None or adopted <= case.day))


def result_said(case: Case) -> str | None:
    """The text that is given; what stood there before, where a file says it."""
    found: str | None = case.given.get(TEXT) or case.row.result
    return found


BY_NOW = Gate(
    is_adopted_by_now, _l("A result cannot be known before the innovation is proposed."), CLAUSE
)

INNOVATION = Course(
    "innovation",
    _l("Innovation"),
    of=Innovation,
    visible=reader_of(Innovation, Innovation.policy.access),
    version=version_of,
    history=COURSE_EVENTS,
    states=(
        State("resulted", _l("Result recorded"), Innovation.result_on.is_not(None)),
        State("proposed", _l("Without a result"), true()),
    ),
    verbs=(
        Verb(
            "result",
            _l("Record the result"),
            _l("Result recorded"),
            frozenset({"proposed"}),
            "resulted",
            (PROPOSER, CHAIR),
            (
                text(required=False, label=_l("Result, unless it is in a file")),
                files(required=without_text),
            ),
            {"result_on": the_day, "result": result_said},
            (BY_NOW,),
        ),
    ),
)

courses = (INNOVATION,)
