"""What is counted of an expense while it is asked for and when it is decided.

A bill cut in pieces is shown at the request already; and what the cadre paid this payee before.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense
from plugins.discipline.splits import (
    REJECTED,
    SPLIT_RULE,
    UNAPPROVED_RULE,
    covered_by_committee,
    is_split_with,
    latest_decision,
    threshold,
)
from tiesan.courses.values import Counting
from tiesan.facts.folding import folded
from tiesan.i18n import _
from tiesan.money import format_amount
from tiesan.records.kinds import table_of
from tiesan.words.values import day as in_words

_MOST_EARLIER = 5


def counted(counting: Counting) -> list[str]:
    """Return who has to approve it, what makes one bill with it, earlier ones to that payee."""
    return list(_sentences(counting))


def _sentences(counting: Counting) -> Iterator[str]:
    payee, amount = counting.values.get("payee"), counting.values.get("amount")
    number, together = _bill(counting)
    least = _threshold(counting, UNAPPROVED_RULE)
    if number > 1:
        said = {"number": number, "amount": format_amount(together)}
        yield _("This payee, this day: %(number)d expenses, together %(amount)s yuan.") % said
    split = number > 1 and together >= _threshold(counting, SPLIT_RULE)
    if split or (isinstance(amount, int) and amount >= least):
        yield _("The audit committee decides: from %(least)s yuan on.", least=format_amount(least))
    if isinstance(payee, str):
        earlier = _earlier(counting, payee)
        if earlier:
            yield _("Earlier to this payee: %(expenses)s", expenses=_listed(earlier))


def bill_of(session: Session, row_id: int, day: date) -> tuple[int, int]:
    """How many expenses make one bill with a stored one, itself included, and their sum."""
    other = table_of(Expense).alias()
    statement = (
        select(func.count(), func.coalesce(func.sum(other.c.amount), 0))
        .select_from(Expense)
        .join(other, is_split_with(Expense, other.c))
        .where(Expense.id == row_id)
    )
    number, together = session.execute(statement, {"day": day}).one()
    return int(number), int(together)


def _bill(counting: Counting) -> tuple[int, int]:
    """The bill of a stored expense, or that which one would belong to that is being typed."""
    if counting.row_id is not None:
        return bill_of(counting.session, counting.row_id, counting.day)
    payee, amount = counting.values.get("payee"), counting.values.get("amount")
    if not isinstance(payee, str) or not isinstance(amount, int):
        return 0, 0
    if amount >= _threshold(counting, SPLIT_RULE):
        return 1, amount
    is_of_day: Any = _day_of == counting.day
    is_small: Any = threshold(SPLIT_RULE) > Expense.amount
    statement = select(func.count(), func.coalesce(func.sum(Expense.amount), 0)).where(
        Expense.cadre_id == counting.cadre_id,
        Expense.payee_folded == folded(payee),
        is_of_day,
        is_small,
        Expense.voided_at.is_(None),
        Expense.withdrawn_on.is_(None),
        func.coalesce(latest_decision(Expense), "") != REJECTED,
        ~covered_by_committee(Expense),
    )
    number, together = counting.session.execute(statement, {"day": counting.day}).one()
    return int(number) + 1, int(together) + amount


def _threshold(counting: Counting, rule: str) -> int:
    return counting.session.scalar(select(threshold(rule)), {"day": counting.day}) or 0


def _earlier(counting: Counting, payee: str) -> list[Row[date, int]]:
    """What the cadre paid this payee before, or asked to pay, the latest first."""
    own = () if counting.row_id is None else (Expense.id != counting.row_id,)
    statement = (
        select(_day_of, Expense.amount)
        .where(
            Expense.cadre_id == counting.cadre_id,
            Expense.payee_folded == folded(payee),
            Expense.voided_at.is_(None),
            Expense.withdrawn_on.is_(None),
            counting.day >= _day_of,
            *own,
        )
        .order_by(_day_of.desc(), Expense.id.desc())
        .limit(_MOST_EARLIER)
    )
    return list(counting.session.execute(statement))


def _listed(rows: list[Row[date, int]]) -> str:
    return ", ".join(f"{in_words(spent)} {format_amount(amount)}" for spent, amount in rows)


_day_of: ColumnElement[date] = func.coalesce(Expense.spent_on, Expense.requested_on)


def brief(row: Any) -> list[str]:
    """Return an expense in a few lines: how much to whom, and what for."""
    return [f"{format_amount(row.amount)} {row.payee}", *([row.item] if row.item else [])]
