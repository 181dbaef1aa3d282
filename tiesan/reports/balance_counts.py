"""Duties in numbers: of what was due in a span, how much was owed and how much was done.

It is told from what the daily run keeps, so that nothing is evaluated.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tiesan.flags.duty_balance import DUTY_BALANCE, DutyBalance
from tiesan.reports.asked import Asked, Counted
from tiesan.rules import Duty, Rule

DUTY = "duty"


def duty_rules(asked: Asked) -> list[Rule]:
    """Return the rules by which a duty is owed and that are told of, by institution and id."""
    return [
        rule
        for rule in asked.catalog.rules.values()
        if rule.enabled and isinstance(rule.form, Duty) and asked.tells_of(rule.id)
    ]


def balances_told(asked: Asked, *columns: Any) -> Select[Any]:
    """Select columns of what was due in a span and is told of."""
    return select(*columns).where(
        DutyBalance.district_id == asked.places.district_id,
        DutyBalance.due_on >= asked.span.first_day,
        DutyBalance.due_on <= asked.last_day,
        DutyBalance.rule.in_([rule.id for rule in duty_rules(asked)]),
        DutyBalance.organization_id.in_(asked.places.ids),
    )


def count_duties(session: Session, asked: Asked) -> Iterator[Counted]:
    """Yield each period of a duty in a span: how many did it, of how many who owed it."""
    statement = balances_told(
        asked,
        DutyBalance.id,
        DutyBalance.rule,
        DutyBalance.organization_id,
        DutyBalance.done,
        DutyBalance.owed,
    ).order_by(DutyBalance.id)
    for row_id, rule, place, done, owed in session.execute(statement):
        told = asked.places.told_under[place]
        yield Counted(f"{DUTY}:{rule}", told, (DUTY_BALANCE, row_id), done, owed)
