"""The scenario tests of rule files: a small world, a fixed day, the flags expected.

A door of its own, so that only who checks or runs tests loads what reads them.
"""

from tiesan.rules.scenarios.files import (
    TestedFile,
    check_given_flags,
    load_tested_file,
    load_tested_files,
    load_tested_text,
)
from tiesan.rules.scenarios.parser import CALENDAR_EXCEPTION, PARAMETER_VALUE, Scenario
from tiesan.rules.scenarios.running import Failure, run_scenarios

# What a test may give besides facts.
EXTRA_KINDS = (CALENDAR_EXCEPTION, PARAMETER_VALUE)

__all__ = (
    "EXTRA_KINDS",
    "Failure",
    "Scenario",
    "TestedFile",
    "check_given_flags",
    "load_tested_file",
    "load_tested_files",
    "load_tested_text",
    "run_scenarios",
)
