"""Form 2: a record starts a clock, and something must be done before it runs out.

Source: institutions.md, "Done in time": a deadline rule flags when ``deadline <= D`` and the thing
is not done, or was done later than the deadline.
"""

from collections.abc import Callable, Iterator
from datetime import date
from operator import itemgetter

from tiesan.calendar.deadlines import add_days, add_months, end_of_year
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.kinds import Fact, FieldType
from tiesan.rules.choices import Missing
from tiesan.rules.judging.forms.derived import Derived, Evidence, Setting, decision, no_evidence
from tiesan.rules.parameters import Values
from tiesan.rules.positions import Position
from tiesan.rules.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Dated,
    Deadline,
    Literal,
    Op,
    ParameterRef,
    Path,
    Rule,
    Span,
    Unit,
)

Clock = tuple[date, date | None]


def number_of(number: Literal | ParameterRef | None, values: Values) -> int:
    """The number that a literal or parameter stands for, in force."""
    if number is None:
        return 0
    value = number.value if isinstance(number, Literal) else number.value_in(values)
    if not isinstance(value, int):
        message = f"{value!r} is no number"
        raise TypeError(message)
    return value


def span_end(span: Span, start: date, values: Values, calendar: WorkingCalendar) -> date:
    """The day on which a span from ``start`` ends; date.max when it never comes."""
    number = number_of(span.number, values)
    if span.unit is Unit.WORKING_DAYS:
        return calendar.after(start, number)
    if span.unit is Unit.MONTHS:
        return add_months(start, number)
    if span.unit is Unit.END_OF_YEAR:
        return end_of_year(start)
    return add_days(start, number)


def span_ends(span: Span, setting: Setting) -> Callable[[date, date], date]:
    """``(start, day it counts from) -> end``, remembered, since many clocks start on one day."""
    known: dict[tuple[date, int], date] = {}
    history, calendar = setting.history, setting.world.calendar

    def end(start: date, counted_from: date) -> date:
        era = history.era(counted_from)
        if (start, era) not in known:
            known[start, era] = span_end(span, start, history.eras[era], calendar)
        return known[start, era]

    return end


def flags_when(rule: Rule, flags: Missing) -> Condition:
    """The derived part of the condition: not done and overdue, done too late, or either."""
    overdue, late = (_is_true(rule, name) for name in ("overdue", "late"))
    if flags is Missing.MISSING:
        return overdue
    if flags is Missing.LATE:
        return late
    return AnyOf((overdue, late))


def _is_true(rule: Rule, name: str) -> Comparison:
    path = Path(name, rule.shape.name, rule.shape.by_name[name])
    return Comparison(path, Op.EQ, Literal(True, FieldType.BOOLEAN), Position("", 0, 0))  # noqa: FBT003


def derive_deadline(form: Deadline, setting: Setting) -> Derived:
    """One fact per clock: the anchor with its deadline, the date of doing, and how they stand."""
    world, rule = setting.world, setting.rule
    clocks = _clocks(form, setting)
    end, is_asked = span_ends(form.span, setting), _is_asked(setting)
    facts: list[Fact] = []
    for anchor in world.of_kind(form.anchor.kind):
        for start, done_on in clocks(anchor):
            deadline = end(start, start)
            if not is_asked(start, deadline, done_on):
                continue
            overdue = done_on is None and deadline <= world.judged_until
            late = done_on is not None and done_on > deadline
            facts.append((*anchor, start, deadline, done_on, overdue, late))
    counted_from = itemgetter(rule.shape.index["clock_start"])
    condition = AllOf((*form.anchor.where.parts, flags_when(rule, form.flags)))
    return Derived(
        batch=rule.shape.name,
        facts=facts,
        decision=decision(setting, condition, form.anchor.related, counted_from),
        counted_from=counted_from,
        evidence=_evidence(form, setting),
    )


def _is_asked(setting: Setting) -> Callable[[date, date, date | None], bool]:
    """Whether a clock is looked at: all where it is judged, those that run where one looks ahead.

    A clock runs from its first day on. What is to be done by that day itself may be done from when
    its record is there.
    """
    if setting.outlook is None:
        return lambda _start, _deadline, _done_on: True
    day = setting.outlook.day
    return lambda start, deadline, done_on: done_on is None and (start <= day or start == deadline)


def _clocks(form: Deadline, setting: Setting) -> Callable[[Fact], Iterator[Clock]]:
    anchor = setting.world.kinds[form.anchor.kind]
    start = setting.binding.getter(form.start, anchor)
    if form.again is not None:
        return _repeated(start, _dates(form.again, form, setting))
    if isinstance(form.done, Dated):
        dates = _dates(form.done, form, setting)
        return lambda fact: _single(start(fact), next(iter(dates(fact)), None))
    if form.done is None:
        message = "a deadline has either 'done' or 'again'"
        raise ValueError(message)
    done = setting.binding.getter(form.done, anchor)
    return lambda fact: _single(start(fact), done(fact))


def _single(start: date | None, done_on: date | None) -> Iterator[Clock]:
    if start is not None:
        yield start, done_on


def _repeated(
    start: Callable[[Fact], date | None], dates: Callable[[Fact], list[date]]
) -> Callable[[Fact], Iterator[Clock]]:
    def clocks(fact: Fact) -> Iterator[Clock]:
        begin = start(fact)
        if begin is None:
            return
        # A restart before the clock first ran is none.
        restarts = [day for day in dates(fact) if day >= begin]
        yield from zip([begin, *restarts], [*restarts, None], strict=True)

    return clocks


def _dates(dated: Dated, form: Deadline, setting: Setting) -> Callable[[Fact], list[date]]:
    """The dates of an anchor's related facts, in order."""
    world, binding = setting.world, setting.binding
    kind, anchor = world.kinds[dated.kind], world.kinds[form.anchor.kind]
    found = binding.joined(dated.kind, dated.where, anchor, world.of_kind(dated.kind))
    read = binding.getter(dated.date, kind)
    start = binding.getter(form.start, anchor)

    def dates(fact: Fact) -> list[date]:
        day = start(fact)
        if day is None:
            return []
        matching = found.matching(fact, setting.history.values_on(day))
        return sorted({day for day in map(read, matching) if day is not None})

    return dates


def _evidence(form: Deadline, setting: Setting) -> Callable[[Fact], Evidence]:
    dated = form.again if form.again is not None else form.done
    if not isinstance(dated, Dated):
        return no_evidence
    world = setting.world
    anchor = world.kinds[form.anchor.kind]
    found = setting.binding.joined(dated.kind, dated.where, anchor, world.of_kind(dated.kind))
    start = itemgetter(setting.rule.shape.index["clock_start"])

    def evidence(fact: Fact) -> Evidence:
        values = setting.history.values_on(start(fact))
        return ((dated.kind, each) for each in found.matching(fact, values))

    return evidence
