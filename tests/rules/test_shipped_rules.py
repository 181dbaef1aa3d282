"""The 41 shipped rules: what the institutions say of each, and their scenarios on both deciders."""

from collections.abc import Iterator

import pytest

from tiesan.cli.rules.clauses import PAGE, clauses_of, unsaid_passage
from tiesan.engine.deciding import Engine
from tiesan.facts.kinds import FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.judging.levels import Decide
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.scenarios.files import TestedFile, load_tested_files
from tiesan.rules.scenarios.running import run_scenarios
from tiesan.rules.tree import Rule

# Rule, severity, subject, parameters with their shipped values (amounts in yuan).
TABLE = """
harmony.conflict_unmediated         minor    organization  days=15
study.session_missed                minor    organization
study.no_main_speaker               notice   organization
study.absent                        notice   cadre
meetings.chairs_missed              minor    organization
meetings.office_missed              minor    organization
meetings.enterprise_chairs_missed   minor    organization
meetings.minutes_late               notice   organization  working_days=3
meetings.no_bulletin                notice   organization
meetings.federation_absent          minor    organization
research.info_missed                minor    cadre         required=1
research.paper_missed               serious  cadre         required=1
efficiency.task_unclear             notice   organization
efficiency.task_not_started         minor    organization  working_days=3
efficiency.task_overdue             minor    organization
discipline.late                     notice   cadre         work_start=08:30
discipline.left_early               notice   cadre         work_end=17:30
discipline.punch_missing            notice   cadre
discipline.absent                   serious  cadre
discipline.frequent_late            serious  cadre         times=3
discipline.off_post                 serious  cadre
discipline.leave_unapproved         serious  cadre
discipline.leave_not_closed         minor    cadre         working_days=1
discipline.log_missing              minor    cadre         working_days=1
discipline.log_late                 notice   cadre         working_days=1
discipline.expense_unrequested      minor    cadre
discipline.expense_unapproved       serious  cadre         threshold=200.00
discipline.expense_self_approved    major    cadre
discipline.expense_split            serious  cadre         threshold=200.00
discipline.no_receipt               minor    cadre
discipline.asset_not_counted        notice   organization  months=12
discipline.conduct_unhandled        serious  organization  days=30
discipline.log_copied               notice   cadre         times=5
study.attendance_low                minor    organization  percent=80
accountability.letter_missing       minor    cadre
accountability.mistake_unpursued    serious  organization  working_days=10
accountability.case_overdue         minor    organization  days=30
accountability.repeat_violations    major    cadre         times=3 counted=not_dismissed
innovation.none                     notice   organization
innovation.no_result                notice   organization
innovation.award_ineligible         serious  cadre         counted=not_dismissed
"""
FILES = load_tested_files(
    [each.rules for each in installed_catalog().plugins if each.rules is not None],
    installed_catalog().kinds,
)
RULES = [rule for each in FILES for rule in each.rules]


def shipped_values(rule: Rule) -> list[str]:
    """The parameters of a rule as the table writes them."""
    return [f"{name}={each.written(each.values[0][1])}" for name, each in rule.parameters.items()]


def test_rules_are_those_of_the_institutions() -> None:
    """Each rule is there, with its severity, its subject and its parameters, and no other."""
    wanted = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
    found = {
        rule.id: [str(rule.severity), rule.subject_kind, *shipped_values(rule)] for rule in RULES
    }
    assert found == wanted
    assert len(found) == 41


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.id)
def test_a_clause_is_verbatim_what_the_institution_says(rule: Rule) -> None:
    """Passages of the clause table in docs/institutions.md, in order, joined by ……."""
    said = clauses_of(PAGE.read_text(encoding="utf-8"))
    assert unsaid_passage(rule.clause.zh, said[rule.plugin]) is None


def test_a_clause_that_says_more_or_leaves_out_in_silence_is_found() -> None:
    """Each of these differs from the text by one thing."""
    text = clauses_of(PAGE.read_text(encoding="utf-8"))["harmony"]
    assert unsaid_passage("要讲团结，做到惜缘。……大事讲原则，小事讲风格", text) is None
    for clause, passage in (
        ("要讲团结、做到惜缘", "要讲团结、做到惜缘"),
        ("要讲团结。……大事讲原则", "要讲团结。"),
        ("大事讲原则……要讲团结", "要讲团结"),
        ("要讲团结……", ""),
        ("……要讲团结", ""),
    ):
        assert unsaid_passage(clause, text) == passage


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One engine for all scenarios."""
    engine = Engine()
    yield engine
    engine.close()


def failures(rule_file: TestedFile, decide: Decide) -> list[str]:
    """The scenarios of a file that fail, each with its differences."""
    catalog = installed_catalog()
    levels = {rule.id: rule.level for rule in RULES}
    number, failed = run_scenarios(rule_file.scenarios, catalog.sources, decide, levels)
    assert number > 0
    return [f"{each.scenario.position}: {each.differences}" for each in failed]


@pytest.mark.parametrize("rule_file", FILES, ids=lambda each: each.plugin)
def test_scenarios_with_the_plain_evaluator(rule_file: TestedFile) -> None:
    """The plain evaluator finds exactly the flags that each scenario names."""
    assert failures(rule_file, decide_plainly) == []


@pytest.mark.parametrize("rule_file", FILES, ids=lambda each: each.plugin)
def test_scenarios_with_the_engine(rule_file: TestedFile, engine: Engine) -> None:
    """The engine finds exactly the flags that each scenario names."""
    assert failures(rule_file, engine.decide) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.id)
def test_every_rule_is_tested_on_both_sides(rule: Rule) -> None:
    """Each rule has scenarios that flag and scenarios that flag nothing."""
    scenarios = [each for file in FILES for each in file.scenarios if each.rule.id == rule.id]
    assert any(each.flags for each in scenarios)
    assert any(not each.flags for each in scenarios)


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.id)
def test_every_parameter_is_changed_in_a_scenario(rule: Rule) -> None:
    """Each parameter has a scenario in which its value changes on a day."""
    rows = [
        row
        for file in FILES
        for each in file.scenarios
        if each.rule.id == rule.id
        for row in each.given.get("parameter", ())
        if row.get("rule") in (None, rule.id)
    ]
    assert {row["name"] for row in rows} == set(rule.parameters)


def test_rule_that_names_a_cadre_in_confidence_does_not_print_the_name() -> None:
    """The message about a conduct report does not say whom it is about."""
    rule = installed_catalog().rules["discipline.conduct_unhandled"]
    parts = [*rule.message.zh.parts, *rule.message.en.parts]
    names = [part for part in parts if getattr(part, "type", None) is FieldType.REFERENCE]
    assert names == []
