"""Why a rule flags somebody on a day, or does not: the facts that it looked at, and each outcome.

Source: the page on the rule book, "Try it", (2). The facts are derived and decided by the code that
judges. What is judged only when a period is over, or a due date has come, is looked at before, too:
it is then said that it is not judged yet.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from tiesan.calendar.deadlines import add_days
from tiesan.calendar.periods import day_named, period_of
from tiesan.facts.kinds import Fact
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import NOT_JUDGED
from tiesan.rules.judging.forms.deadline import number_of
from tiesan.rules.judging.forms.derived import Derived, Setting
from tiesan.rules.judging.forms.duty import depends_on_period
from tiesan.rules.judging.keys import KeyWriter
from tiesan.rules.judging.levels import batches, derive, names_of
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.printing import Printer
from tiesan.rules.judging.world import World
from tiesan.rules.parameters import History, Parameter, Values
from tiesan.rules.tree import AllOf, Deadline, Duty, Rule, Tally

# A period that holds a day is over within a year of it.
_AHEAD = 366
# Where there is nothing of the day, so many of the nearest facts are looked at.
_NEAREST = 3
# And never more than so many.
_MOST = 12
# And never more than so many related records of one of them.
_MOST_BEHIND = 60


class Outcome(StrEnum):
    """What came of one fact."""

    HIT = "hit"
    MISS = "miss"
    NOT_YET = "not_yet"
    NOT_IN_FORCE = "not_in_force"
    BEFORE_TRACKING = "before_tracking"


@dataclass(frozen=True, slots=True)
class Counted:
    """A record that counts in a duty or a tally, or one beside it that does not (``counts``)."""

    kind: str
    fact: Fact
    against: Fact
    values: Values
    counts: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """A fact of the rule's shape, and what came of it.

    ``values`` are the parameters of the day ``counted_from``. ``judged_on`` is the day that has to
    be over before it is judged, None where it is judged at once; ``occurred_on`` and ``key`` are
    those of its flag. ``away`` is how many days the fact lies from the day that is asked about.
    ``behind`` are the related records that decide, or come near; those of a tally are ``counted``.
    Without a ``period`` it is who may owe a duty, and nothing that the form derives.
    """

    fact: Fact
    outcome: Outcome
    values: Values
    counted_from: date
    key: str
    occurred_on: date | None
    judged_on: date | None
    away: int
    counted: tuple[Counted, ...] = ()
    behind: tuple[tuple[str, Fact], ...] = ()
    period: bool = True


class Inquiry:
    """Asks one version of a rule about one subject, in a world in which the subject is known."""

    def __init__(
        self,
        rule: Rule,
        parameters: Mapping[str, Parameter],
        world: World,
        flags: Sequence[Fact] = (),
    ) -> None:
        """Take the rule, its final parameters, the world, and the facts of flags that are there."""
        self.rule, self.parameters, self.flags = rule, parameters, flags
        self.world = replace(world, facts={**world.facts, FLAG.name: list(flags)})
        self.history = History(list(parameters.values()))
        self.binding = Binding(world.kinds, self.world.by_code, world.calendar)
        self.printer = Printer(world.kinds, self.binding, names_of(self.world))
        self._subject = self.binding.getter(rule.subject, rule.shape)
        self._occurred = self.binding.getter(rule.occurred_on, rule.shape)
        self._key = KeyWriter(rule, self.binding)
        # What is decided of each fact, as the form has put it together.
        self.condition = AllOf(())

    def looked_at(self, subject: str, day: date) -> list[Looked]:
        """The facts of a subject on a day, those of that very date first; else the nearest ones."""
        setting = Setting(self.rule, self.history, self._ahead(subject, day), self.binding)
        derived = derive(setting)
        self.condition = derived.decision.condition
        name = self.rule.name
        decided = decide_plainly(
            batches([self.rule], {name: derived}), self.binding, setting.world.of_kind
        )
        hits = frozenset(decided.hits[name])
        found = [
            (away, self._occurred(fact) != day, at)
            for at, fact in enumerate(derived.facts)
            if self._subject(fact) == subject
            if (away := self._away(fact, day)) is not None
        ]
        near = sorted(each for each in found if each[0] == 0) or sorted(found)[:_NEAREST]
        counting = _Counting(self, setting, derived)
        return [
            self._looked(
                derived,
                fact := derived.facts[at],
                away,
                counting.records(subject, fact, day),
                hit=at in hits,
            )
            for away, _other, at in near[:_MOST]
        ]

    def beside(self, subject: str, day: date) -> list[Counted]:
        """The records near a day of a tally that has no group of the subject there."""
        setting = Setting(self.rule, self.history, self._ahead(subject, day), self.binding)
        return list(_Counting(self, setting, derive(setting)).beside(subject, day))

    def owner(self, subject: str) -> Looked | None:
        """Who may owe a duty, of no period; None for another form, or who is not known."""
        form, shape = self.rule.form, self.rule.shape
        if not isinstance(form, Duty) or self.rule.subject.text != "code":
            return None
        known = self.world.by_code(form.owed_by.kind).get(subject)
        if known is None:
            return None
        fact = (*known, *(None,) * (len(shape.fields) - len(known)))
        day = self.world.as_of
        return Looked(
            fact, Outcome.MISS, self.history.values_on(day), day, "", None, None, 0, period=False
        )

    def owes(self, owner: Looked) -> bool:
        """Whether who may owe a duty meets its conditions, as far as they speak of no period."""
        form, shape = self.rule.form, self.rule.shape
        if not isinstance(form, Duty):
            return False
        return all(
            self.binding.test(part, shape, shape)(owner.fact, owner.fact, owner.values)
            for part in form.owed_by.where.parts
            if not depends_on_period(part)
        )

    def _ahead(self, subject: str, day: date) -> World:
        """The world, as if what is owed were judged up to the end of every period of the day."""
        form, world = self.rule.form, self.world
        if not isinstance(form, Duty) and not (isinstance(form, Tally) and form.settled):
            return world
        owner, owners = form.owed_by, world.owners
        whose = "code" if isinstance(form, Duty) else form.by[0].text
        if owner is not None and self.rule.subject.text == whose:
            owners = {owner.kind: frozenset({subject})}
        until = max(world.judged_until, add_days(max(world.as_of, day), _AHEAD))
        return replace(world, judged_until=until, owners=owners)

    def _away(self, fact: Fact, day: date) -> int | None:
        """How many days a fact lies from a day; None where it cannot be said."""
        span = self._span(fact)
        if span is None:
            return None
        return max((span[0] - day).days, (day - span[1]).days, 0)

    def _span(self, fact: Fact) -> tuple[date, date] | None:
        """The first and the last day of which a fact speaks."""
        form, at = self.rule.form, self.rule.shape.index
        occurred = self._occurred(fact)
        first = last = occurred
        if isinstance(form, Deadline):
            first = fact[at["clock_start"]]
            last = fact[at["done_on"]] or max(self.world.as_of, _day(fact[at["deadline"]]))
        elif isinstance(form, Duty):
            first, last = fact[at["first_day"]], max(fact[at["last_day"]], fact[at["due_on"]])  # type: ignore[type-var]
        elif isinstance(form, Tally) and form.every is not None:
            return self._period(fact)
        elif isinstance(form, Tally) and form.within is not None:
            first = fact[at["window_start"]]
        elif isinstance(form, Tally):
            return date.min, date.max
        if not isinstance(first, date) or not isinstance(last, date):
            return None
        if not isinstance(occurred, date):
            return first, last
        return min(first, occurred), max(last, occurred)

    def _period(self, fact: Fact) -> tuple[date, date] | None:
        form = self.rule.form
        if not isinstance(form, Tally) or form.every is None:
            return None
        day = day_named(str(fact[self.rule.shape.index["period"]]))
        period = period_of(form.every, day)
        return period.first_day, period.last_day

    def _looked(
        self, derived: Derived, fact: Fact, away: int, counted: Iterable[Counted], *, hit: bool
    ) -> Looked:
        occurred = self._occurred(fact)
        occurred_on = occurred if isinstance(occurred, date) else None
        counted_from = derived.counted_from(fact) or occurred_on or self.world.as_of
        values = self.history.values_on(counted_from)
        judged_on = self._judged_on(fact, occurred_on)
        return Looked(
            fact,
            self._outcome(derived, fact, judged_on, hit=hit),
            values,
            counted_from,
            self._key.key(fact, values),
            occurred_on,
            judged_on,
            away,
            tuple(counted),
            self._behind(derived, fact),
        )

    def _behind(self, derived: Derived, fact: Fact) -> tuple[tuple[str, Fact], ...]:
        if isinstance(self.rule.form, Tally):
            return ()
        return tuple(islice(derived.evidence(fact), _MOST_BEHIND))

    def _judged_on(self, fact: Fact, occurred_on: date | None) -> date | None:
        """The day that has to be over before a fact is judged; None where that is at once."""
        form, at = self.rule.form, self.rule.shape.index
        if isinstance(form, Duty):
            return _day(fact[at["due_on"]])
        if isinstance(form, Deadline):
            return _day(fact[at["deadline"]]) if fact[at["done_on"]] is None else None
        waits = form.settled if isinstance(form, Tally) else form.next_day
        return occurred_on if waits else None

    def _outcome(
        self, derived: Derived, fact: Fact, judged_on: date | None, *, hit: bool
    ) -> Outcome:
        world, occurred = self.world, self._occurred(fact)
        counted_from = derived.counted_from(fact)
        if counted_from is None:
            return Outcome.NOT_YET
        if derived.decision.era_of(fact) == NOT_JUDGED:
            return Outcome.NOT_IN_FORCE
        if isinstance(occurred, date) and self._is_before(fact, occurred):
            return Outcome.BEFORE_TRACKING
        waits = judged_on is not None and judged_on > world.judged_until
        if waits and (hit or self._may_become(derived, fact)):
            return Outcome.NOT_YET
        if hit and isinstance(occurred, date):
            return Outcome.HIT if occurred <= world.as_of else Outcome.NOT_YET
        return Outcome.MISS

    def _may_become(self, derived: Derived, fact: Fact) -> bool:
        """Whether what is not a hit before its day may be one when it has come."""
        form = self.rule.form
        if isinstance(form, Tally):
            return form.settled
        if not isinstance(form, Deadline):
            return False
        # All but the last part, which says that the deadline has passed, is known already.
        parts = AllOf(derived.decision.condition.parts[:-1])
        shape, of_kind = self.rule.shape, self.world.of_kind
        values = derived.decision.eras[derived.decision.era_of(fact)]
        return self.binding.test(parts, shape, shape)(fact, fact, values) and all(
            self.binding.related(each, shape, of_kind(each.kind)).any(fact, values)
            is not each.negated
            for each in derived.decision.related
        )

    def _is_before(self, fact: Fact, occurred: date) -> bool:
        since = self.world.tracked_from(self.rule.subject_kind, str(self._subject(fact)))
        return since is None or occurred < since


class _Counting:
    """The records that count in the facts of a duty or a tally, and those beside them."""

    def __init__(self, inquiry: Inquiry, setting: Setting, derived: Derived) -> None:
        self._inquiry, self._setting, self._derived = inquiry, setting, derived
        self._rule, self._binding = setting.rule, setting.binding

    def records(self, subject: str, fact: Fact, day: date) -> Iterator[Counted]:
        """Those of one fact, in order of their dates."""
        form = self._rule.form
        if isinstance(form, Duty):
            yield from self._of_duty(form, fact)
        elif isinstance(form, Tally):
            members = [each for _kind, each in self._derived.evidence(fact)]
            values = self._inquiry.history.values_on(self._derived.counted_from(fact) or day)
            for member in members:
                yield Counted(form.of.kind, member, member, values, counts=True)
            span = self._inquiry._span(fact) or (day, day)  # noqa: SLF001 - of one whole with it
            yield from self._others(form, subject, span, members)

    def beside(self, subject: str, day: date) -> Iterator[Counted]:
        """Those of a day of which there is no group: of its period or window."""
        form = self._rule.form
        if not isinstance(form, Tally):
            return
        first = last = day
        if form.every is not None:
            period = period_of(form.every, day)
            first, last = period.first_day, period.last_day
        elif form.within is not None:
            days = number_of(form.within, self._inquiry.history.values_on(day))
            first = day - timedelta(days=days - 1)
        yield from self._others(form, subject, (first, last), ())

    def _of_duty(self, form: Duty, duty: Fact) -> Iterator[Counted]:
        counts, shape, kinds = form.counts, self._rule.shape, self._setting.world.kinds
        kind = kinds[counts.kind]
        by, test = self._binding.getter(counts.by, kind), self._test(counts.where, counts.kind)
        read = None if counts.date is None else self._binding.getter(counts.date, kind)
        first, last = (_day(duty[shape.index[name]]) for name in ("first_day", "last_day"))
        values = self._inquiry.history.values_on(self._derived.counted_from(duty) or last)
        for fact in self._setting.world.of_kind(counts.kind):
            on = None if read is None else read(fact)
            if by(fact) == duty[shape.index["code"]] and (
                read is None or (isinstance(on, date) and first <= on <= last)
            ):
                yield Counted(counts.kind, fact, duty, values, counts=test(fact, duty, values))

    def _test(self, where: AllOf, kind: str) -> Callable[[Fact, Fact, Values], bool]:
        return self._binding.test(where, self._setting.world.kinds[kind], self._rule.shape)

    def _others(
        self, form: Tally, subject: str, span: tuple[date, date], members: Iterable[Fact]
    ) -> Iterator[Counted]:
        """The records of a subject within some days that are no members: those that count not.

        In a window that is not full, all of its records are beside it; some of them do count.
        """
        kind = self._setting.world.kinds[form.of.kind]
        by, read = self._binding.key(form.by, kind), self._binding.getter(form.date, kind)
        whose = self._binding.getter(self._rule.subject, self._rule.shape)
        known = {id(each) for each in members}
        meets = self._binding.test(form.of.where, kind, kind)
        for fact in self._setting.world.of_kind(form.of.kind):
            on, key = read(fact), by(fact)
            if (
                id(fact) in known or not isinstance(on, date) or not span[0] <= on <= span[1]
                or None in key or whose(key) != subject
            ):  # fmt: skip
                continue
            values = self._inquiry.history.values_on(on)
            counts = meets(fact, fact, values) and self._meets_related(form, fact, values)
            yield Counted(form.of.kind, fact, fact, values, counts=counts)

    def _meets_related(self, form: Tally, fact: Fact, values: Values) -> bool:
        world = self._setting.world
        kind = world.kinds[form.of.kind]
        return all(
            self._binding.related(each, kind, world.of_kind(each.kind)).any(fact, values)
            is not each.negated
            for each in form.of.related
        )


def _day(value: object) -> date:
    if not isinstance(value, date):
        message = f"{value!r} is no date"
        raise TypeError(message)
    return value
