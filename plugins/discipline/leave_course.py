"""The course of a leave (请假): asked for, decided by a superior, closed afterwards (销假)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from plugins.discipline.choices import LEAVE_KINDS
from plugins.discipline.leave_counts import brief, counted, needs_certificate
from plugins.discipline.models import Leave
from tiesan.access.policies import (
    Day,
    Id,
    ReaderOrSuperior,
    deputises,
    stands_for,
    superior_of,
)
from tiesan.courses.deputies import deputy
from tiesan.courses.given import fields, files, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import acting_cadre, stands_for_a_cadre, the_day
from tiesan.courses.values import (
    DAY,
    NEW,
    Case,
    Course,
    Gate,
    Given,
    State,
    StateOf,
    Verb,
    Waits,
    Who,
)
from tiesan.i18n import _, _l
from tiesan.records.policy import OWN
from tiesan.records.services import version_of
from tiesan.words.values import day as in_words

CERTIFICATE = _l("Certificate")
# Of which kinds of leave something is asked.
_ONLY_FOR = {
    "reason": ("kind", frozenset(LEAVE_KINDS) - {"annual"}),
    "place": ("kind", frozenset({"official"})),
    "files": ("kind", frozenset({"sick", "parental"})),
}
CLAUSE = _l("Discipline at work (… asking for leave and reporting back …)")


def is_of(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The cadre whose leave it is."""
    return stands_for(row.cadre_id, who)


def is_superior(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The chair over the cadre, or a supervisor who reaches the cadre; never the cadre."""
    return superior_of(row.cadre_id, who)


def is_deputy(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Whom such a superior has named as a deputy for these days; never the cadre."""
    return deputises(row.cadre_id, who, day)


def is_undecided(row: Any, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - as others have it
    """Asked for, and neither decided nor withdrawn."""
    return and_(
        row.requested_on.is_not(None),
        row.approved_on.is_(None),
        row.rejected_on.is_(None),
        row.closed_on.is_(None),
        row.withdrawn_on.is_(None),
    )


REQUESTER = Who(
    "requester", _l("requester"), is_of, _l("Only the cadre whose leave it is may do this.")
)
SUPERIOR = Who(
    "superior",
    _l("superior"),
    is_superior,
    _l("Only a superior of the cadre may do this, never the cadre."),
)
DEPUTY = deputy(is_deputy, SUPERIOR.refusal)


# --- what must be given ---------------------------------------------------------------------------


def is_approved(case: Case) -> bool:
    """When it is approved already."""
    return case.state == "approved"


def is_done_by_superior(case: Case) -> bool:
    """When a superior does it."""
    return case.capacity == SUPERIOR.name


def needs_reason(case: Case) -> bool:
    """For every kind of leave but the annual one."""
    return case.given.get("kind") != "annual"


def needs_place(case: Case) -> bool:
    """For an official outing."""
    return case.given.get("kind") == "official"


def _asked() -> Iterable[Given]:
    asked = fields(
        Leave, "kind", "first_day", "first_half", "last_day", "last_half", "reason", "place"
    )
    required = {"reason": needs_reason, "place": needs_place}
    for each in asked:
        needed = required.get(each.name, each.required)
        yield replace(each, required=needed, only_for=_ONLY_FOR.get(each.name))
    yield replace(files(CERTIFICATE), only_for=_ONLY_FOR["files"])


# --- gates ----------------------------------------------------------------------------------------


def overlaps_no_other(case: Case) -> bool:
    """No half of its days is covered by another live leave of the cadre."""
    return _overlapping(case) is None


def _overlapping(case: Case) -> Leave | None:
    row: Leave = case.row
    others = case.session.scalars(
        select(Leave)
        .where(
            Leave.cadre_id == row.cadre_id,
            Leave.id != row.id,
            Leave.voided_at.is_(None),
            Leave.withdrawn_on.is_(None),
            or_(Leave.rejected_on.is_(None), Leave.approved_on.is_not(None)),
            Leave.first_day <= row.last_day,
            Leave.last_day >= row.first_day,
        )
        .order_by(Leave.first_day, Leave.id)
    )
    first, last = _halves(row)
    for other in others:
        begins, ends = _halves(other)
        if begins <= last and first <= ends:
            return other
    return None


def _halves(row: Leave) -> tuple[tuple[date, bool], tuple[date, bool]]:
    """The first and the last half of a day that a leave covers; True is an afternoon."""
    return (row.first_day, row.first_half == "pm"), (row.last_day, row.last_half != "am")


def _said_of_overlap(case: Case) -> str:
    other = _overlapping(case)
    said = {"code": "", "first": "", "last": ""}
    if other is not None:
        said = {
            "code": other.code,
            "first": in_words(other.first_day),
            "last": in_words(other.last_day),
        }
    return _("These days overlap the leave %(code)s from %(first)s to %(last)s.") % said


def is_before_first_day(case: Case) -> bool:
    """The first day has not come yet."""
    return bool(case.day < case.row.first_day)


def has_begun(case: Case) -> bool:
    """The first day has come."""
    return bool(case.day >= case.row.first_day)


IS_A_CADRE = Gate(stands_for_a_cadre, _l("Only who stands for a cadre can ask for leave."))
NO_OVERLAP = Gate(overlaps_no_other, _said_of_overlap, CLAUSE, needs_given=True)
BEFORE_FIRST_DAY = Gate(
    is_before_first_day, _l("From its first day on a leave cannot be withdrawn."), CLAUSE
)
FROM_FIRST_DAY = Gate(
    has_begun, _l("Before its first day a leave cannot be closed; withdraw it instead."), CLAUSE
)


# --- what is said beside the button ---------------------------------------------------------------


def late_approval(case: Case) -> str | None:
    """That an approval now comes too late and will be flagged."""
    if case.day > case.row.first_day:
        return _("The leave began before today: approving it now is late and stays flagged.")
    return None


def before_closing(case: Case) -> str | None:
    """What is noted of a leave that is closed now: an early return, a certificate that is missing.

    An early return shortens nothing, and a missing certificate refuses nothing.
    """
    said = [early_return(case), missing_certificate(case)]
    return " ".join(filter(None, said)) or None


def early_return(case: Case) -> str | None:
    """That closing before the last day is an early return, which shortens nothing."""
    if case.day < case.row.last_day:
        return _("Closed before its last day: noted as an early return.")
    return None


def missing_certificate(case: Case) -> str | None:
    """That a certificate is due with this leave, and none was given so far."""
    if not needs_certificate(case.row) or any(event.attachments for event in case.events):
        return None
    return _("A certificate is due with this leave, and none was given yet.")


# --- who waits for what ---------------------------------------------------------------------------


def is_requested(state: StateOf) -> ColumnElement[bool]:
    """The state is `requested`."""
    # Said once more by the dates alone, for which there is an index of those that wait.
    return and_(state == "requested", is_undecided(Leave, DAY))


def last_day_is_over(state: StateOf) -> ColumnElement[bool]:
    """Approved, and its last day has passed."""
    return and_(state == "approved", Leave.last_day < DAY)


_DECISION = {"decided_by": acting_cadre}

LEAVE = Course(
    "leave",
    _l("Leave"),
    of=Leave,
    visible=ReaderOrSuperior(Leave, OWN, is_undecided),
    counted=counted,
    is_request=True,
    affects=(REQUESTER,),
    sheet=_l("Leave approval form"),
    brief=brief,
    version=version_of,
    history=COURSE_EVENTS,
    states=(
        State("withdrawn", _l("Withdrawn"), Leave.withdrawn_on.is_not(None)),
        State("closed", _l("Leave closed"), Leave.closed_on.is_not(None)),
        State(
            "rejected",
            _l("Not approved"),
            and_(Leave.rejected_on.is_not(None), Leave.approved_on.is_(None)),
        ),
        State("approved", _l("Approved already"), Leave.approved_on.is_not(None)),
        State("requested", _l("Requested"), Leave.requested_on.is_not(None)),
        State("recorded", _l("Recorded"), true()),
    ),
    verbs=(
        Verb(
            "request",
            _l("Ask for leave"),
            _l("Requested"),
            NEW,
            "requested",
            (REQUESTER,),
            tuple(_asked()),
            {"cadre": acting_cadre, "requested_on": the_day},
            (IS_A_CADRE, NO_OVERLAP),
        ),
        Verb(
            "approve",
            _l("Approve"),
            _l("Approved already"),
            frozenset({"requested"}),
            "approved",
            (SUPERIOR, DEPUTY),
            (text(required=False, label=_l("Remark")),),
            {"approved_on": the_day, **_DECISION},
            decides=True,
            remark=late_approval,
        ),
        Verb(
            "reject",
            _l("Reject"),
            _l("Not approved"),
            frozenset({"requested"}),
            "rejected",
            (SUPERIOR, DEPUTY),
            (text(label=_l("Reason")),),
            {"rejected_on": the_day, **_DECISION},
            decides=True,
        ),
        Verb(
            "close",
            _l("Close the leave"),
            _l("Leave closed"),
            frozenset({"approved"}),
            "closed",
            (REQUESTER, SUPERIOR),
            (text(is_done_by_superior, _l("Remark")), files(CERTIFICATE)),
            {"closed_on": the_day},
            (FROM_FIRST_DAY,),
            remark=before_closing,
        ),
        Verb(
            "withdraw",
            _l("Withdraw"),
            _l("Withdrawn"),
            frozenset({"requested", "approved"}),
            "withdrawn",
            (REQUESTER,),
            (text(is_approved, _l("Reason")),),
            {"withdrawn_on": the_day},
            (BEFORE_FIRST_DAY,),
        ),
    ),
    waits=(
        Waits(
            "decide",
            _l("to be decided"),
            "approve",
            is_requested,
            (Leave.requested_on,),
            days=(Leave.first_day, Leave.last_day),
        ),
        Waits("close", _l("to be closed"), "close", last_day_is_over, (Leave.last_day,)),
    ),
)
