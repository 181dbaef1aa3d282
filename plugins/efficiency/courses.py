"""The course of a task: assigned, started, completed; its owner or the chair says so by one tap."""

from typing import Any

from sqlalchemy import ColumnElement, true

from plugins.efficiency.models import Task
from tiesan.access.policies import Day, Id, chairs_its_organization, reader_of, stands_for
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import the_day
from tiesan.courses.values import Case, Course, Gate, State, Verb, Who
from tiesan.i18n import _l
from tiesan.records.services import version_of

CLAUSE = _l("Efficiency at work (… every step is taken quickly …)")


def is_owner(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The cadre whose task it is."""
    return stands_for(row.owner_id, who)


REFUSAL = _l("Only the owner of the task, or the chair of its organization, may do this.")
OWNER = Who("owner", _l("owner"), is_owner, REFUSAL)
CHAIR = Who("chair", _l("chair"), chairs_its_organization, REFUSAL)


def is_assigned(case: Case) -> bool:
    """The day on which the task is assigned has come."""
    return bool(case.row.assigned_on <= case.day)


def started_by_now(case: Case) -> Any:
    """The day on which it was started; the day of doing where nobody has said so before."""
    return case.row.started_on or case.day


ASSIGNED = Gate(is_assigned, _l("The task is assigned on a day that is still to come."), CLAUSE)

TASK = Course(
    "task",
    _l("Task"),
    of=Task,
    visible=reader_of(Task, Task.policy.access),
    version=version_of,
    history=COURSE_EVENTS,
    states=(
        State("completed", _l("Completed"), Task.completed_on.is_not(None)),
        State("started", _l("Started"), Task.started_on.is_not(None)),
        State("assigned", _l("Assigned"), true()),
    ),
    verbs=(
        Verb(
            "start",
            _l("Start the task"),
            _l("Started"),
            frozenset({"assigned"}),
            "started",
            (OWNER, CHAIR),
            sets={"started_on": the_day},
            gates=(ASSIGNED,),
        ),
        Verb(
            "complete",
            _l("Complete the task"),
            _l("Completed"),
            frozenset({"assigned", "started"}),
            "completed",
            (OWNER, CHAIR),
            sets={"started_on": started_by_now, "completed_on": the_day},
            gates=(ASSIGNED,),
        ),
    ),
)

courses = (TASK,)
