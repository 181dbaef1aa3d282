"""The members of a tally: the facts that take part in it, and the groups that they form."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from tiesan.calendar.periods import Period, period_of
from tiesan.facts.kinds import Fact, Value
from tiesan.rules.judging.forms.derived import Setting
from tiesan.rules.parameters import Values
from tiesan.rules.shapes import as_written
from tiesan.rules.tree import Tally


@dataclass(frozen=True, slots=True)
class Member:
    """A fact that takes part in a tally, with its date and the parameters that it counts by."""

    fact: Fact
    day: date
    values: Values


# What facts are grouped by, and the period that they lie in (None: the tally has none).
Group: TypeAlias = tuple[tuple[Value, ...], Period | None]


def groups_of(form: Tally, setting: Setting) -> dict[Group, list[Member]]:
    """The members by group, each group in order of date."""
    kind, binding = setting.world.kinds[form.of.kind], setting.binding
    by = binding.key(form.by, kind)
    groups: dict[Group, list[Member]] = defaultdict(list)
    for member, period in _members(form, setting):
        key = by(member.fact)
        # Facts without one of the values that a tally is grouped by belong to no group.
        if None not in key:
            groups[key, period].append(member)
    for group in groups.values():
        group.sort(key=day_of)
    return groups


def day_of(member: Member) -> date:
    """The date by which a member counts."""
    return member.day


def _members(form: Tally, setting: Setting) -> Iterator[tuple[Member, Period | None]]:
    """The facts that meet the conditions, each with its period.

    What is settled counts by its period's last day, and so does what grows, but on a day before
    that by this day. Without periods each fact counts by its own date.
    """
    world, history = setting.world, setting.history
    kind = world.kinds[form.of.kind]
    read = setting.binding.getter(form.date, kind)
    test = setting.binding.test(form.of.where, kind, kind)
    meets = _meets_related(form, setting)
    until = world.judged_until if form.settled else world.as_of
    periods: dict[date, Period | None] = {}
    for fact in world.of_kind(form.of.kind):
        day = read(fact)
        if day is None or day > until:
            continue
        if day not in periods:
            periods[day] = None if form.every is None else period_of(form.every, day)
        period = periods[day]
        counted_from = day if period is None else min(period.last_day, world.as_of)
        values = history.values_on(counted_from)
        if test(fact, fact, values) and meets(fact, values):
            yield Member(fact, day, values), period


def _meets_related(form: Tally, setting: Setting) -> Callable[[Fact, Values], bool]:
    kind, of_kind = setting.world.kinds[form.of.kind], setting.world.of_kind
    looked_for = [
        (each.negated, setting.binding.related(each, kind, of_kind(each.kind)))
        for each in form.of.related
    ]
    return lambda fact, values: all(
        found.any(fact, values) is not negated for negated, found in looked_for
    )


def written_of(form: Tally, setting: Setting) -> Callable[[Sequence[Member]], tuple[Value, ...]]:
    """What a group is grouped by folded, as the member with the smallest identity has it."""
    paths = as_written(form.by)
    if not paths:
        return lambda _group: ()
    kind, binding = setting.world.kinds[form.of.kind], setting.binding
    read = binding.key(paths, kind)
    identity = [kind.index[name] for name in kind.identity]

    def order(member: Member) -> tuple[tuple[bool, Any], ...]:
        values = (member.fact[position] for position in identity)
        return tuple((value is not None, value) for value in values)

    return lambda group: read(min(group, key=order).fact)
