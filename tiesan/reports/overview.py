"""The tables of an overview: flags by organization and rule, duties, reviews, trend, ages, figures.

Source: the page on what leaves the house, "Overview". Everything is counted by the database; a
session that is narrowed to what somebody may read counts no more than that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, extract, func, or_
from sqlalchemy.orm import Session

from tiesan.calendar.periods import Every
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.flags.duty_balance import DutyBalance
from tiesan.flags.models import Flag
from tiesan.i18n import _, current_language
from tiesan.records.settings import read_exceptions
from tiesan.reports.asked import Asked
from tiesan.reports.balance_counts import balances_told
from tiesan.reports.figure_counts import figures_told, sum_figure, unit_of
from tiesan.reports.flag_counts import CONFIRMED, DISMISSED, PLACE, RAISED, of_places
from tiesan.reports.places import Place
from tiesan.reports.review_counts import count_reviews
from tiesan.reports.series import spans_until
from tiesan.reports.tables import Head, Line, Number, Table
from tiesan.rules import SEVERITY_LABELS, Review, Severity

MONTHS = 12
# What was found true, whatever became of it since.
FOUND_TRUE = (Review.CONFIRMED.value, Review.REMEDIED.value, Review.CLOSED.value)
UNFINISHED = (
    Review.OPEN.value,
    Review.ACKNOWLEDGED.value,
    Review.EXPLAINED.value,
    Review.APPEALED.value,
)
# The least number of days that a flag of an age has waited; the last goes on for ever.
AGES = (0, 8, 15, 31, 91)


def flags_by_rule(session: Session, asked: Asked) -> Table:
    """Return how many flags of each rule there are of a span, beside the span before."""
    before, after = asked.span.before, asked.span
    is_now = Flag.occurred_on >= after.first_day
    statement = (
        of_places(
            asked,
            PLACE,
            Flag.rule,
            func.sum(case((is_now, 1), else_=0)),
            func.sum(case((is_now, 0), else_=1)),
        )
        .where(
            Flag.active,
            Flag.occurred_on >= before.first_day,
            Flag.occurred_on <= asked.last_day,
        )
        .group_by(PLACE, Flag.rule)
    )
    found: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, rule, now, then in session.execute(statement):
        sums = found[asked.places.told_under[place], rule]
        sums[0] += now
        sums[1] += then
    rules = [rule for rule in asked.catalog.rules if any(key[1] == rule for key in found)]
    heads = [Head(rule, rule_title(asked, rule)) for rule in rules]
    lines = [
        Line(
            str(place.id),
            place.name,
            {rule: Number(found[place.id, rule][0], None, found[place.id, rule][1])
             for rule in rules},
        )
        for place in places_shown(asked, {place for place, _rule in found})
    ]  # fmt: skip
    return Table("flags", _("Flags by organization and rule"), _("Organization"), heads, lines)


def duties_by_month(session: Session, asked: Asked) -> Table:
    """Return how many duties were done of those owed, by organization and month."""
    months = spans_until(Every.MONTH, asked.last_day, MONTHS)
    wide = replace(asked, span=replace(asked.span, first_day=months[0].first_day))
    statement = balances_told(
        wide,
        DutyBalance.organization_id,
        extract("year", DutyBalance.due_on),
        extract("month", DutyBalance.due_on),
        func.sum(DutyBalance.done),
        func.sum(DutyBalance.owed),
    ).group_by(
        DutyBalance.organization_id,
        extract("year", DutyBalance.due_on),
        extract("month", DutyBalance.due_on),
    )
    found: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, year, month, done, owed in session.execute(statement):
        sums = found[asked.places.told_under[place], f"{int(year):04d}-{int(month):02d}"]
        sums[0] += int(done)
        sums[1] += int(owed)
    heads = [Head(month.label, month.label) for month in months]
    lines = [
        Line(
            str(place.id),
            place.name,
            {month.label: Number(*found[place.id, month.label]) for month in months
             if (place.id, month.label) in found},
        )
        for place in places_shown(asked, {place for place, _month in found})
    ]  # fmt: skip
    return Table("duties", _("Duties done, of those owed"), _("Organization"), heads, lines)


def trend(session: Session, asked: Asked) -> Table:
    """Return by month how many flags were raised, confirmed and dismissed."""
    months = spans_until(Every.MONTH, asked.last_day, MONTHS)
    year, month = extract("year", Flag.occurred_on), extract("month", Flag.occurred_on)
    statement = (
        of_places(
            asked,
            year,
            month,
            func.count(Flag.id),
            func.sum(case((Flag.review.in_(FOUND_TRUE), 1), else_=0)),
            func.sum(case((Flag.review == Review.DISMISSED.value, 1), else_=0)),
        )
        .where(
            Flag.active,
            Flag.occurred_on >= months[0].first_day,
            Flag.occurred_on <= asked.last_day,
        )
        .group_by(year, month)
    )
    found = {
        f"{int(year):04d}-{int(month):02d}": (int(raised), int(confirmed), int(dismissed))
        for year, month, raised, confirmed, dismissed in session.execute(statement)
    }
    names = (RAISED, CONFIRMED, DISMISSED)
    titles = (_("Flags raised"), _("Flags confirmed"), _("Flags dismissed"))
    heads = [Head(name, title) for name, title in zip(names, titles, strict=True)]
    lines = [
        Line(each.label, each.label,
             dict(zip(names, map(Number, found.get(each.label, (0, 0, 0))), strict=True)))
        for each in months
    ]  # fmt: skip
    return Table("trend", _("Flags by month"), _("Month"), heads, lines)


def ages(session: Session, asked: Asked) -> Table:
    """Return for how long flags have waited to be decided, by severity."""
    starts = [(least, asked.as_of - timedelta(days=least)) for least in AGES]
    age = case(
        *((Flag.raised_as_of <= day, least) for least, day in reversed(starts)),
        else_=AGES[0],
    )
    statement = (
        of_places(asked, age, Flag.severity, func.count(Flag.id))
        .where(waits(asked.as_of))
        .group_by(age, Flag.severity)
    )
    found = {(int(least), severity): number
             for least, severity, number in session.execute(statement)}  # fmt: skip
    severities = [each.value for each in reversed(Severity)]
    heads = [Head(each, str(SEVERITY_LABELS[Severity(each)])) for each in severities]
    lines = [
        Line(str(least), age_words(at),
             {each: Number(found.get((least, each), 0)) for each in severities})
        for at, least in enumerate(AGES)
    ]  # fmt: skip
    return Table("ages", _("Flags that wait, by age"), _("Has waited"), heads, lines)


def waits(as_of: date) -> ColumnElement[bool]:
    """The flags that wait to be decided; a waiver that has ended leaves one open again."""
    open_again = and_(Flag.review == Review.WAIVED.value, Flag.waived_until < as_of)
    return and_(Flag.active, or_(Flag.review.in_(UNFINISHED), open_again))


def age_words(at: int) -> str:
    """Return an age in words, by its place among the ages."""
    if at + 1 == len(AGES):
        return _("more than %(days)d days", days=AGES[at] - 1)
    return _("%(least)d to %(most)d days", least=AGES[at], most=AGES[at + 1] - 1)


def punctuality(session: Session, asked: Asked) -> Table:
    """Return how many reviews were decided within 10 working days, by organization."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for each in count_reviews(session, asked):
        found[each.place_id][0] += each.value
        found[each.place_id][1] += each.of or 0
    heads = [Head("in_time", _("Reviewed within 10 working days"))]
    lines = [
        Line(str(place.id), place.name, {"in_time": Number(*found[place.id])})
        for place in places_shown(asked, set(found))
    ]
    return Table("reviews", _("Punctuality of reviews"), _("Organization"), heads, lines)


def figures(session: Session, asked: Asked) -> Table:
    """Return the figures of the institutions by organization, beside the span before."""
    before = replace(asked, span=asked.span.before)
    calendar = WorkingCalendar(read_exceptions(session))
    heads: list[Head] = []
    found: dict[str, tuple[Mapping[int, int], Mapping[int, int]]] = {}
    for plugin, figure in figures_told(asked):
        sums = [sum_figure(session, each, figure, calendar) for each in (asked, before)]
        if any(sums):
            key = f"{plugin.name}.{figure.name}"
            heads.append(Head(key, str(figure.title), unit_of(asked, figure)))
            found[key] = sums[0], sums[1]
    some = {place for sums in found.values() for each in sums for place in each}
    lines = [
        Line(
            str(place.id),
            place.name,
            {key: Number(now.get(place.id, 0), None, then.get(place.id, 0))
             for key, (now, then) in found.items()},
        )
        for place in places_shown(asked, some)
    ]  # fmt: skip
    return Table("figures", _("Work in numbers"), _("Organization"), heads, lines)


def places_shown(asked: Asked, some: Iterable[int]) -> list[Place]:
    """Return the organizations that stood in a span, or of which there is something to tell."""
    told, span = set(some), asked.span
    return [
        each
        for each in asked.places.all
        if each.id in told or each.stood(span.first_day, span.last_day)
    ]


def rule_title(asked: Asked, rule: str) -> str:
    """Return the title of a rule in the reader's language."""
    return asked.catalog.rules[rule].title.in_language(current_language())
