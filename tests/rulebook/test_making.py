"""A test made of stored records: it passes as made, names nobody, and leaves the text as it was."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.rules.test_inquiry import CATALOG, KINDS, SCENARIOS, judged
from tiesan.rulebook.checking import failed_tests, read
from tiesan.rulebook.texts import shipped_text
from tiesan.rules import Inquiry, RuleFileError, decide_plainly
from tiesan.rules.scenarios import (
    Example,
    Scenario,
    judge_scenario,
    make_scenario,
    running,
    with_test,
)

LATE = "discipline.late"
LEVELS = {rule.id: rule.level for rule in CATALOG.every}
# So many of the flags, and of the answers without one, of each rule.
MOST = 3


def found(scenario: Scenario) -> object:
    result = judge_scenario(scenario, CATALOG.sources, decide_plainly, LEVELS)
    return None if result.not_evaluated else result.hits


def made(scenario: Scenario, key: str | None, subject: str, day: object) -> Scenario | None:
    """What is made of an answer about the world of a shipped scenario."""
    world = running.scenario_world(scenario, CATALOG.sources)
    parameters = running.scenario_parameters(scenario)
    inquiry = Inquiry(scenario.rule, parameters, world, running.flag_facts(scenario))
    looked = inquiry.looked_at(subject, day)  # type: ignore[arg-type]
    beside = () if looked else inquiry.beside(subject, day)  # type: ignore[arg-type]
    exceptions = {
        row["day"]: row["kind"] == "working" for row in scenario.given.get("calendar_exception", ())
    }
    example = Example(inquiry, subject, day, looked, beside, key, exceptions)  # type: ignore[arg-type]
    return make_scenario(example, f"made of {scenario.name}", found)  # type: ignore[arg-type]


def differences(scenario: Scenario) -> list[str]:
    """What the text of a shipped rule with a made test says of that test when it is run."""
    text = shipped_text(CATALOG, scenario.rule.id) or ""
    more = with_test(text, scenario.rule.id, scenario, KINDS)
    checked = read(CATALOG, scenario.rule.id, more)
    assert checked.problems == ()
    assert checked.file is not None
    last = checked.file.scenarios[-1]
    assert (last.name, last.flags) == (scenario.name, scenario.flags)
    return failed_tests(CATALOG, replace(checked.file, scenarios=(last,)), decide_plainly)


def test_of_every_shipped_rule_the_made_tests_pass() -> None:
    flags, none = Counter[str](), Counter[str]()
    # Flags that rules over any flags never count stand in their scenarios, to be passed over.
    chosen = [each for each in SCENARIOS if "read any flags" not in each.name]
    for scenario in chosen:
        rule, hits = scenario.rule, judged(scenario)
        if hits and flags[rule.id] < MOST:
            test = made(scenario, hits[0].key, hits[0].subject, hits[0].occurred_on)
            assert test is not None, (rule.id, scenario.name)
            assert test.flags
            assert differences(test) == []
            flags[rule.id] += 1
        if not hits and none[rule.id] < MOST:
            subject = "C1" if rule.subject_kind == "cadre" else "F1"
            test = made(scenario, None, subject, scenario.as_of)
            if test is not None:
                assert test.flags == ()
                assert differences(test) == []
                none[rule.id] += 1
    assert set(flags) == set(none) == set(CATALOG.shipped)


def of_late() -> Scenario:
    return next(each for each in SCENARIOS if each.rule.id == LATE and each.flags)


HEAD = """plugin: discipline
rules:
  - id: discipline.late # 迟到
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (HEAD + "    title: a\n    # 后面\n", 3),
        (HEAD + "    tests: []  # 还没有\n    title: a\n", 3),
        (HEAD + "    tests:\n    title: a", 4),
        (HEAD + "    tests:\n    - name: a\n      flags: [] # 无\n    # 完\n    title: a\n", 6),
        (HEAD + "    tests: [{name: a}, {name: b}]\n", 3),
        ("{plugin: discipline, rules: [{id: a, title: b}]}", 0),
        (HEAD + "    tests:\n      - name: a\n        note: |\n          x\n    title: b\n", 7),
    ],
)
def test_nothing_else_of_the_text_is_touched(text: str, kept: int) -> None:
    more = with_test(text, LATE, replace(of_late(), name="新：一"), KINDS)
    assert more.splitlines()[:kept] == text.splitlines()[:kept]
    for line in text.splitlines():
        assert line in more or "tests: [" in line or line.startswith("{")
    assert more.count("新：一") == 1
    # The same text with the test taken out is what it was.
    again = with_test(more, LATE, replace(of_late(), name="二"), KINDS)
    assert again.index("新：一") < again.index("name: 二")


@pytest.mark.parametrize("text", ["a: [", "a", "plugin: a", "plugin: a\nrules: [b]", "tests: 1",
                                  "plugin: a\nrules:\n  - tests: 1\n"])  # fmt: skip
def test_what_is_no_text_of_a_rule_is_refused(text: str) -> None:
    with pytest.raises(RuleFileError):
        with_test(text, LATE, of_late(), KINDS)
