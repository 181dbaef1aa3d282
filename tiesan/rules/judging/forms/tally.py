"""Form 4: facts add up, by group: by period, in a window, or settled when the period is over.

Source: rules-language.md, "The four forms", and rules-language-2.md, "Tallies: measures".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.calendar.periods import Period
from tiesan.facts.kinds import Fact, FieldType, Value
from tiesan.rules.judging.forms.derived import (
    Derived,
    Evidence,
    Setting,
    decision,
    eras_of_days,
)
from tiesan.rules.judging.forms.gauges import Measuring
from tiesan.rules.judging.forms.members import Group, Member, groups_of, written_of
from tiesan.rules.judging.forms.owing import Terms, owed_terms, owing_of
from tiesan.rules.judging.forms.windows import Windows
from tiesan.rules.measured import Side
from tiesan.rules.parameters import Values
from tiesan.rules.positions import Position
from tiesan.rules.shapes import FRACTIONS, HOLDS_FIELD, asked_of_owners
from tiesan.rules.tree import (
    AllOf,
    Bound,
    Comparison,
    Condition,
    Literal,
    Op,
    Path,
    Rule,
    Selection,
    Tally,
)

_NOWHERE = Position("", 0, 0)
_OPS = {
    Side.AT_LEAST: Op.GTE,
    Side.MORE_THAN: Op.GT,
    Side.AT_MOST: Op.LTE,
    Side.LESS_THAN: Op.LT,
}


@dataclass(frozen=True, slots=True)
class _Counted:
    """A fact of a tally, the facts behind it, and the day whose parameters it counts by."""

    fact: Fact
    members: Sequence[Member]
    counted_from: date


def derive_tally(form: Tally, setting: Setting) -> Derived:
    """One fact per group: what it is grouped by, the period, the measures, and when it occurred."""
    counted = {each.fact: each for each in _counted(form, setting)}

    def counted_from(fact: Fact) -> date:
        return counted[fact].counted_from

    def evidence(fact: Fact) -> Evidence:
        return ((form.of.kind, member.fact) for member in counted[fact].members)

    return Derived(
        batch=setting.rule.shape.name,
        facts=list(counted),
        decision=decision(setting, _condition(form, setting.rule), (), counted_from),
        counted_from=counted_from,
        evidence=evidence,
    )


def _counted(form: Tally, setting: Setting) -> Iterable[_Counted]:
    groups = groups_of(form, setting)
    if form.within is not None:
        return _windows(form, setting, groups)
    if form.owed_by is not None:
        return _owed(form, setting, groups)
    if form.settled:
        groups = dict(_judged(groups, setting))
    return _of_groups(form, setting, groups)


# --- groups of facts ------------------------------------------------------------------------------


def _of_groups(
    form: Tally, setting: Setting, groups: dict[Group, list[Member]]
) -> Iterator[_Counted]:
    """The groups, each with the day on which it is reached, or the last one of what is settled."""
    written, measuring = written_of(form, setting), Measuring(form, setting)
    until, history = setting.world.as_of, setting.history
    occurred = _occurred(form, setting, measuring)
    for (by, period), group in groups.items():
        counted_from = group[-1].day if period is None else min(period.last_day, until)
        values = history.values_on(counted_from)
        day = period.last_day if form.settled and period is not None else occurred(group, values)
        label = () if period is None else (period.label,)
        fact = (*by, *label, *written(group), *measuring.written(group, values), day)
        yield _Counted(fact, group, counted_from)


def _occurred(
    form: Tally, setting: Setting, measuring: Measuring
) -> Callable[[Sequence[Member], Values], date | None]:
    if form.latest is None:
        return measuring.reached
    read = setting.binding.getter(form.latest, setting.world.kinds[form.of.kind])

    def latest(group: Sequence[Member], _values: Values) -> date | None:
        dates = (read(member.fact) for member in group)
        return max((day for day in dates if day is not None), default=None)

    return latest


def _judged(
    groups: dict[Group, list[Member]], setting: Setting
) -> Iterator[tuple[Group, list[Member]]]:
    """The groups of periods that are over and began since their subject's records are kept."""
    tracked, until = _tracked(setting), setting.world.judged_until
    for (by, period), group in groups.items():
        since = tracked(by)
        if period is None or since is None:
            continue
        if since <= period.first_day and period.last_day <= until:
            yield (by, period), group


def _tracked(setting: Setting) -> Callable[[tuple[Value, ...]], date | None]:
    """The day from which the subject of a group is judged, by what it is grouped by."""
    rule, world = setting.rule, setting.world
    # What a tally is grouped by are the first fields of its shape.
    subject = setting.binding.getter(rule.subject, rule.shape)

    def tracked(by: tuple[Value, ...]) -> date | None:
        code = subject(by)
        return None if code is None else world.tracked_from(rule.subject_kind, str(code))

    return tracked


def _windows(
    form: Tally, setting: Setting, groups: dict[Group, list[Member]]
) -> Iterator[_Counted]:
    """The first window of each spell, by group."""
    written, tracked = written_of(form, setting), _tracked(setting)
    windows = Windows(form, setting, eras_of_days(setting))
    for (by, _period), group in groups.items():
        since = tracked(by)
        if since is None:
            continue
        for window in windows.spells([each for each in group if each.day >= since]):
            said = (*written(window), *window.measures)
            yield _Counted((*by, *said, window.first, window.last), window, window.last)


# --- groups of those who owe ----------------------------------------------------------------------


def _owed(form: Tally, setting: Setting, groups: dict[Group, list[Member]]) -> Iterator[_Counted]:
    """One group for each of those who owe and each period, if need be one of no fact."""
    measuring, history = Measuring(form, setting), setting.history
    owing, owes = owing_of(form), _owes(form.owed_by, setting)
    for owner, code, term in owed_terms(owing, setting, lambda _owner: True, Terms(owing, setting)):
        period = term.period
        if not owes(owner, period):
            continue
        group = groups.get(((code,), period), [])
        values = history.values_on(period.last_day)
        fact = (code, period.label, *measuring.written(group, values), period.last_day)
        yield _Counted(fact, group, period.last_day)


def _owes(selection: Selection | None, setting: Setting) -> Callable[[Fact, Period], bool]:
    """Whether somebody meets the conditions on who owes in a period."""
    if selection is None:
        return lambda _owner, _period: False
    world, binding, history = setting.world, setting.binding, setting.history
    shape = asked_of_owners(world.kinds[selection.kind], _NOWHERE)
    test = binding.test(selection.where, shape, shape)
    looked_for = [
        (each.negated, binding.related(each, shape, world.of_kind(each.kind)))
        for each in selection.related
    ]

    def owes(owner: Fact, period: Period) -> bool:
        fact = (*owner, period.first_day, period.last_day, period.label)
        values = history.values_on(period.last_day)
        return test(fact, fact, values) and all(
            found.any(fact, values) is not negated for negated, found in looked_for
        )

    return owes


# --- what is decided ------------------------------------------------------------------------------


def _condition(form: Tally, rule: Rule) -> AllOf:
    """What the engine decides: numbers against their bounds, and whether fractions hold."""
    parts: list[Condition] = [
        _compared(rule, bound) for bound in form.bounds if bound.measure.kind not in FRACTIONS
    ]
    if any(measure.kind in FRACTIONS for measure in form.measures):
        holds = Path(HOLDS_FIELD.name, rule.shape.name, HOLDS_FIELD)
        true = Literal(True, FieldType.BOOLEAN)  # noqa: FBT003
        parts.append(Comparison(holds, Op.EQ, true, _NOWHERE))
    return AllOf(tuple(parts))


def _compared(rule: Rule, bound: Bound) -> Comparison:
    name = bound.measure.kind.value
    path = Path(name, rule.shape.name, rule.shape.by_name[name])
    return Comparison(path, _OPS[bound.side], bound.value, _NOWHERE)
