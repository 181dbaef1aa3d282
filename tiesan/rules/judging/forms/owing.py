"""Who owes something, for which periods: those of duties and of tallies that everybody has.

Source: institutions.md, "Duties": judged for every period that begins on or after ``tracked_from``
and whose due date has come; owed only by who stood for the whole period; not owed by a cadre wholly
on approved leave.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from tiesan.calendar.deadlines import day_before
from tiesan.calendar.periods import Every, Period, day_period, periods_from
from tiesan.facts.kinds import Fact
from tiesan.rules.choices import Edge, Excused
from tiesan.rules.judging.forms.deadline import span_ends
from tiesan.rules.judging.forms.derived import Setting
from tiesan.rules.tree import Due, Duty, Tally


@dataclass(frozen=True, slots=True)
class Owing:
    """Who may owe something (a kind), how often, when it is due, and what excuses from it."""

    kind: str
    every: Every
    due: Due
    stands_until: Edge
    excused: Excused


def owing_of(form: Duty | Tally) -> Owing:
    """How a duty is owed, or a group of a tally in each period, which is due with its last day.

    Raises ValueError for a tally that nobody owes.
    """
    if isinstance(form, Duty):
        return Owing(form.owed_by.kind, form.every, form.due, form.stands_until, form.excused)
    if form.owed_by is None or form.every is None:
        message = "nobody owes a tally without 'owed_by' and 'every'"
        raise ValueError(message)
    last = Edge.LAST_DAY
    return Owing(form.owed_by.kind, form.every, Due(last, None), last, form.excused)


@dataclass(frozen=True, slots=True)
class Term:
    """A period, with the day it is due and the day until which one must stand.

    Its parameters are those of the day ``counted_from``, which is in an ``era`` of them.
    """

    period: Period
    due_on: date
    stands_until: date
    counted_from: date
    era: int


def owed_terms(
    owing: Owing, setting: Setting, owes: Callable[[Fact], bool], terms: "Terms"
) -> Iterator[tuple[Fact, str, Term]]:
    """Every period that somebody owes, with who owes it and their code.

    ``owes`` says whether somebody owes anything at all; ``terms`` are the periods.
    """
    code_at = setting.world.kinds[owing.kind].index["code"]
    excused = _excused(owing, setting)
    for owner, first, last in _owners(owing, setting, owes):
        code = str(owner[code_at])
        for term in terms.since(first):
            period = term.period
            if term.stands_until > last:
                if period.first_day > last:
                    break
                continue
            if not excused(code, period.first_day, term.stands_until):
                yield owner, code, term


def _owners(
    owing: Owing, setting: Setting, owes: Callable[[Fact], bool]
) -> Iterator[tuple[Fact, date, date]]:
    """Who may owe, with the first day of a period and the last day they stand for.

    Who left and came back is given once for each unbroken time: no period lies in two of them.
    """
    world, kind = setting.world, setting.world.kinds[owing.kind]
    code = kind.index["code"]
    wanted = None if world.owners is None else world.owners.get(kind.name, frozenset())
    for owner in world.of_kind(kind.name):
        if (wanted is not None and owner[code] not in wanted) or not owes(owner):
            continue
        tracked = world.tracked_from(kind.name, str(owner[code]))
        if tracked is None:
            continue
        for stint in world.standing(kind.name, owner):
            yield owner, max(tracked, stint.first), stint.last


class Terms:
    """The periods that are judged, or looked at; worked out once for all owners."""

    def __init__(self, owing: Owing, setting: Setting) -> None:
        """Take how it is owed, and where it is judged."""
        self._owing, self._setting = owing, setting
        span = owing.due.span
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
        found = map(self._judged, _periods(self._owing.every, first, until, self._setting))
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
        owing, ends = self._owing, self._ends
        start = period.first_day if owing.due.start is Edge.FIRST_DAY else period.last_day
        due_on = start if ends is None else ends(start, counted_from)
        stands = due_on if owing.stands_until is Edge.DUE_ON else period.last_day
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


def _excused(owing: Owing, setting: Setting) -> Callable[[str, date, date], bool]:
    if owing.excused is Excused.NEVER or owing.kind != "cadre":
        return lambda _code, _first, _last: False
    calendar, leave = setting.world.calendar, setting.world.leave
    outings = owing.excused is Excused.LEAVE_OR_OUTING
    daily = owing.every is Every.WORKING_DAY

    def excused(code: str, first: date, last: date) -> bool:
        if not leave.any_leave(code, outings=outings):
            return False
        days = [first] if daily and first == last else calendar.between(first, last)
        return bool(days) and all(leave.whole_day(code, day, outings=outings) for day in days)

    return excused
