"""Who owes a duty: whoever was in post on every day of the period, and is assessed by then."""

import pytest

from tests.rules.support import flags
from tests.rules.test_form_duty import rule, world


@pytest.mark.parametrize(
    ("spans", "owes"),
    [
        ([("2000-01-01", None)], True),
        ([("2000-01-01", "2026-03-14"), ("2026-03-15", None)], True),
        ([("2000-01-01", "2026-03-14"), ("2026-03-16", None)], False),
        ([("2026-03-01", "2026-03-31")], True),
        ([("2026-03-01", "2026-03-30")], False),
        ([("2026-03-02", "2026-03-31")], False),
        ([("2000-01-01", "2026-01-31"), ("2026-03-01", None)], True),
        ([("2000-01-01", "2026-01-31")], False),
    ],
)
def test_who_owes_was_in_post_on_every_day(
    spans: list[tuple[str, str | None]], *, owes: bool
) -> None:
    posting = [
        {"cadre": "C1", "organization": "F1", "from": first, "until": last} for first, last in spans
    ]
    # What the cadre's own row says does not count beside postings.
    given = world(cadre={"joined_on": "2020-01-01", "left_on": "2020-02-01"}, posting=posting)
    assert bool(flags(rule(), given, "2026-03-31")) is owes


def test_who_came_back_owes_for_both_times() -> None:
    posting = [
        {"cadre": "C1", "organization": "F1", "from": "2026-03-01", "until": "2026-04-30"},
        {"cadre": "C1", "organization": "E1", "from": "2026-06-02"},
    ]
    found = flags(rule(), world(posting=posting), "2026-07-31")
    assert [key for _who, key, _day in found] == ["2026-03", "2026-04", "2026-07"]


@pytest.mark.parametrize(
    ("assessed", "keys"),
    [
        ("2026-03-01", ["2026-03", "2026-04"]),
        ("2026-03-02", ["2026-04"]),
        ("2026-02-01", ["2026-03", "2026-04"]),
        ("2026-05-01", []),
        (None, ["2026-03", "2026-04"]),
    ],
)
def test_a_cadre_is_judged_from_the_later_of_two_days(
    assessed: str | None, keys: list[str]
) -> None:
    given = world(cadre={"assessed_from": assessed})
    assert [key for _who, key, _day in flags(rule(), given, "2026-04-30")] == keys
