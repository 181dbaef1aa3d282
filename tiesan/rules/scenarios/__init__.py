"""The scenario tests of rule files: a small world, a fixed day, the flags expected.

A door of its own, so that only who checks or runs tests loads what reads them.
"""

from tiesan.rules.scenarios.costing import MOST_COST, affordable, cost_of
from tiesan.rules.scenarios.files import (
    TestedFile,
    check_given_flags,
    load_tested_file,
    load_tested_files,
    load_tested_text,
)
from tiesan.rules.scenarios.making import Example, make_scenario
from tiesan.rules.scenarios.parser import CALENDAR_EXCEPTION, PARAMETER_VALUE, Scenario
from tiesan.rules.scenarios.running import (
    Failure,
    flag_facts,
    judge_scenario,
    run_scenario,
    run_scenarios,
    scenario_parameters,
    scenario_world,
)
from tiesan.rules.scenarios.writing import with_test

# What a test may give besides facts.
EXTRA_KINDS = (CALENDAR_EXCEPTION, PARAMETER_VALUE)

__all__ = (
    "EXTRA_KINDS",
    "MOST_COST",
    "Example",
    "Failure",
    "Scenario",
    "TestedFile",
    "affordable",
    "check_given_flags",
    "cost_of",
    "flag_facts",
    "judge_scenario",
    "load_tested_file",
    "load_tested_files",
    "load_tested_text",
    "make_scenario",
    "run_scenario",
    "run_scenarios",
    "scenario_parameters",
    "scenario_world",
    "with_test",
)
