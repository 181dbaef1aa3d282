"""What a rule objects to: the values that its conditions compare, or what its form measures."""

import pytest

from tiesan.flags.catalog import installed_catalog
from tiesan.rules import offending_fields


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("discipline.late", {"attendance": {"clock_in"}}),
        ("discipline.left_early", {"attendance": {"clock_out", "clock_out_next_day"}}),
        ("discipline.off_post", {"post_check": {"on_post"}}),
        ("discipline.absent", {"duty": {"done"}}),
        ("discipline.frequent_late", {"tally": {"count"}}),
        ("meetings.minutes_late", {"deadline": {"done_on"}}),
    ],
)
def test_the_fields_that_offend(rule: str, fields: dict[str, set[str]]) -> None:
    found = offending_fields(installed_catalog().rules[rule])
    assert {kind: set(names) for kind, names in found.items()} == fields
