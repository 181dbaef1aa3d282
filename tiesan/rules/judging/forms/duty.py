"""Form 3: somebody owes something once per period.

Source: institutions.md, "Duties". Who owes it in which periods is said by `owing`.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.forms.deadline import number_of
from tiesan.rules.judging.forms.derived import (
    Derived,
    Setting,
    decision,
    no_evidence,
)
from tiesan.rules.judging.forms.owing import Terms, owed_terms, owing_of
from tiesan.rules.lengths import read_for
from tiesan.rules.positions import Position
from tiesan.rules.shapes import DUTY_FIELDS
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Duty,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
)

_DERIVED = frozenset(each.name for each in DUTY_FIELDS)
_BLANK_PERIOD = (None,) * len(DUTY_FIELDS)


def derive_duty(form: Duty, setting: Setting) -> Derived:
    """One fact per owner and period: who owes, the period, what is required and what was done."""
    rule = setting.rule
    terms, first_day = Terms(owing_of(form), setting), rule.shape.index["first_day"]
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
    history, done = setting.history, _done(form, setting)
    required = [number_of(form.required, values) for values in history.eras]
    owes = _owes(form, setting)
    for owner, code, term in owed_terms(owing_of(form), setting, owes, terms):
        period = term.period
        fact = (
            *owner,
            period.first_day,
            period.last_day,
            term.due_on,
            period.label,
            required[term.era],
        )
        yield (*fact, done(code, fact, term.era))


def _owes(form: Duty, setting: Setting) -> Callable[[Fact], bool]:
    """Whether somebody owes the duty at all, as far as that does not depend on the period.

    The engine decides all conditions again; this only spares facts that cannot be hits.
    """
    parts = [part for part in form.owed_by.where.parts if not depends_on_period(part)]
    shape = setting.rule.shape
    test = setting.binding.test(AllOf(tuple(parts)), shape, shape)

    def owes(owner: Fact) -> bool:
        fact = (*owner, *_BLANK_PERIOD)
        return test(fact, fact, {})

    return owes


def depends_on_period(condition: Condition) -> bool:
    """Whether a condition on who owes a duty speaks of the period, or by a parameter of its day."""
    if isinstance(condition, (AllOf, AnyOf, NoneOf)):
        return any(depends_on_period(part) for part in condition.parts)
    sides = _sides(condition)
    if any(isinstance(side, ParameterRef) for side in sides):
        return True
    paths = [side.path if isinstance(side, AnchorPath) else side for side in sides]
    read = (each for path in paths if isinstance(path, Path) for each in read_for(path))
    return any(each.field.name in _DERIVED for each in read)


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
    return any(isinstance(side, (AnchorPath, ParameterRef)) for side in _sides(condition))


def _sides(comparison: Comparison) -> tuple[Path | Operand | None, ...]:
    """Everything that a comparison compares, and by how many days."""
    right = comparison.right
    given = right if isinstance(right, tuple) else (right,)
    return (comparison.left, *given, comparison.days)


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
