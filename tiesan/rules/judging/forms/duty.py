"""Form 3: somebody owes something once per period.

Source: institutions.md, "Duties": judged for every period that begins on or after ``tracked_from``
and whose due date has come; owed only by who stood for the whole period; not owed by a cadre wholly
on approved leave.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from tiesan.calendar.periods import Every, Period, day_period, periods_from
from tiesan.facts.kinds import Fact
from tiesan.rules.judging.forms.deadline import number_of, span_ends
from tiesan.rules.judging.forms.derived import Derived, Setting, decision, no_evidence
from tiesan.rules.positions import Position
from tiesan.rules.shapes import DUTY_FIELDS
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Duty,
    Edge,
    Excused,
    NoneOf,
    Op,
    ParameterRef,
    Path,
)

_DERIVED = frozenset(each.name for each in DUTY_FIELDS)
_BLANK_PERIOD = (None,) * len(DUTY_FIELDS)


@dataclass(frozen=True, slots=True)
class _Term:
    """A period of a duty, with the day it is due and the day until which one must stand."""

    period: Period
    due_on: date
    stands_until: date
    era: int


def derive_duty(form: Duty, setting: Setting) -> Derived:
    """One fact per owner and period: who owes, the period, what is required and what was done."""
    rule = setting.rule
    facts = list(_facts(form, setting))
    position = {name: rule.shape.index[name] for name in ("last_day", "done")}
    as_of, last_day = setting.world.as_of, position["last_day"]

    def counted_from(fact: Fact) -> date:
        day = fact[last_day]
        return min(day, as_of) if isinstance(day, date) else as_of

    done = Path("done", rule.shape.name, rule.shape.by_name["done"])
    short = Comparison(done, Op.LT, form.required, Position("", 0, 0))
    condition = AllOf((*form.owed_by.where.parts, short))
    return Derived(
        batch=rule.shape.name,
        facts=facts,
        decision=decision(setting, condition, form.owed_by.related, counted_from),
        counted_from=counted_from,
        evidence=no_evidence,
    )


def _facts(form: Duty, setting: Setting) -> Iterator[Fact]:
    world, history = setting.world, setting.history
    terms, done = _terms(form, setting), _done(form, setting)
    excused = _excused(form, setting)
    required = [number_of(form.required, values) for values in history.eras]
    for owner, first, last in _owners(form, setting):
        code = str(owner[world.kinds[form.owed_by.kind].index["code"]])
        for term in terms(first):
            period = term.period
            if term.stands_until > last:
                if period.first_day > last:
                    break
                continue
            if excused(code, period.first_day, term.stands_until):
                continue
            fact = (
                *owner,
                period.first_day,
                period.last_day,
                term.due_on,
                period.label,
                required[term.era],
            )
            yield (*fact, done(code, fact, term.era))


def _owners(form: Duty, setting: Setting) -> Iterator[tuple[Fact, date, date]]:
    """Who may owe the duty, with the first day of a period and the last day they stand for.

    Who left and came back is given once for each unbroken time: no period lies in two of them.
    """
    world, kind = setting.world, setting.world.kinds[form.owed_by.kind]
    code = kind.index["code"]
    wanted = None if world.owners is None else world.owners.get(kind.name, frozenset())
    owes = _owes(form, setting)
    for owner in world.of_kind(kind.name):
        if (wanted is not None and owner[code] not in wanted) or not owes(owner):
            continue
        tracked = world.tracked_from(kind.name, str(owner[code]))
        if tracked is None:
            continue
        for stint in world.standing(kind.name, owner):
            yield owner, max(tracked, stint.first), stint.last


def _owes(form: Duty, setting: Setting) -> Callable[[Fact], bool]:
    """Whether somebody owes the duty at all, as far as that does not depend on the period.

    The engine decides all conditions again; this only spares facts that cannot be hits.
    """
    parts = [part for part in form.owed_by.where.parts if not _depends_on_period(part)]
    shape = setting.rule.shape
    test = setting.binding.test(AllOf(tuple(parts)), shape, shape)

    def owes(owner: Fact) -> bool:
        fact = (*owner, *_BLANK_PERIOD)
        return test(fact, fact, {})

    return owes


def _depends_on_period(condition: Condition) -> bool:
    if isinstance(condition, (AllOf, AnyOf, NoneOf)):
        return any(_depends_on_period(part) for part in condition.parts)
    right = condition.right if isinstance(condition.right, tuple) else (condition.right,)
    sides = (condition.left, *right)
    if any(isinstance(side, ParameterRef) for side in sides):
        return True
    paths = [side.path if isinstance(side, AnchorPath) else side for side in sides]
    return any(isinstance(path, Path) and path.field.name in _DERIVED for path in paths)


def _terms(form: Duty, setting: Setting) -> Callable[[date], Iterator[_Term]]:
    """The periods that begin on or after a day and are due by now; remembered over owners."""
    world = setting.world
    ends = span_ends(form.due.span, setting) if form.due.span is not None else None
    known: dict[date, list[_Term]] = {}

    def term(period: Period) -> _Term:
        counted = min(period.last_day, world.as_of)
        start = period.first_day if form.due.start is Edge.FIRST_DAY else period.last_day
        due_on = start if ends is None else ends(start, counted)
        stands = due_on if form.stands_until is Edge.DUE_ON else period.last_day
        return _Term(period, due_on, stands, setting.history.era(counted))

    def terms(first: date) -> Iterator[_Term]:
        if first not in known:
            every = map(term, _periods(form.every, first, setting))
            known[first] = [each for each in every if each.due_on <= world.judged_until]
        return iter(known[first])

    return terms


def _periods(every: Every, first: date, setting: Setting) -> Iterator[Period]:
    calendar, until = setting.world.calendar, setting.world.judged_until
    if first > until:
        return iter(())
    if every is Every.WORKING_DAY:
        return map(day_period, calendar.between(first, until))
    periods = periods_from(every, first, until)
    if every is Every.WEEK:
        # A week without any working day is exempt (institutions.md, "Week").
        return (each for each in periods if calendar.between(each.first_day, each.last_day))
    return periods


def _excused(form: Duty, setting: Setting) -> Callable[[str, date, date], bool]:
    if form.excused is Excused.NEVER or form.owed_by.kind != "cadre":
        return lambda _code, _first, _last: False
    calendar, leave = setting.world.calendar, setting.world.leave
    outings = form.excused is Excused.LEAVE_OR_OUTING
    daily = form.every is Every.WORKING_DAY

    def excused(code: str, first: date, last: date) -> bool:
        if not leave.any_leave(code, outings=outings):
            return False
        days = [first] if daily and first == last else calendar.between(first, last)
        return bool(days) and all(leave.whole_day(code, day, outings=outings) for day in days)

    return excused


def _done(form: Duty, setting: Setting) -> Callable[[str, Fact, int], int]:
    """How many facts fulfil an owner's duty in a period."""
    if not _speaks_of_duty(form.counts.where):
        return _counted_dates(form, setting)
    counts, world, binding = form.counts, setting.world, setting.binding
    kind, shape = world.kinds[counts.kind], setting.rule.shape
    test = binding.test(counts.where, kind, shape)
    by = binding.getter(counts.by, kind)
    day = binding.getter(counts.date, kind) if counts.date is not None else None
    first, last = shape.index["first_day"], shape.index["last_day"]
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in world.of_kind(counts.kind):
        groups[by(fact)].append(fact)

    def done(code: str, duty: Fact, era: int) -> int:
        values = setting.history.eras[era]
        found = [each for each in groups.get(code, ()) if test(each, duty, values)]
        if day is None:
            return len(found)
        return sum(1 for each in found if _within(duty[first], day(each), duty[last]))

    return done


def _within(first: object, day: date | None, last: object) -> bool:
    return (
        day is not None
        and isinstance(first, date)
        and isinstance(last, date)
        and first <= day <= last
    )


def _speaks_of_duty(condition: Condition) -> bool:
    """Whether a condition names the duty or a parameter, so that it differs by period."""
    if isinstance(condition, (AllOf, AnyOf, NoneOf)):
        return any(_speaks_of_duty(part) for part in condition.parts)
    right = condition.right if isinstance(condition.right, tuple) else (condition.right,)
    return any(isinstance(side, (AnchorPath, ParameterRef)) for side in (condition.left, *right))


def _counted_dates(form: Duty, setting: Setting) -> Callable[[str, Fact, int], int]:
    """Counting by bisection in the sorted dates of each owner: one reading of the facts."""
    counts, world, binding = form.counts, setting.world, setting.binding
    kind, shape = world.kinds[counts.kind], setting.rule.shape
    test = binding.test(counts.where, kind, shape)
    by = binding.getter(counts.by, kind)
    read = binding.getter(counts.date, kind) if counts.date is not None else lambda _fact: date.min
    dates: dict[str, list[date]] = defaultdict(list)
    for fact in world.of_kind(counts.kind):
        day = read(fact)
        if day is not None and test(fact, (), {}):
            dates[by(fact)].append(day)
    for each in dates.values():
        each.sort()
    first, last, dated = shape.index["first_day"], shape.index["last_day"], counts.date is not None

    def done(code: str, duty: Fact, _era: int) -> int:
        days = dates.get(code, [])
        if not dated:
            return len(days)
        return bisect_right(days, duty[last]) - bisect_left(days, duty[first])  # type: ignore[type-var]

    return done
