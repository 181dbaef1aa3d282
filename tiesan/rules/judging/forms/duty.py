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

from tiesan.calendar.deadlines import day_before
from tiesan.calendar.periods import Every, Period, day_period, periods_from
from tiesan.facts.kinds import Fact
from tiesan.rules.judging.forms.deadline import number_of, span_ends
from tiesan.rules.judging.forms.derived import (
    Derived,
    Setting,
    decision,
    no_evidence,
)
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
class Term:
    """A period of a duty, with the day it is due and the day until which one must stand.

    Its parameters are those of the day ``counted_from``, which is in an ``era`` of them.
    """

    period: Period
    due_on: date
    stands_until: date
    counted_from: date
    era: int


def derive_duty(form: Duty, setting: Setting) -> Derived:
    """One fact per owner and period: who owes, the period, what is required and what was done."""
    rule = setting.rule
    terms, first_day = Terms(form, setting), rule.shape.index["first_day"]
    facts = list(_facts(form, setting, terms))

    def counted_from(fact: Fact) -> date | None:
        return terms.counted_from(fact[first_day])

    done = Path("done", rule.shape.name, rule.shape.by_name["done"])
    short = Comparison(done, Op.LT, form.required, Position("", 0, 0))
    condition = AllOf((*form.owed_by.where.parts, short))
    return Derived(
        batch=rule.name,
        facts=facts,
        decision=decision(setting, condition, form.owed_by.related, counted_from),
        counted_from=counted_from,
        evidence=no_evidence,
    )


def _facts(form: Duty, setting: Setting, terms: "Terms") -> Iterator[Fact]:
    world, history = setting.world, setting.history
    done = _done(form, setting)
    excused = _excused(form, setting)
    required = [number_of(form.required, values) for values in history.eras]
    for owner, first, last in _owners(form, setting):
        code = str(owner[world.kinds[form.owed_by.kind].index["code"]])
        for term in terms.since(first):
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


class Terms:
    """The periods of a duty that are judged, or looked at; worked out once for all owners."""

    def __init__(self, form: Duty, setting: Setting) -> None:
        """Take the duty, and where it is judged."""
        self._form, self._setting = form, setting
        span = form.due.span
        self._ends = span_ends(span, setting) if span is not None else None
        # Looking ahead, a period may be judged later, but has begun.
        outlook = setting.outlook
        self._until = setting.world.judged_until if outlook is None else outlook.day
        self._known: list[Term] = []
        self._first: date | None = None
        self._since: dict[date, list[Term]] = {}
        self._counted: dict[object, date] = {}

    def since(self, first: date) -> list[Term]:
        """The periods that begin on or after a day, in order."""
        if self._first is None or first < self._first:
            self._add(first)
        if first not in self._since:
            at = bisect_left(self._known, first, key=_first_day)
            self._since[first] = self._known[at:]
        return self._since[first]

    def counted_from(self, first_day: object) -> date | None:
        """The day of whose parameters the period is that begins on a day."""
        return self._counted.get(first_day)

    def _add(self, first: date) -> None:
        """Put the periods from a day on before those that are known."""
        until = self._until if self._first is None else min(self._until, day_before(self._first))
        found = map(self._judged, _periods(self._form.every, first, until, self._setting))
        earlier = [term for term in found if term is not None]
        self._known[:0] = earlier
        self._counted.update((term.period.first_day, term.counted_from) for term in earlier)
        self._first = first
        self._since.clear()

    def _judged(self, period: Period) -> Term | None:
        """The period as it is judged, or will be for the first time; None if that is not asked."""
        world, outlook = self._setting.world, self._setting.outlook
        if outlook is None:
            term = self._term(period, min(period.last_day, world.as_of))
            return term if term.due_on <= world.judged_until else None
        term = self._term(period, min(period.last_day, outlook.since))
        return term if outlook.judged_until < term.due_on <= world.judged_until else None

    def _term(self, period: Period, counted_from: date) -> Term:
        form, ends = self._form, self._ends
        start = period.first_day if form.due.start is Edge.FIRST_DAY else period.last_day
        due_on = start if ends is None else ends(start, counted_from)
        stands = due_on if form.stands_until is Edge.DUE_ON else period.last_day
        era = self._setting.history.era(counted_from)
        return Term(period, due_on, stands, counted_from, era)


def _first_day(term: Term) -> date:
    return term.period.first_day


def _periods(every: Every, first: date, until: date, setting: Setting) -> Iterator[Period]:
    """The periods that begin on one of some days."""
    calendar = setting.world.calendar
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
