"""What it costs to run scenarios, counted before they are run: no text may hold a server.

It is counted by what there will be: who owes something for how many periods, how many records are
given, and how many comparisons the rule makes.
"""

from collections.abc import Iterable
from datetime import date

from tiesan.calendar.periods import Every
from tiesan.rules.judging.reach import paths_of_rule
from tiesan.rules.reads import selections_of
from tiesan.rules.scenarios.parser import Scenario
from tiesan.rules.scenarios.standing_world import WORLD
from tiesan.rules.tree import Duty, Tally

# About as much as half a second of a processor.
MOST_COST = 50_000
# What a test, a period of somebody and a record cost, measured in comparisons; and how many pairs
# of records that are held against each other cost one.
_OF_TEST, _OF_PERIOD, _OF_ROW, _PAIRS = 30, 4, 6, 8
# How many days a period has at least.
_DAYS = {
    Every.WORKING_DAY: 1,
    Every.WEEK: 7,
    Every.MONTH: 28,
    Every.QUARTER: 90,
    Every.HALF_YEAR: 181,
    Every.YEAR: 365,
}


def affordable(scenarios: Iterable[Scenario], most: int = MOST_COST) -> list[Scenario]:
    """The first of the scenarios that together cost no more than that."""
    left, found = most, list[Scenario]()
    for each in scenarios:
        left -= cost_of(each)
        if left < 0:
            break
        found.append(each)
    return found


def cost_of(scenario: Scenario) -> int:
    """What it costs to run a scenario, in comparisons."""
    rule = scenario.rule
    rows = sum(map(len, scenario.given.values()))
    pairs = rows * rows // _PAIRS if len(list(selections_of(rule.form))) > 1 else 0
    paths = sum(1 for _path in paths_of_rule(rule))
    return _OF_TEST + paths + _OF_ROW * rows + pairs + _OF_PERIOD * _periods(scenario)


def _periods(scenario: Scenario) -> int:
    """For how many periods somebody owes something in a scenario, over all who may."""
    form = scenario.rule.form
    owed_by = form.owed_by if isinstance(form, Duty | Tally) else None
    if owed_by is None or not isinstance(form, Duty | Tally) or form.every is None:
        return 0
    days = max((scenario.as_of - _first_day(scenario)).days, 0)
    given = scenario.given.get(owed_by.kind, ())
    owners = {str(row["code"]) for row in (*WORLD.get(owed_by.kind, ()), *given)}
    return len(owners) * (days // _DAYS[form.every] + 1)


def _first_day(scenario: Scenario) -> date:
    """From when records are judged in a scenario, the earliest of its districts."""
    days: dict[str, date] = {}
    for row in (*WORLD["organization"], *scenario.given.get("organization", ())):
        if isinstance(day := row.get("tracked_from"), date):
            days[str(row["code"])] = day
    return min(days.values())
