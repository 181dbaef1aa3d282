"""The rows behind a number of an overview: the same that it counts, by kind and id."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, case
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.flags.duty_balance import DUTY_BALANCE, DutyBalance
from tiesan.flags.models import Flag
from tiesan.records.settings import read_exceptions
from tiesan.reports.asked import Asked
from tiesan.reports.balance_counts import balances_told
from tiesan.reports.figure_counts import count_figure, figure_key, figures_told
from tiesan.reports.flag_counts import CONFIRMED, DISMISSED, PLACE, of_places
from tiesan.reports.overview import AGES, FOUND_TRUE, waits
from tiesan.reports.review_counts import count_reviews
from tiesan.reports.spans import Span
from tiesan.rules import FLAG, Review

Row = tuple[str, int]
# What was not done stands before what was; then the latest.
MISSED_FIRST = (
    case((DutyBalance.done < DutyBalance.owed, 0), else_=1),
    DutyBalance.due_on.desc(),
    DutyBalance.rule,
    DutyBalance.id,
)


def rows_of(session: Session, asked: Asked, table: str, line: str, column: str) -> list[Row]:
    """Return the rows of a number by the table's name and the keys of its line and column.

    Raises LookupError where there is no such table, line or column.
    """
    find = _FOUND.get(table)
    if find is None:
        raise LookupError(table)
    return list(find(session, asked, line, column))


def _of_rule(session: Session, asked: Asked, line: str, column: str) -> Iterator[Row]:
    statement = of_places(asked, Flag.id).where(
        Flag.active,
        Flag.rule == column,
        Flag.occurred_on >= asked.span.first_day,
        Flag.occurred_on <= asked.last_day,
        PLACE.in_(_told_under(asked, line)),
    )
    return _flags(session, statement)


def _of_month(session: Session, asked: Asked, line: str, column: str) -> Iterator[Row]:
    month = replace(asked, span=_span(line))
    outcome: dict[str, ColumnElement[bool]] = {
        CONFIRMED: Flag.review.in_(FOUND_TRUE),
        DISMISSED: Flag.review == Review.DISMISSED.value,
    }
    statement = of_places(asked, Flag.id).where(
        Flag.active,
        Flag.occurred_on >= month.span.first_day,
        Flag.occurred_on <= month.last_day,
    )
    return _flags(session, statement.where(*(outcome[column],) if column in outcome else ()))


def _of_age(session: Session, asked: Asked, line: str, column: str) -> Iterator[Row]:
    if line not in map(str, AGES):
        raise LookupError(line)
    at = AGES.index(int(line))
    statement = of_places(asked, Flag.id).where(waits(asked.as_of), Flag.severity == column)
    if at:
        youngest = asked.as_of - timedelta(days=AGES[at])
        statement = statement.where(Flag.raised_as_of <= youngest)
    if at + 1 < len(AGES):
        oldest = asked.as_of - timedelta(days=AGES[at + 1])
        statement = statement.where(Flag.raised_as_of > oldest)
    return _flags(session, statement)


def _of_reviews(session: Session, asked: Asked, line: str, _column: str) -> Iterator[Row]:
    return (each.row for each in count_reviews(session, asked) if str(each.place_id) == line)


def _of_duties(session: Session, asked: Asked, line: str, column: str) -> Iterator[Row]:
    month = replace(asked, span=_span(column))
    statement = balances_told(month, DutyBalance.id).where(
        DutyBalance.organization_id.in_(_told_under(asked, line))
    )
    found = session.scalars(statement.order_by(*MISSED_FIRST))
    return ((DUTY_BALANCE, row_id) for row_id in found)


def _of_figure(session: Session, asked: Asked, line: str, column: str) -> Iterator[Row]:
    calendar = WorkingCalendar(read_exceptions(session))
    for plugin, figure in figures_told(asked):
        key = figure_key(plugin, figure)
        if f"{plugin.name}.{figure.name}" == column:
            counted = count_figure(session, asked, figure, key, calendar)
            return (each.row for each in counted if str(each.place_id) == line)
    raise LookupError(column)


_FOUND = {
    "flags": _of_rule,
    "trend": _of_month,
    "ages": _of_age,
    "reviews": _of_reviews,
    "duties": _of_duties,
    "figures": _of_figure,
}


def _flags(session: Session, statement: Select[int]) -> Iterator[Row]:
    newest = statement.order_by(Flag.occurred_on.desc(), Flag.id.desc())
    return ((FLAG.name, flag_id) for flag_id in session.scalars(newest))


def _told_under(asked: Asked, line: str) -> Iterable[int]:
    """The organizations of a line."""
    return sorted(each for each, told in asked.places.told_under.items() if str(told) == line)


def _span(label: str) -> Span:
    try:
        return Span.named(label)
    except ValueError as error:
        raise LookupError(label) from error
