"""Form 4: facts add up, by group and, with ``every``, by period."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from tiesan.calendar.periods import period_of
from tiesan.facts.kinds import Fact, FieldType, Value
from tiesan.rules.judging.forms.deadline import number_of
from tiesan.rules.judging.forms.derived import Derived, Evidence, Setting, decision
from tiesan.rules.positions import Position
from tiesan.rules.shapes import as_written
from tiesan.rules.tree import (
    AllOf,
    Comparison,
    Condition,
    Literal,
    Measure,
    Op,
    ParameterRef,
    Path,
    Rule,
    Tally,
)


@dataclass(frozen=True, slots=True)
class _Member:
    """A fact that takes part in a tally, with its date and the day its parameters are taken of."""

    fact: Fact
    day: date
    counted_from: date
    amount: int


def derive_tally(form: Tally, setting: Setting) -> Derived:
    """One fact per group: what it is grouped by, the period, the measures, and when it occurred."""
    rule = setting.rule
    members: dict[Fact, list[_Member]] = {}
    written = _written(form, setting)
    for key, group in _groups(form, setting).items():
        group.sort(key=lambda member: member.day)
        members[_fact(form, setting, (*key, *written(group)), group)] = group

    def counted_from(fact: Fact) -> date:
        return members[fact][-1].counted_from

    def evidence(fact: Fact) -> Evidence:
        return ((form.of.kind, member.fact) for member in members[fact])

    return Derived(
        batch=rule.name,
        facts=list(members),
        decision=decision(setting, _condition(form.at_least, rule), (), counted_from),
        counted_from=counted_from,
        evidence=evidence,
    )


def _groups(form: Tally, setting: Setting) -> dict[tuple[Value, ...], list[_Member]]:
    kind, binding = setting.world.kinds[form.of.kind], setting.binding
    by = [binding.getter(path, kind) for path in form.by]
    amount = _amount(form, setting)
    groups: dict[tuple[Value, ...], list[_Member]] = defaultdict(list)
    for fact, day, label, counted_from in _members(form, setting):
        key = tuple(read(fact) for read in by)
        # Facts without one of the values that a tally is grouped by belong to no group.
        if None not in key:
            key = (*key, label) if label is not None else key
            groups[key].append(_Member(fact, day, counted_from, amount(fact)))
    return groups


def _written(form: Tally, setting: Setting) -> Callable[[list[_Member]], tuple[Value, ...]]:
    """What a group is grouped by folded, as the member with the smallest identity has it."""
    paths = as_written(form.by)
    if not paths:
        return lambda _group: ()
    kind, binding = setting.world.kinds[form.of.kind], setting.binding
    read = [binding.getter(path, kind) for path in paths]
    identity = [kind.index[name] for name in kind.identity]

    def order(member: _Member) -> tuple[tuple[bool, Any], ...]:
        values = (member.fact[position] for position in identity)
        return tuple((value is not None, value) for value in values)

    def written(group: list[_Member]) -> tuple[Value, ...]:
        first = min(group, key=order).fact
        return tuple(each(first) for each in read)

    return written


def _members(form: Tally, setting: Setting) -> Iterator[tuple[Fact, date, str | None, date]]:
    """The facts that meet the conditions: with date, period label, and day of the parameters."""
    world, binding, history = setting.world, setting.binding, setting.history
    kind = world.kinds[form.of.kind]
    read = binding.getter(form.date, kind)
    test = binding.test(form.of.where, kind, kind)
    meets = _meets_related(form, setting)
    for fact in world.of_kind(form.of.kind):
        day = read(fact)
        if day is None or day > world.as_of:
            continue
        period = period_of(form.every, day) if form.every is not None else None
        counted_from = day if period is None else min(period.last_day, world.as_of)
        values = history.values_on(counted_from)
        if test(fact, fact, values) and meets(fact, values):
            yield fact, day, None if period is None else period.label, counted_from


def _meets_related(form: Tally, setting: Setting) -> Callable[[Fact, Any], bool]:
    kind, of_kind = setting.world.kinds[form.of.kind], setting.world.of_kind
    looked_for = [
        (each.negated, setting.binding.related(each, kind, of_kind(each.kind)))
        for each in form.of.related
    ]
    return lambda fact, values: all(
        found.any(fact, values) is not negated for negated, found in looked_for
    )


def _amount(form: Tally, setting: Setting) -> Callable[[Fact], int]:
    path = form.at_least.sum_field
    if path is None:
        return lambda _fact: 0
    read = setting.binding.getter(path, setting.world.kinds[form.of.kind])
    return lambda fact: read(fact) or 0


def _fact(form: Tally, setting: Setting, key: tuple[Value, ...], group: list[_Member]) -> Fact:
    values = setting.history.values_on(group[-1].counted_from)
    total = sum(member.amount for member in group)
    measures: tuple[Value, ...] = (len(group),)
    if form.at_least.sum_field is not None:
        measures = (len(group), total)
    if form.latest is not None:
        read = setting.binding.getter(form.latest, setting.world.kinds[form.of.kind])
        dates = [day for day in (read(member.fact) for member in group) if day is not None]
        return (*key, *measures, max(dates, default=None))
    need = number_of(form.at_least.count, values)
    least = number_of(form.at_least.sum_value, values) if form.at_least.sum_field else None
    return (*key, *measures, _reached(group, need, least))


def _reached(group: list[_Member], need: int, least: int | None) -> date | None:
    """The date of the member that fills the measure, in order of date; None if none does."""
    totals = accumulate(member.amount for member in group)
    for number, (member, total) in enumerate(zip(group, totals, strict=True), start=1):
        if number >= need and (least is None or total >= least):
            return member.day
    return None


def _condition(measure: Measure, rule: Rule) -> AllOf:
    parts: list[Condition] = [_at_least(rule, "count", measure.count)]
    if measure.sum_field is not None and measure.sum_value is not None:
        parts.append(_at_least(rule, "sum", measure.sum_value))
    return AllOf(tuple(parts))


def _at_least(rule: Rule, name: str, value: Literal | ParameterRef) -> Comparison:
    path = Path(name, rule.shape.name, rule.shape.by_name[name])
    if isinstance(value, Literal):
        value = Literal(value.value, FieldType.INTEGER if name == "count" else path.type)
    return Comparison(path, Op.GTE, value, Position("", 0, 0))
