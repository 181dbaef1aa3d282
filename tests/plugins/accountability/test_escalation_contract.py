"""What the contract says of an escalation that is wrong, each in one line."""

from dataclasses import replace

import pytest

from plugins.accountability import plugin
from plugins.accountability.escalation import escalation
from plugins.accountability.models import AccountabilityCase
from tiesan.contract import broken_promises
from tiesan.i18n import use_language
from tiesan.people.models import Cadre
from tiesan.plugin import Plugin

WRONG = {
    "its escalation has to be an Escalation": replace(
        plugin,
        escalation=AccountabilityCase,  # type: ignore[arg-type] # as a plugin may have it
    ),
    "it escalates to Cadre, which is none of its own records": replace(
        plugin,
        escalation=replace(escalation, case=Cadre),  # type: ignore[arg-type] # as above
    ),
    "its escalation reads “decision” of accountability_case, which is no date of it": replace(
        plugin, escalation=replace(escalation, decided_on="decision")
    ),
    "its escalation reads “verdict” of accountability_case, which is no text of it": replace(
        plugin, escalation=replace(escalation, decision="verdict")
    ),
}


@pytest.mark.parametrize("problem", WRONG)
def test_it_is_said_in_one_line(problem: str) -> None:
    with use_language("en"):
        assert broken_promises([WRONG[problem]]) == [f"Plugin accountability: {problem}"]


def test_only_one_plugin_takes_cases() -> None:
    other = Plugin(name="other", title="Other", contract=1, escalation=escalation)
    with use_language("en"):
        lines = broken_promises([plugin, other])
    assert lines == [
        "Plugin other: what a flag is escalated to is settled by another plugin already",
        "Plugin other: it escalates to AccountabilityCase, which is none of its own records",
    ]


def test_the_shipped_one_is_sound() -> None:
    assert broken_promises([plugin]) == []
