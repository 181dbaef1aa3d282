"""What is owed is what will be flagged, also where parameters change on the way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.random_worlds import RandomWorld, Row, draw_world, facts
from tests.rules.support import rule_of
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import installed_catalog
from tiesan.rules import Deadline, Duty, Hit, Owed, Parameter, Sources, owed, owed_again
from tiesan.rules.judging.levels import evaluate
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.world import World, build_world
from tiesan.rules.rule_set import RuleSet

CATALOG = installed_catalog()
# Due before its period ends, so that parameters may change between now and then.
EARLY = rule_of(
    {
        "parameters": {
            "days": {"type": "integer", "label": {"zh": "天", "en": "Days"}, "value": 10},
            "required": {"type": "integer", "label": {"zh": "条", "en": "Reports"}, "value": 1},
        },
        "duty": {
            "owed_by": {"fact": "cadre"},
            "every": "month",
            "due": {"from": "first_day", "days": "$days"},
            "stands_until": "due_on",
            "counts": {"fact": "info_report", "by": "cadre", "date": "submitted_on"},
            "required": "$required",
        },
        "message": {"zh": "未报送", "en": "Not submitted"},
        "tests": [],
    }
)
# What is judged when its period is over, of everybody: nothing that somebody is told to do.
SETTLED = replace(
    rule_of(
        {
            "tally": {
                "owed_by": {"fact": "cadre"},
                "of": {"fact": "info_report"},
                "by": ["cadre"],
                "date": "submitted_on",
                "every": "month",
                "at_most": {"count": 1},
            },
        }
    ),
    id="research.settled",
)
SHIPPED = [rule for rule in CATALOG.rules.values() if isinstance(rule.form, Duty | Deadline)]
FORMS = [EARLY, *SHIPPED]
HORIZON = 45
Name = tuple[str, str, str]
seeds = st.integers(0, 2**32)


def frozen(drawn: RandomWorld) -> dict[str, list[Fact]]:
    """The rows as they are known on the day: nothing more is done."""
    bare = replace(CATALOG.sources, derivations=())
    return {name: list(rows) for name, rows in built(drawn, facts(drawn), bare).facts.items()}


def built(
    drawn: RandomWorld, rows: Mapping[str, Iterable[Fact]], sources: Sources = CATALOG.sources
) -> World:
    """The world of some rows, on the days of one that was drawn."""
    return build_world(
        sources,
        rows,
        as_of=drawn.as_of,
        judged_until=drawn.judged_until,
        exceptions=drawn.exceptions,
    )


class Later:
    """A drawn world, and what is found in it on its day and later if nothing more is done."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        drawn = draw_world(seed)
        drawn.rows["task"] = list(self._tasks(drawn.as_of))
        behind = self.random.choice((0, 1, 1, 6))
        self.drawn = replace(drawn, judged_until=drawn.as_of - timedelta(days=behind))
        self.day = drawn.as_of
        self.last = self.day + timedelta(days=HORIZON)
        self.rows = frozen(drawn)
        self.parameters = {**drawn.parameters, EARLY.id: self._changed()}

    def _tasks(self, day: date) -> Iterator[Row]:
        """Tasks around a day: what is due on a planned day is due before its clock begins."""
        for number in range(self.random.randint(0, 6)):
            assigned = day + timedelta(days=self.random.randint(-9, 2))
            yield {
                "code": f"T{number}",
                "organization": self.random.choice(("D1", "F1", "E1")),
                "assigned_on": assigned,
                "due_on": assigned + timedelta(days=self.random.randint(0, 20)),
                "started_on": self.random.choice((None, assigned)),
                "completed_on": self.random.choice((None, None, assigned)),
            }

    def _changed(self) -> dict[str, Parameter]:
        """The parameters of the rule whose duty is due early, changed now and again."""
        found = dict(EARLY.parameters)
        for name, values in (("days", (0, 3, 10, 20, 29, 40)), ("required", (1, 2))):
            changes = {self.any_day(): self.random.choice(values) for _number in range(3)}
            found[name] = found[name].changed(changes)
        return found

    def any_day(self) -> date:
        """A day from today to the last one that is looked at."""
        return self.day + timedelta(days=self.random.randint(0, HORIZON))

    def hits(self, as_of: date, judged_until: date) -> dict[Name, Hit]:
        """The flags of duties and deadlines."""
        world = built(replace(self.drawn, as_of=as_of, judged_until=judged_until), self.rows)
        rules = RuleSet(FORMS, outside=CATALOG.rules.values())
        found = evaluate(world, rules, decide_plainly, parameters=self.parameters)
        assert found.not_evaluated == []
        return {(hit.rule, hit.subject, hit.key): hit for hit in found.hits}

    def owed(self, as_of: date, judged_until: date, horizon: int) -> dict[Name, Owed]:
        """What is owed."""
        world = built(replace(self.drawn, as_of=as_of, judged_until=judged_until), self.rows)
        found = owed(world, [*FORMS, SETTLED], horizon, parameters=self.parameters)
        return {(each.rule.id, each.subject, each.key): each for each in found}


def derived_of(hit: Hit) -> Mapping[str, Any]:
    """What the form derived, as it stands in the evidence of a flag."""
    return next(each for each in hit.evidence if each["fact"] in ("duty", "deadline"))


def had_begun(hit: Hit, day: date) -> bool:
    """Whether the period of a flag had begun, or its clock was running, on a day."""
    derived = derived_of(hit)
    if derived["fact"] == "duty":
        return str(derived["first_day"]) <= day.isoformat()
    start, deadline = str(derived["clock_start"]), str(derived["deadline"])
    return start <= day.isoformat() or start == deadline


@settings(max_examples=12, deadline=None)
@given(seeds)
@example(1)
def test_what_is_owed_is_flagged_when_it_is_due_and_nothing_else_is(seed: int) -> None:
    """Judged on each later day, if nothing more were done."""
    later = Later(seed)
    known = later.hits(later.day, later.drawn.judged_until)
    flagged: dict[Name, Hit] = {}
    for day in map(date.fromordinal, range(later.day.toordinal(), later.last.toordinal() + 1)):
        flagged = later.hits(day, day) | flagged
        for name, hit in flagged.items():
            assert hit.occurred_on <= day, name
    expected = {name: hit.occurred_on for name, hit in flagged.items() if name not in known}
    begun = {name for name, hit in flagged.items() if had_begun(hit, later.day)}
    found = later.owed(later.day, later.drawn.judged_until, HORIZON)
    assert {name: each.occurred_on for name, each in found.items()} == {
        name: day for name, day in expected.items() if name in begun
    }
    for name, each in found.items():
        assert said_again(flagged[name]) == said(each), name


def said(owed: Owed) -> tuple[object, ...]:
    """What of something owed fills in the form that does it."""
    return owed.subject, owed.due_on, owed.first_day, owed.last_day, owed.record, dict(owed.filled)


def said_again(hit: Hit) -> tuple[object, ...] | None:
    """The same, read from the evidence of its flag."""
    [rule] = [each for each in FORMS if each.id == hit.rule]
    flag = (hit.subject, hit.key, hit.occurred_on)
    again = owed_again(rule, CATALOG.kinds, flag, hit.evidence)
    return None if again is None else said(again)


@settings(max_examples=40, deadline=None)
@given(seeds)
@example(1)
def test_a_day_flags_what_was_owed_on_it(seed: int) -> None:
    """Also what began later: on each day, what is due and not judged yet becomes a flag."""
    later = Later(seed)
    for day in (later.day, later.any_day(), later.any_day(), later.any_day()):
        until = day - timedelta(days=later.random.choice((1, 1, 3)))
        newly = later.hits(day, day).keys() - later.hits(day, until).keys()
        assert newly == later.owed(day, until, 0).keys(), day


@settings(max_examples=4, deadline=None)
@given(seeds)
@example(1)
def test_what_is_settled_is_judged_ahead_as_on_its_day(seed: int) -> None:
    """If nothing more were done, a later day finds what all days up to it find, each for itself."""
    later = Later(seed)
    found: dict[Name, Hit] = {}
    days = range(later.day.toordinal(), later.last.toordinal() + 1)
    for day in map(date.fromordinal, days):
        judged = settled(later, day)
        new = {name: hit for name, hit in judged.items() if found.get(name) != hit}
        assert all(hit.occurred_on == day for hit in new.values()) or day == later.day
        found |= new
    assert found == settled(later, later.last)


def settled(later: Later, day: date) -> dict[Name, Hit]:
    """The flags of the tally that is settled, judged on a day."""
    world = built(replace(later.drawn, as_of=day, judged_until=day), later.rows)
    hits = evaluate(world, RuleSet([SETTLED]), decide_plainly).hits
    return {(hit.rule, hit.subject, hit.key): hit for hit in hits}


def test_the_worlds_owe_enough_of_both_forms() -> None:
    """Each kind of duty and of deadline is owed in some worlds, else this would mean little."""
    owing = set()
    for later in map(Later, range(150)):
        found = later.owed(later.day, later.drawn.judged_until, HORIZON)
        owing |= {rule for rule, _subject, _key in found}
    assert owing >= {
        EARLY.id,
        "discipline.log_missing",
        "discipline.absent",
        "discipline.asset_not_counted",
        "discipline.leave_unapproved",
        "discipline.leave_not_closed",
        "discipline.expense_unrequested",
        "meetings.office_missed",
        "meetings.enterprise_chairs_missed",
        "meetings.minutes_late",
        "research.info_missed",
        "accountability.letter_missing",
        "efficiency.task_not_started",
        "efficiency.task_overdue",
    }
