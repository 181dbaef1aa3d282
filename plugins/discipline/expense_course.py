"""The course of an expense (开支): asked for, decided, spent, reimbursed."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from plugins.discipline.expense_counts import bill_of, brief, counted
from plugins.discipline.models import Expense, ExpenseApproval
from plugins.discipline.splits import (
    APPROVED,
    CHAIR,
    COMMITTEE,
    REJECTED,
    UNAPPROVED_RULE,
    completes_split,
    covered,
    covered_by_committee,
    is_large,
    latest_decision,
    needs_committee,
    threshold,
)
from tiesan.access.policies import (
    Day,
    Id,
    ReaderOrSuperior,
    committee_of,
    deputises,
    stands_for,
    superior_of,
    supervisor_of,
)
from tiesan.courses.deputies import deputy
from tiesan.courses.given import check, fields, files, past_day, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import acting_cadre, stands_for_a_cadre, the_day
from tiesan.courses.values import NEW, Case, Course, Gate, State, StateOf, Verb, Waits, Who
from tiesan.i18n import _, _l
from tiesan.money import format_amount
from tiesan.records.policy import AUDITED
from tiesan.records.services import create_record, version_of

REQUEST_CLAUSE = _l("Financial discipline (… asking before everyday expenses …)")
COMMITTEE_CLAUSE = _l(
    "Expenses of 200 yuan and above must first be submitted to the audit committee of the district "
    "federation and may be reimbursed only after its approval"
)


def is_of(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The cadre whose expense it is."""
    return stands_for(row.cadre_id, who)


def is_in_committee(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """A member of the audit committee of the cadre's district, never the cadre."""
    return committee_of(row.cadre_id, who)


def is_superior_of_small(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A superior, for what is below the threshold, no part of a split and was not rejected."""
    return and_(superior_of(row.cadre_id, who), _is_small(row, day))


def is_deputy_for_small(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Whom such a superior has named as a deputy for these days; never for the committee."""
    return and_(deputises(row.cadre_id, who, day), _is_small(row, day))


def _is_small(row: Any, day: Day) -> ColumnElement[bool]:
    return and_(~needs_committee(row, day), func.coalesce(latest_decision(row), "") != REJECTED)


def is_undecided_small(row: Any, day: Day) -> ColumnElement[bool]:
    """Waits for a superior: small, not withdrawn, and not approved as far as it goes."""
    return and_(
        row.withdrawn_on.is_(None), row.reimbursed_on.is_(None), _is_small(row, day), ~covered(row)
    )


def is_supervisor(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """A supervisor who reaches the cadre, never the cadre."""
    return supervisor_of(row.cadre_id, who)


REQUESTER = Who(
    "requester", _l("requester"), is_of, _l("Only the cadre whose expense it is may do this.")
)
IN_COMMITTEE = Who(
    "committee",
    _l("audit committee"),
    is_in_committee,
    _l("Only the audit committee may decide this, or for small ones a superior; "
       "never the cadre whose expense it is."),
)  # fmt: skip
SUPERIOR = Who("superior", _l("superior"), is_superior_of_small, IN_COMMITTEE.refusal)
DEPUTY = deputy(is_deputy_for_small, IN_COMMITTEE.refusal)
SUPERVISOR = Who(
    "supervisor",
    _l("supervisor"),
    is_supervisor,
    _l("Only a supervisor of the cadre may do this, never the cadre."),
)


# --- gates ----------------------------------------------------------------------------------------


def _holds(case: Case, condition: ColumnElement[bool]) -> bool:
    """Whether a condition of SQL holds of the row of a case."""
    statement = select(condition).where(Expense.id == case.row.id)
    return bool(case.session.scalar(statement, {"day": case.day}))


def is_more_than_nothing(case: Case) -> bool:
    """The amount is more than 0.00."""
    return bool(case.given["amount"] > 0)


def was_spent_if_rejected(case: Case) -> bool:
    """Once rejected, only what was spent already can still be approved."""
    return case.state != "rejected" or case.row.spent_on is not None


def is_not_approved_yet(case: Case) -> bool:
    """No approval covers all of it yet, or only one that the committee has to give."""
    if case.state in {"requested", "rejected"}:
        return True
    by_whom = covered_by_committee if case.capacity_is(IN_COMMITTEE) else covered
    return not _holds(case, by_whom(Expense))


def is_approved_where_needed(case: Case) -> bool:
    """From the threshold on the committee has approved all of it."""
    return not _holds(case, and_(is_large(Expense), ~covered_by_committee(Expense)))


def completes_no_split(case: Case) -> bool:
    """With what is reimbursed already it makes no bill cut in pieces below the threshold."""
    return not _holds(case, completes_split(Expense))


def _said_of_threshold(case: Case) -> str:
    statement = select(threshold(UNAPPROVED_RULE))
    least = case.session.scalar(statement, {"day": case.day}) or 0
    return _(
        "From %(least)s yuan on an expense is reimbursed only after the audit committee has "
        "approved all of it.", least=format_amount(least)
    )  # fmt: skip


def _said_of_split(case: Case) -> str:
    number, together = bill_of(case.session, case.row.id, case.day)
    return _(
        "Expenses of one day to one payee: %(number)d, together %(amount)s yuan. "
        "The audit committee has to approve them first."
    ) % {"number": number, "amount": format_amount(together)}


IS_A_CADRE = Gate(stands_for_a_cadre, _l("Only who stands for a cadre can ask for an expense."))
MORE_THAN_NOTHING = Gate(
    is_more_than_nothing, _l("An expense of 0.00 is none."), REQUEST_CLAUSE, needs_given=True
)
WAS_SPENT = Gate(
    was_spent_if_rejected, _l("It was rejected and never spent: ask for it anew."), REQUEST_CLAUSE
)
NOT_APPROVED_YET = Gate(is_not_approved_yet, _l("All of it is approved already."))
APPROVED_WHERE_NEEDED = Gate(is_approved_where_needed, _said_of_threshold, COMMITTEE_CLAUSE)
NO_SPLIT = Gate(completes_no_split, _said_of_split, COMMITTEE_CLAUSE)


def split_bill(case: Case) -> str | None:
    """That it makes one bill with others of that day, cut in pieces below the threshold."""
    number, together = bill_of(case.session, case.row.id, case.day)
    least = case.session.scalar(select(threshold(UNAPPROVED_RULE)), {"day": case.day}) or 0
    return _said_of_split(case) if number > 1 and together >= least else None


# --- what verbs set, and what they do besides -----------------------------------------------------


def day_given(case: Case) -> date:
    """The day that was given."""
    found: date = case.given["spent_on"]
    return found


def receipt_given(case: Case) -> bool:
    """Whether there is a receipt: on paper, with this form, or a photo sent when it was spent."""
    return bool(case.given["receipt"]) or bool(case.given["files"]) or _has_photo(case)


def has_no_receipt(case: Case) -> bool:
    """When there is no receipt, neither on paper nor as a file."""
    given = case.given.get("receipt") or case.given.get("files")
    return not given and not _has_photo(case)


def _has_photo(case: Case) -> bool:
    """Whether a receipt was sent with the spending; files of the request are no receipt."""
    return any(event.verb == "spend" and event.attachments for event in case.events)


def record_approval(case: Case) -> None:
    """Store the approval of all of it by the body as which the actor decided."""
    _decide(case, APPROVED)


def record_rejection(case: Case) -> None:
    """Store the rejection by the body as which the actor decided."""
    _decide(case, REJECTED)


def _decide(case: Case, decision: str) -> None:
    values = {
        "expense": case.row,
        "body": COMMITTEE if case.capacity == IN_COMMITTEE.name else CHAIR,
        "approver": acting_cadre(case),
        "decision": decision,
        "amount": case.row.amount if decision == APPROVED else None,
        "decided_on": case.day,
    }
    create_record(case.actor, case.session, ExpenseApproval, values, at=case.at)


# --- who waits for what ---------------------------------------------------------------------------


# The states say as much; so said, an index gives these rows without looking at the others.
_UNFINISHED = and_(Expense.reimbursed_on.is_(None), Expense.withdrawn_on.is_(None))


def waits_for_committee(state: StateOf) -> ColumnElement[bool]:
    """Asked for or spent, and the committee has to approve all of it and has not."""
    undecided = and_(needs_committee(Expense), ~covered_by_committee(Expense))
    return and_(_UNFINISHED, state.in_(["requested", "spent"]), undecided)


def waits_for_decision(state: StateOf) -> ColumnElement[bool]:
    """Asked for or spent, small, and nobody has approved all of it."""
    undecided = and_(~needs_committee(Expense), ~covered(Expense))
    return and_(_UNFINISHED, state.in_(["requested", "spent"]), undecided)


def waits_for_money(state: StateOf) -> ColumnElement[bool]:
    """Spent, and nothing is lacking."""
    by_committee = and_(needs_committee(Expense), covered_by_committee(Expense))
    approved = or_(by_committee, and_(~needs_committee(Expense), covered(Expense)))
    return and_(_UNFINISHED, state == "spent", approved)


_UNSPENT = frozenset({"requested", "approved"})

EXPENSE = Course(
    "expense",
    _l("Expense"),
    of=Expense,
    visible=ReaderOrSuperior(Expense, AUDITED, is_undecided_small),
    counted=counted,
    is_request=True,
    affects=(REQUESTER,),
    sheet=_l("Expense approval form"),
    brief=brief,
    version=version_of,
    history=COURSE_EVENTS,
    states=(
        State("withdrawn", _l("Withdrawn"), Expense.withdrawn_on.is_not(None)),
        State("reimbursed", _l("Reimbursed"), Expense.reimbursed_on.is_not(None)),
        State("rejected", _l("Not approved"), latest_decision(Expense) == REJECTED),
        State("spent", _l("Spent"), Expense.spent_on.is_not(None)),
        State("approved", _l("Approved already"), latest_decision(Expense) == APPROVED),
        State("requested", _l("Asked for"), true()),
    ),
    verbs=(
        Verb(
            "request",
            _l("Ask for an expense"),
            _l("Asked for"),
            NEW,
            "requested",
            (REQUESTER,),
            (*fields(Expense, "payee", "item", "amount"), files()),
            {"cadre": acting_cadre, "requested_on": the_day},
            (IS_A_CADRE, MORE_THAN_NOTHING),
        ),
        Verb(
            "approve",
            _l("Approve"),
            _l("Approved already"),
            frozenset({"requested", "spent", "rejected"}),
            frozenset({"approved", "spent"}),
            (IN_COMMITTEE, SUPERIOR, DEPUTY),
            (text(required=False, label=_l("Remark")),),
            gates=(WAS_SPENT, NOT_APPROVED_YET),
            then=record_approval,
            decides=True,
            remark=split_bill,
        ),
        Verb(
            "reject",
            _l("Reject"),
            _l("Not approved"),
            frozenset({"requested", "spent"}),
            "rejected",
            (IN_COMMITTEE, SUPERIOR, DEPUTY),
            (text(label=_l("Reason")),),
            gates=(NOT_APPROVED_YET,),
            then=record_rejection,
            decides=True,
        ),
        Verb(
            "spend",
            _l("Record the spending"),
            _l("Spent"),
            _UNSPENT,
            "spent",
            (REQUESTER,),
            (
                past_day("spent_on", _l("Spent on")),
                *fields(Expense, "amount"),
                files(_l("Photo of the receipt")),
            ),
            {"spent_on": day_given},
            (MORE_THAN_NOTHING,),
        ),
        Verb(
            "reimburse",
            _l("Reimburse"),
            _l("Reimbursed"),
            frozenset({"spent"}),
            "reimbursed",
            (SUPERVISOR,),
            (
                check("receipt", _l("Paper receipt seen")),
                files(_l("Receipt")),
                text(has_no_receipt, _l("Reason")),
            ),
            {"reimbursed_on": the_day, "receipt": receipt_given},
            (APPROVED_WHERE_NEEDED, NO_SPLIT),
            decides=True,
        ),
        Verb(
            "withdraw",
            _l("Withdraw"),
            _l("Withdrawn"),
            _UNSPENT,
            "withdrawn",
            (REQUESTER,),
            (text(required=False, label=_l("Reason")),),
            {"withdrawn_on": the_day},
        ),
    ),
    waits=(
        Waits(
            "decide_as_committee", _l("to be decided by the audit committee"), "approve",
            waits_for_committee, (Expense.requested_on,)
        ),
        Waits(
            "decide", _l("to be decided"), "approve", waits_for_decision, (Expense.requested_on,)
        ),
        Waits(
            "reimburse", _l("to be reimbursed"), "reimburse", waits_for_money, (Expense.spent_on,)
        ),
    ),
)  # fmt: skip
