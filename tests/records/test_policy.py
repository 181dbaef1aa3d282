"""What a record class says about itself once, and what follows where it says nothing."""

import pytest

from tiesan.access.criterion import permitted
from tiesan.access.viewer import Reach, Viewer
from tiesan.discovery import load_plugins
from tiesan.people.models import RoleName
from tiesan.records.base import Record
from tiesan.records.policy import CONFIDENTIAL, NOBODY, OWN, Policy, Verb

EVERYBODY = Viewer(account_id=1, reaches=dict.fromkeys(RoleName, Reach(everywhere=True)))


@pytest.mark.parametrize("verb", Verb)
def test_a_record_without_a_policy_is_open_to_nobody(verb: Verb) -> None:
    class Unsaid(Record):
        __abstract__ = True

    assert Unsaid.policy.access.roles(verb) == NOBODY
    assert str(permitted(Unsaid, verb, EVERYBODY)) == "false"


def test_what_is_confidential_is_read_from_the_records() -> None:
    plugins = load_plugins()
    stated = {each.record_kind.name for each in plugins.records if each.policy.confidential}
    assert plugins.confidential == stated == {"conduct_report"}
    assert Policy(CONFIDENTIAL).confidential
    assert not Policy(OWN).confidential


def test_what_staff_give_is_not_dated_by_the_system_for_others() -> None:
    dates = frozenset({"requested_on", "approved_on"})
    policy = Policy(OWN, set_by_system=dates, by_staff=frozenset({"approved_on"}))
    assert policy.dated_by_system == {"requested_on"}
    assert policy.fields == dates
