"""A scenario made of stored records: the test that a flag, or that there is none, stays so.

Begun with what the answer rests on and the fields that the rule reads; where the rule finds
something else in that, more of what is known of the subject is taken, and of that only what is
needed is kept. Whatever is made has been run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

from tiesan.calendar.periods import Period, period_of
from tiesan.facts.kinds import Fact, FactKinds, Field, FieldType
from tiesan.facts.standing import POSTING
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.inquiry import Counted, Inquiry, Looked, Outcome
from tiesan.rules.judging.reach import anchor_kind, paths_of_rule
from tiesan.rules.lengths import read_for
from tiesan.rules.parameters import value_on
from tiesan.rules.positions import Position
from tiesan.rules.scenarios.nameless import Nameless
from tiesan.rules.scenarios.parser import ExpectedFlag, Given, Scenario
from tiesan.rules.scenarios.standing_world import Row
from tiesan.rules.tree import Duty, Rule, Tally
from tiesan.rules.words.weighed import Weighing

# So many records are taken where what the answer rests on is not enough, and so many in the end.
MOST_TAKEN, MOST_KEPT = 200, 40
# Of more than a few what is not needed is left out.
_FEW = 6
# So often a scenario is run while it is made.
MOST_RUNS = 120
# And so many flags it may expect.
_MOST_FLAGS = 5
_PEOPLE = ("organization", "cadre")
_TREE = {"organization": ("kind", "parent"), "cadre": ("organization",)}
# Exceptions of the calendar are given so many days around the one that is asked about.
_NEAR_DAYS = 40
# From when a value is given that is not the text's.
_EVER = date(2000, 1, 1)
_BEHIND: TypeAlias = tuple[str, Fact]


@dataclass(frozen=True)
class Example:
    """What a scenario is made of: what was asked of a rule, and what was found.

    ``key`` is that of the flag that is to be found again, None where nothing is to be; ``beside``
    are records that would count. ``exceptions`` are those of the calendar.
    """

    inquiry: Inquiry
    subject: str
    day: date
    looked: Sequence[Looked]
    beside: Sequence[Counted] = ()
    key: str | None = None
    exceptions: Mapping[date, bool] | None = None


# Runs a scenario; gives all that its rule finds in it, None where it cannot be evaluated.
Find: TypeAlias = Callable[[Scenario], Sequence[Hit] | None]


def make_scenario(example: Example, name: str, find: Find) -> Scenario | None:
    """A scenario in which the rule finds what it found in the records; None where none was found.

    Whoever it is about stands in it by stand-ins.
    """
    making = _Making(example, name, find)
    return making.of_what_it_rests_on() or making.of_all_that_is_known()


class _Making:
    """Makes one scenario; at most so many are run."""

    def __init__(self, example: Example, name: str, find: Find) -> None:
        self._example, self._name, self._find = example, name, find
        self._rule, self._world = example.inquiry.rule, example.inquiry.world
        self._kinds, self._runs = self._world.kinds, 0
        self._read = fields_of(self._rule, self._kinds)
        self._chosen = [
            each
            for each in example.looked
            if example.key is None or (each.key == example.key and each.outcome is Outcome.HIT)
        ]

    def of_what_it_rests_on(self) -> Scenario | None:
        """The first that fits, of the records behind the answer alone."""
        rows = self._behind()
        for fields in (self._read, self._all_fields(self._read)):
            found = self._fitting(rows, fields)
            if found is None:
                continue
            # Of nothing there is no flag either, so only one that is there says what it needs.
            if self._example.key is not None and len(rows) > _FEW:
                kept = self._needed([], rows, fields, known=False)
                self._runs = 0
                return self._fitting(kept, fields) or found
            return found
        return None

    def of_all_that_is_known(self) -> Scenario | None:
        """One with further records of the subject, without those that it does not need."""
        own = self._behind()
        more = [each for each in self._of_subject() if each not in own]
        fields = self._all_fields(dict.fromkeys(self._kinds, ()))
        if self._fitting([*own, *more], fields, known=True) is None:
            return None
        kept = self._needed(own, more, fields, known=True)
        if len(kept) > MOST_KEPT:
            return None
        rows = [*own, *kept]
        # What was needed may be enough with the fields that the rule reads.
        self._runs = 0
        named = {kind for kind, _fact in rows}
        less = {
            kind: self._read[kind] if kind in self._read and kind in named else every
            for kind, every in fields.items()
        }
        return self._fitting(rows, less, known=True) or self._fitting(rows, fields, known=True)

    def _needed(
        self,
        own: list[_BEHIND],
        more: list[_BEHIND],
        fields: Mapping[str, Iterable[str]],
        *,
        known: bool,
    ) -> list[_BEHIND]:
        """Of further records those without which it does not fit; ever fewer are left out."""
        kept, size = more, max(len(more) // 2, 1)
        while size:
            at = 0
            while at < len(kept):
                fewer = [*kept[:at], *kept[at + size :]]
                if self._fitting([*own, *fewer], fields, known=known) is not None:
                    kept = fewer
                else:
                    at += size
            size //= 2
        return kept

    # --- what it is made of ----------------------------------------------------------------------

    def _behind(self) -> list[_BEHIND]:
        """The records that the answer rests on, and those that these refer to."""
        weighing = Weighing(self._example.inquiry, "zh", lambda _day: ())
        found = [row for each in self._chosen for row in weighing.rests_on(each)]
        found += [row for each in self._chosen for row in each.behind]
        found += [(each.kind, each.fact) for each in self._example.beside]
        rows = list(dict.fromkeys(found))
        for kind, fact in rows:
            rows.extend(row for row in self._referred(kind, fact) if row not in rows)
        return rows[:MOST_TAKEN]

    def _referred(self, kind: str, fact: Fact) -> Iterator[_BEHIND]:
        """The records that the rule reads over a reference of a record."""
        known = self._kinds[kind]
        for name in self._read.get(kind, ()):
            field = known.by_name[name]
            if field.to is None or field.to in _PEOPLE or field.derived:
                continue
            one = self._world.by_code(field.to).get(str(fact[known.index[name]]))
            if one is not None:
                yield field.to, one

    def _of_subject(self) -> list[_BEHIND]:
        """Whatever names the subject, and what that refers to; what is nearest to the day first."""
        subject, kind_of_subject = self._example.subject, self._rule.subject_kind
        found = []
        for name, facts in self._world.facts.items():
            kind = self._kinds[name]
            naming = [kind.index[each.name] for each in kind.fields if each.to == kind_of_subject]
            if name not in _PEOPLE:
                found += [
                    (name, fact) for fact in facts if any(fact[at] == subject for at in naming)
                ]
        for name, fact in list(found):
            found += [row for row in self._referred(name, fact) if row not in found]
        found.sort(key=lambda each: self._away(each[1]))
        return found[:MOST_TAKEN]

    def _away(self, fact: Fact) -> int:
        days = (abs((each - self._example.day).days) for each in fact if isinstance(each, date))
        return min(days, default=0)

    def _all_fields(self, read: Mapping[str, Iterable[str]]) -> Mapping[str, Sequence[str]]:
        """All stored fields of the kinds that are read: what is derived rests on them."""
        return {
            name: [
                each.name
                for each in self._kinds[name].fields
                if (not each.derived and name not in _PEOPLE)
                or each.type in (FieldType.DATE, FieldType.BOOLEAN, FieldType.CHOICE)
                or each.name in read.get(name, ())
            ]
            for name in {*read, *_PEOPLE}
            if name in self._kinds
        }

    # --- trying ----------------------------------------------------------------------------------

    def _fitting(
        self,
        rows: Sequence[_BEHIND],
        fields: Mapping[str, Iterable[str]],
        *,
        known: bool = False,
    ) -> Scenario | None:
        """The first of the scenarios of these rows that fits, on the days that come into question.

        ``known`` says that the calendar's exceptions, and since when the subject is judged, are
        in it.
        """
        for as_of in self._days(rows):
            found = self._run(rows, fields, as_of, known=known)
            if found is not None:
                return found
        return None

    def _run(
        self,
        rows: Sequence[_BEHIND],
        fields: Mapping[str, Iterable[str]],
        as_of: date,
        *,
        known: bool,
    ) -> Scenario | None:
        scenario, subject = self._scenario(rows, fields, as_of, known=known)
        hits = self._hits(scenario)
        if hits is None:
            return None
        strangers = {each.subject for each in hits if each.subject != subject}
        if strangers:
            scenario = _without(scenario, strangers, as_of)
            hits = self._hits(scenario)
        if hits is None or not self._fits(hits, subject) or len(hits) > _MOST_FLAGS:
            return None
        flags = tuple(ExpectedFlag(h.subject, h.key, h.occurred_on, None, None) for h in hits)
        return replace(scenario, flags=flags)

    def _hits(self, scenario: Scenario) -> Sequence[Hit] | None:
        self._runs += 1
        return None if self._runs > MOST_RUNS else self._find(scenario)

    def _fits(self, hits: Sequence[Hit], subject: str) -> bool:
        if self._example.key is None:
            return not hits
        days = {each.occurred_on for each in self._chosen}
        return any(each.subject == subject and each.occurred_on in days for each in hits)

    def _scenario(
        self,
        rows: Sequence[_BEHIND],
        fields: Mapping[str, Iterable[str]],
        as_of: date,
        *,
        known: bool,
    ) -> tuple[Scenario, str]:
        parameters = self._example.inquiry.parameters
        nameless = Nameless(self._world, self._rule, parameters, self._example.subject)
        given: dict[str, list[Row]] = {}
        for name, fact in rows:
            if name in _PEOPLE:
                nameless.person(name, str(fact[self._kinds[name].index["code"]]))
            else:
                kind = FLAG if name == FLAG.name else self._kinds[name]
                own = FLAG.by_name if kind is FLAG else fields.get(name, ())
                given.setdefault(name, []).append(nameless.row(kind, fact, own))
        people: dict[str, list[Row]] = {}
        asked = {kind: {*fields.get(kind, ()), *_TREE[kind]} for kind in _PEOPLE}
        for name, row in nameless.people(asked):
            people.setdefault(name, []).append(row)
        self._track(people, known=known)
        extra = {"parameter": self._values(), "calendar_exception": self._off(known=known)}
        made: Given = {name: tuple(each) for name, each in (people | given | extra).items() if each}
        position = Position(self._rule.id, 1, 1)
        made_of = Scenario(self._name, self._rule, made, as_of, False, (), position)  # noqa: FBT003
        return made_of, nameless.subject

    def _track(self, people: dict[str, list[Row]], *, known: bool) -> None:
        """Have the district's records be judged from the period on: else the past is owed too."""
        period = self._period()
        if period is None and not known:
            return
        code = self._example.subject
        since = self._world.tracked_from(self._rule.subject_kind, code)
        starts = [] if period is None else [period.first_day]
        starts += [] if since is None else [since]
        if not starts:
            return
        rows = people.setdefault("organization", [])
        district = next((each for each in rows if each["code"] == "D1"), {"code": "D1"})
        people["organization"] = [
            {**district, "tracked_from": max(starts)},
            *(each for each in rows if each["code"] != "D1"),
        ]

    def _period(self) -> Period | None:
        """The period that is asked about, where something is owed in each."""
        form = self._rule.form
        every = form.every if isinstance(form, Duty) else None
        if isinstance(form, Tally) and form.owed_by is not None:
            every = form.every
        return None if every is None else period_of(every, self._period_day())

    def _period_day(self) -> date:
        """A day of the period that is asked about: that of the flag, or the day itself."""
        for each in self._chosen:
            index = self._rule.shape.index
            day = each.fact[index["first_day"]] if "first_day" in index else each.occurred_on
            if isinstance(day, date):
                return day
        return self._example.day

    def _days(self, rows: Sequence[_BEHIND]) -> list[date]:
        """The days as of which the scenario may be judged, the nearest that comes into question."""
        world, period = self._world, self._period()
        judged = [d for each in self._chosen for d in (each.judged_on, each.occurred_on) if d]
        judged += [] if period is None else [period.last_day]
        last = [
            value
            for kind, fact in rows
            if kind not in {*_PEOPLE, POSTING}
            for value in fact
            if isinstance(value, date)
        ]
        near = max(judged or [*last, self._example.day])
        days = (near, max([near, *last]), world.judged_until, world.as_of)
        return list(dict.fromkeys(min(each, world.as_of) for each in days))

    def _values(self) -> list[Row]:
        """The values of parameters that are not those of the text."""
        found: list[Row] = []
        for name, parameter in self._example.inquiry.parameters.items():
            days = [each.counted_from for each in self._chosen] or [self._example.day]
            now, own = value_on(parameter, days[0]), value_on(self._rule.parameters[name], days[0])
            if now != own:
                found.append({"name": name, "from": _EVER, "value": parameter.written(now)})
        return found

    def _off(self, *, known: bool) -> list[Row]:
        """The exceptions of the calendar about the days that are looked at."""
        if not known:
            return []
        days = self._example.exceptions or {}
        near = sorted(day for day in days if abs((day - self._example.day).days) <= _NEAR_DAYS)
        return [{"day": day, "kind": "working" if days[day] else "off"} for day in near]


def _without(scenario: Scenario, codes: Iterable[str], as_of: date) -> Scenario:
    """The same where others of the standing world are there from the day after on only."""
    given = {name: list(rows) for name, rows in scenario.given.items()}
    for code in sorted(codes):
        kind, name = ("cadre", "joined_on") if code.startswith("C") else (
            "organization", "founded_on"
        )  # fmt: skip
        rows = given.setdefault(kind, [])
        row = next((each for each in rows if each["code"] == code), {"code": code})
        later = {**row, name: as_of + timedelta(days=1)}
        given[kind] = [*(each for each in rows if each is not row), later]
    return replace(scenario, given={name: tuple(rows) for name, rows in given.items()})


def fields_of(rule: Rule, kinds: FactKinds) -> Mapping[str, Sequence[str]]:
    """The stored fields that a rule reads, by kind, in the order in which the kind has them."""
    read: dict[str, set[str]] = {}
    for path in (each for one in paths_of_rule(rule) for each in read_for(one)):
        start = anchor_kind(rule) if path.kind == rule.shape.name else path.kind
        _read_along(read, start, (path.field, *path.through))
    for name in [each for each in read if each in kinds]:
        own = kinds[name]
        read[name] |= set(own.identity)
        for principal in own.principal:
            first, _dot, second = principal.partition(".")
            read[name].add(first)
            if second:
                read.setdefault(str(own.by_name[first].to), set()).add(second)
    return {
        name: [each.name for each in kinds[name].fields if each.name in names]
        for name, names in read.items()
        if name in kinds
    }


def _read_along(read: dict[str, set[str]], start: str, fields: Iterable[Field]) -> None:
    """Add the fields of a path, each to the kind that it is a field of."""
    kind = start
    for field in fields:
        read.setdefault(kind, set()).add(field.name)
        kind = str(field.to)
