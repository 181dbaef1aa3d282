"""What a text of a rule says of typed records: the facts of each of its tests, line by line.

Source: the page on the rule book, "Try it", (1). Asked of the code that tells why there is a flag.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tiesan.flags.catalog import Catalog
from tiesan.rulebook.inquiring import Question, Told, told_by
from tiesan.rules import Hit, Inquiry, decide_plainly
from tiesan.rules.scenarios import (
    MOST_COST,
    Scenario,
    affordable,
    flag_facts,
    judge_scenario,
    run_scenario,
    scenario_parameters,
    scenario_world,
)

# So many tests of a text are gone through, and of one so many of those whom it is about.
MOST_TESTS, _MOST_SUBJECTS = 40, 3


@dataclass(frozen=True, slots=True)
class ToldOfTest:
    """What a test's rule says of those whom the test is about; ``differences`` are its failures."""

    name: str
    differences: Sequence[str]
    told: Sequence[tuple[Question, Told]]


def told_of_tests(catalog: Catalog, scenarios: Iterable[Scenario]) -> Iterator[ToldOfTest]:
    """Each test with what is told of it, as far as they may cost; several times what a run does."""
    levels = {rule.id: rule.level for rule in catalog.every}
    for scenario in affordable(scenarios, MOST_COST // 3):
        differences = run_scenario(scenario, catalog.sources, decide_plainly, levels)
        hits = judge_scenario(scenario, catalog.sources, decide_plainly, levels).hits
        told = list(_told(catalog, scenario, _asked(scenario, hits)))
        yield ToldOfTest(scenario.name, differences, told)


def _told(
    catalog: Catalog, scenario: Scenario, asked: Iterable[tuple[str, date]]
) -> Iterator[tuple[Question, Told]]:
    rule, world = scenario.rule, scenario_world(scenario, catalog.sources)
    inquiry = Inquiry(rule, scenario_parameters(scenario), world, flag_facts(scenario))
    for subject, day in asked:
        question = Question(0, "D1", rule.id, rule.subject_kind, subject, day)
        yield question, told_by([inquiry], question, world)


def _asked(scenario: Scenario, hits: Iterable[Hit]) -> list[tuple[str, date]]:
    """Whom and which day to ask about: flags that are found or expected, or those who are given."""
    flags = [(each.subject, each.occurred_on) for each in hits]
    flags += [(each.subject, each.occurred_on or scenario.as_of) for each in scenario.flags if
              each.subject not in {subject for subject, _day in flags}]  # fmt: skip
    given = [(code, scenario.as_of) for code in _given(scenario)]
    return list(dict.fromkeys(flags or given))[:_MOST_SUBJECTS]


def _given(scenario: Scenario) -> Iterator[str]:
    """The codes of those whom records name, and last somebody who is there without records."""
    kind = scenario.rule.subject_kind
    for rows in scenario.given.values():
        for row in rows:
            if (code := row.get(kind)) is not None:
                yield str(code)
    yield "C1" if kind == "cadre" else "F1"
