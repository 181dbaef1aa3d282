"""A piece of the course of a flag: stored states, a lapse, the way back, verbs that change none.

It is here because no institution has a stored course yet; its events are in the core's table.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, true

from tiesan.access.policies import Day, Id, concerned, has_role, organization_of_cadre
from tiesan.audit import Subject
from tiesan.courses.given import account, end_day, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.queue import state_is
from tiesan.courses.values import (
    BEFORE,
    DAY,
    SAME,
    Case,
    Course,
    Gate,
    Lapse,
    State,
    Verb,
    Waits,
    Who,
)
from tiesan.flags.models import Flag
from tiesan.people.models import RoleName


def everybody(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Whoever signs in."""
    return true()


def is_concerned(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Whom the flag is about."""
    return concerned(row.cadre_id, row.organization_id, who)


def is_reviewer(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A supervisor who reaches the cadre."""
    return has_role(RoleName.SUPERVISOR, organization_of_cadre(row.cadre_id), who)


def until_given(case: Case) -> date:
    """The end that was given."""
    found: date = case.given["until"]
    return found


def is_active(case: Case) -> bool:
    """The condition of the rule still holds."""
    return bool(case.row.active)


def day_after(row: Any) -> date:
    """The day after the end of the waiver."""
    found: date = row.waived_until + timedelta(days=1)
    return found


CONCERNED = Who("concerned", "concerned", is_concerned, "Only whom it is about.")
REVIEWER = Who("reviewer", "reviewer", is_reviewer, "Only a reviewer.")
UNDECIDED = frozenset({"open", "acknowledged", "explained"})

FLAG = Course(
    "flag",
    "Flag",
    of=Flag,
    column="review",
    visible=everybody,
    version=lambda flag: str(flag.revision),
    history=COURSE_EVENTS,
    subject=lambda flag: Subject("flag", flag.id, flag.key, flag.district_id),
    states=tuple(
        State(name, name)
        for name in ("open", "acknowledged", "explained", "confirmed", "waived", "appealed")
    ),
    verbs=(
        Verb("acknowledge", "a", "a", frozenset({"open"}), "acknowledged", (REVIEWER,)),
        Verb("explain", "e", "e", UNDECIDED, "explained", (CONCERNED,), (text(),)),
        Verb("confirm", "c", "c", UNDECIDED, "confirmed", (REVIEWER,), (text(),)),
        Verb("waive", "w", "w", UNDECIDED, "waived", (REVIEWER,), (text(), end_day()),
             {"waived_until": until_given}),
        Verb("appeal", "p", "p", frozenset({"confirmed"}), "appealed", (CONCERNED,), (text(),)),
        Verb("uphold", "u", "u", frozenset({"appealed"}), BEFORE, (REVIEWER,), (text(),)),
        Verb("withdraw", "d", "d", frozenset({"explained", "appealed"}), BEFORE, (CONCERNED,)),
        Verb("assign", "s", "s", UNDECIDED, SAME, (REVIEWER,),
             (account(is_reviewer, "To"),)),
    ),
    gates=(Gate(is_active, "It is no longer active.", but=frozenset({"appeal", "uphold"})),),
    lapses=(Lapse("waiver_ended", "ended", "waived", "open", Flag.waived_until < DAY, day_after),),
    waits=(Waits("new", "new", "acknowledge", state_is("open")),),
)  # fmt: skip
