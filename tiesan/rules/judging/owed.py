"""What is owed and not done yet: what would be flagged when its due date is judged.

Source: the page on the working day, "What I owe". It is found by the code that judges, on days that
are still to come, with what is known today: every duty whose period has begun, and every deadline
that runs. What is flagged already is not among it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tiesan.calendar.deadlines import add_days, day_before
from tiesan.facts.kinds import Fact, FactKinds, FieldType, Value
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.forms.derived import Outlook, Setting
from tiesan.rules.judging.forms.owing import Terms, owing_of
from tiesan.rules.judging.found import Found, found
from tiesan.rules.judging.levels import batches, derive
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.reach import anchor_kind
from tiesan.rules.judging.world import World
from tiesan.rules.parameters import History, Parameter, Values
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    Comparison,
    Dated,
    Deadline,
    Duty,
    Literal,
    Op,
    Operand,
    ParameterRef,
    Path,
    Rule,
)

# Longer than a year ahead approved leave is not known to a world.
MOST_AHEAD = 366


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that somebody owes: by which rule, who owes it, until when, and how far it is.

    ``subject`` is the code of the cadre or organization of ``subject_kind``; ``key`` and
    ``occurred_on`` are those of the flag that it would become. ``first_day`` and ``last_day`` are
    the period of a duty, ``label`` its name. ``record`` is the code of the record by which a
    deadline runs, where it has one; ``filled`` are the values that the rule asks, by field, of a
    record that fulfils it.
    """

    rule: Rule
    subject_kind: str
    subject: str
    key: str
    occurred_on: date
    due_on: date
    filled: Mapping[str, Value]
    first_day: date | None = None
    last_day: date | None = None
    label: str = ""
    record: str | None = None
    required: int = 1
    done: int = 0


def owed(
    world: World,
    rules: Iterable[Rule],
    horizon: int,
    *,
    parameters: Mapping[str, Mapping[str, Parameter]] | None = None,
    flags: Sequence[Fact] = (),
) -> list[Owed]:
    """Return what is owed on the day of a world and due within ``horizon`` days, by due date.

    ``judged_until`` of the world is the last day that was judged: what was due by then is flagged
    or excused. ``rules`` are those that are in force; only duties and deadlines are looked at.
    ``parameters`` are as for ``evaluate``, ``flags`` the facts of rules over flags.
    """
    looking = _Looking(world, min(horizon, MOST_AHEAD), flags)
    given = parameters or {}
    lines = [
        each
        for rule in rules
        if rule.enabled and isinstance(rule.form, Duty | Deadline)
        for each in looking.owed(rule, History(list(given.get(rule.id, rule.parameters).values())))
    ]
    return sorted(lines, key=_place)


def counted_since(
    world: World,
    rules: Iterable[Rule],
    horizon: int,
    *,
    parameters: Mapping[str, Mapping[str, Parameter]] | None = None,
) -> dict[str, date]:
    """Return by rule the first day of the periods that ``owed`` would look at; duties alone.

    A record of a day before counts in none of them. Of the world only people and organizations are
    read; a rule without a period is left out.
    """
    looking, given = _Looking(world, min(horizon, MOST_AHEAD), ()), parameters or {}
    found = {}
    for rule in rules:
        history = History(list(given.get(rule.id, rule.parameters).values()))
        day = looking.counted_since(rule, history)
        if day is not None:
            found[rule.id] = day
    return found


class _Looking:
    """Looks ahead in a world: at what becomes a flag from its day on if nothing more is done."""

    def __init__(self, world: World, days: int, flags: Sequence[Fact]) -> None:
        self._day, self._judged_until = world.as_of, world.judged_until
        self._last = add_days(world.as_of, days)
        self._world = replace(world, facts={**world.facts, FLAG.name: list(flags)})
        self._binding = Binding(world.kinds, self._world.by_code, world.calendar)

    def owed(self, rule: Rule, history: History) -> Iterator[Owed]:
        """What is owed by one rule.

        Where its parameters change on the way, what becomes a flag first is what counts.
        """
        seen: set[tuple[str, str]] = set()
        for setting, since in self._settings(rule, history):
            for each in _found(setting):
                if (each.subject, each.key) not in seen:
                    seen.add((each.subject, each.key))
                    if since > self._day or not self._is_judged(each):
                        yield each

    def counted_since(self, rule: Rule, history: History) -> date | None:
        """The first day of the periods of a duty that are looked at; None without any."""
        organization = self._world.kinds["organization"]
        tracked = (
            fact[organization.index["tracked_from"]] for fact in self._world.of_kind("organization")
        )
        days = [day for day in tracked if isinstance(day, date)]
        form = rule.form
        if not isinstance(form, Duty) or not days:
            return None
        terms = (
            term
            for setting, _since in self._settings(rule, history)
            for term in Terms(owing_of(form), setting).since(min(days))
        )
        return min((term.period.first_day for term in terms), default=None)

    def _settings(self, rule: Rule, history: History) -> Iterator[tuple[Setting, date]]:
        """A rule on the days that are looked at, with the first day of each spell of them."""
        spells = self._spells(history)
        judged_until = self._judged_until if len(spells) == 1 else date.min
        for since, until in spells:
            outlook = Outlook(self._day, since, judged_until)
            yield Setting(rule, history, self._world.until(until), self._binding, outlook), since

    def _spells(self, history: History) -> list[tuple[date, date]]:
        """The days that are looked at, first and last, cut where parameters change."""
        starts = [self._day, *(each for each in history.since if self._day < each <= self._last)]
        ends = [day_before(each) for each in starts[1:]]
        return list(zip(starts, [*ends, self._last], strict=True))

    def _is_judged(self, each: Owed) -> bool:
        """Whether it was judged already, so that it is a flag by now."""
        return each.due_on <= self._judged_until and each.occurred_on <= self._day


def _found(setting: Setting) -> Iterator[Owed]:
    """What a rule finds in its world, looking ahead."""
    rule, derived = setting.rule, derive(setting)
    decided = decide_plainly(
        batches([rule], {rule.id: derived}), setting.binding, setting.world.of_kind
    )
    read = _reader(rule, setting.binding)
    yield from map(read, found(setting, derived, decided.hits[rule.id]))


def owed_again(
    rule: Rule,
    kinds: FactKinds,
    flag: tuple[str, str, date],
    evidence: Iterable[Mapping[str, Any]],
) -> Owed | None:
    """Return what a flag says was not done; None for one of another form.

    ``flag`` are its subject, its key and its day. Of what the rule reads beyond the evidence, as a
    field of the organization of a cadre, nothing is known.
    """
    if not isinstance(rule.form, Duty | Deadline):
        return None
    said = {str(entry["fact"]): entry for entry in evidence}
    form = "duty" if isinstance(rule.form, Duty) else "deadline"
    known = {**said.get(anchor_kind(rule), {}), **said.get(form, {})}
    fact = tuple(_known(known.get(field.name), field.type) for field in rule.shape.fields)
    subject, key, occurred_on = flag
    read = _reader(rule, Binding(kinds, lambda _kind: {}))
    each = Found(fact, subject, key, occurred_on, History(list(rule.parameters.values())).eras[-1])
    return read(each)


def _known(said: Any, kind: FieldType) -> Value:
    """A value as evidence has it, where it is of a type that is needed to fill in a form."""
    if not isinstance(said, str) or not said:
        return said if isinstance(said, bool) else None
    if kind is FieldType.DATE:
        return date.fromisoformat(said)
    if kind is FieldType.INTEGER:
        return int(said)
    return None if kind in (FieldType.AMOUNT, FieldType.TIME) else said


def _reader(rule: Rule, binding: Binding) -> Callable[[Found], Owed]:
    """The function that says what is owed by what a rule of one of the two forms found."""
    form = rule.form
    if isinstance(form, Duty):
        return _duty(form, rule, binding)
    if isinstance(form, Deadline):
        return _deadline(form, rule, binding)
    message = f"{rule.id} asks for nothing that is done by a day"
    raise TypeError(message)


def _place(each: Owed) -> tuple[date, str, str, str]:
    return each.due_on, each.rule.id, each.subject, each.key


def _duty(form: Duty, rule: Rule, binding: Binding) -> Callable[[Found], Owed]:
    filled = _filled(rule, binding, form.counts.where)
    names = ("due_on", "first_day", "last_day", "label", "required", "done")
    places = {name: rule.shape.index[name] for name in names}

    def read(each: Found) -> Owed:
        values = {name: each.fact[place] for name, place in places.items()}
        return _owed(rule, each, filled(each), values)

    return read


def _deadline(form: Deadline, rule: Rule, binding: Binding) -> Callable[[Found], Owed]:
    waited_for = form.again if form.again is not None else form.done
    where = waited_for.where if isinstance(waited_for, Dated) else AllOf(())
    filled, due_on = _filled(rule, binding, where), rule.shape.index["deadline"]
    code = rule.shape.index.get("code")

    def read(each: Found) -> Owed:
        record = None if code is None else each.fact[code]
        return _owed(rule, each, filled(each), {"due_on": each.fact[due_on], "record": record})

    return read


def _owed(rule: Rule, each: Found, filled: Mapping[str, Value], values: Mapping[str, Any]) -> Owed:
    return Owed(
        rule,
        rule.subject_kind,
        each.subject,
        each.key,
        each.occurred_on,
        filled=filled,
        **values,
    )


def _filled(rule: Rule, binding: Binding, where: AllOf) -> Callable[[Found], Mapping[str, Value]]:
    """What a condition says of single fields of a record that fulfils it: ``kind = chairs``."""
    said = [
        (part.left.field.name, _value(rule, binding, part.right))
        for part in where.parts
        if isinstance(part, Comparison) and part.op is Op.EQ and isinstance(part.left, Path)
        if part.left.stored
        if isinstance(part.right, Literal | AnchorPath | ParameterRef)
    ]
    return lambda each: {name: read(each.fact, each.values) for name, read in said}


def _value(rule: Rule, binding: Binding, operand: Operand) -> Callable[[Fact, Values], Value]:
    match operand:
        case Literal(value=value):
            return lambda _fact, _values: value
        case ParameterRef():
            return lambda _fact, values: operand.value_in(values)
    read = binding.getter(operand.path, rule.shape)
    return lambda fact, _values: read(fact)
