"""Who has to approve an expense, as conditions of SQL: threshold, decisions, and split bills.

They decide *who* may approve, so they must be asked of many rows at once. The rules look at the
same things when all is done; here the threshold is that of the day (institutions.md, "Requests").
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, and_, cast, func, or_, select

from plugins.discipline.models import Expense, ExpenseApproval
from tiesan.access.policies import Day, there_is
from tiesan.courses.values import DAY
from tiesan.records.kinds import table_of
from tiesan.records.settings import RuleParameterValue

COMMITTEE, CHAIR = "audit_committee", "chair"
APPROVED, REJECTED = "approved", "rejected"
UNAPPROVED_RULE, SPLIT_RULE = "discipline.expense_unapproved", "discipline.expense_split"
# What rules/discipline.yaml ships for both rules; a test compares them.
SHIPPED_THRESHOLD = 200_00
_FEN = 100


def threshold(rule: str, day: Day = DAY) -> ColumnElement[int]:
    """The amount in fen from which on the committee approves, by one of the rules, on a day."""
    value = table_of(RuleParameterValue).alias()
    fen = cast(func.round(cast(value.c.value, Numeric(14, 2)) * _FEN), BigInteger)
    statement = (
        select(fen)
        .where(value.c.rule == rule, value.c.name == "threshold", value.c["valid_from"] <= day)
        .order_by(value.c["valid_from"].desc())
        .limit(1)
    )
    latest = statement.correlate_except(value).scalar_subquery()
    return func.coalesce(latest, SHIPPED_THRESHOLD)


def latest_decision(expense: Any) -> ColumnElement[Any]:
    """The latest decision on an expense, whoever took it; NULL while there is none."""
    approval = table_of(ExpenseApproval).alias()
    statement = (
        select(approval.c.decision)
        .where(approval.c.expense_id == expense.id, approval.c.voided_at.is_(None))
        .order_by(approval.c.decided_on.desc(), approval.c.id.desc())
        .limit(1)
    )
    return statement.correlate_except(approval).scalar_subquery()


def covered_by_committee(expense: Any) -> ColumnElement[bool]:
    """The committee approved all of it: a live approval without limit, or up to the amount."""
    approval = table_of(ExpenseApproval).alias()
    whole = or_(approval.c.amount.is_(None), approval.c.amount >= expense.amount)
    return there_is(
        approval,
        where=and_(
            approval.c.expense_id == expense.id,
            approval.c.voided_at.is_(None),
            approval.c.body == COMMITTEE,
            approval.c.decision == APPROVED,
            whole,
        ),
    )


def covered(expense: Any) -> ColumnElement[bool]:
    """Some body approved all of it."""
    approval = table_of(ExpenseApproval).alias()
    whole = or_(approval.c.amount.is_(None), approval.c.amount >= expense.amount)
    return there_is(
        approval,
        where=and_(
            approval.c.expense_id == expense.id,
            approval.c.voided_at.is_(None),
            approval.c.decision == APPROVED,
            whole,
        ),
    )


def is_split_with(expense: Any, other: Any, day: Day = DAY) -> ColumnElement[bool]:
    """Another expense that makes one bill with this one: same cadre, payee and day, not settled.

    The day is that of spending, before it that of asking. Payees that look alike are one.
    """
    return and_(
        other.cadre_id == expense.cadre_id,
        other.payee_folded == expense.payee_folded,
        _day(other) == _day(expense),
        other.amount < threshold(SPLIT_RULE, day),
        other.voided_at.is_(None),
        other.withdrawn_on.is_(None),
        func.coalesce(latest_decision(other), "") != REJECTED,
        ~covered_by_committee(other),
    )


def _day(expense: Any) -> ColumnElement[Any]:
    return func.coalesce(expense.spent_on, expense.requested_on)


def is_part_of_split(expense: Any, day: Day = DAY) -> ColumnElement[bool]:
    """Below the threshold by itself, and together with the others of that bill not."""
    other = table_of(Expense).alias()
    together = select(func.coalesce(func.sum(other.c.amount), 0)).where(
        is_split_with(expense, other.c, day)
    )
    return and_(
        expense.amount < threshold(SPLIT_RULE, day),
        ~covered_by_committee(expense),
        together.correlate_except(other).scalar_subquery() >= threshold(SPLIT_RULE, day),
    )


def completes_split(expense: Any, day: Day = DAY) -> ColumnElement[bool]:
    """Reimbursed too, it would make a split bill with those that are reimbursed already."""
    other = table_of(Expense).alias()
    reimbursed = and_(
        is_split_with(expense, other.c, day),
        other.c.id != expense.id,
        other.c.reimbursed_on.is_not(None),
    )
    rest = select(func.coalesce(func.sum(other.c.amount), 0)).where(reimbursed)
    sum_of_rest = rest.correlate_except(other).scalar_subquery()
    return and_(
        expense.amount < threshold(SPLIT_RULE, day),
        ~covered_by_committee(expense),
        sum_of_rest > 0,
        sum_of_rest + expense.amount >= threshold(SPLIT_RULE, day),
    )


def is_large(expense: Any, day: Day = DAY) -> ColumnElement[bool]:
    """From the threshold on."""
    large: ColumnElement[bool] = expense.amount >= threshold(UNAPPROVED_RULE, day)
    return large


def needs_committee(expense: Any, day: Day = DAY) -> ColumnElement[bool]:
    """Only the committee can approve it: large, or part of a split bill."""
    return or_(is_large(expense, day), is_part_of_split(expense, day))
