"""Unbroken times from postings, and from a cadre's own row where there are none."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tiesan.facts.standing import Standing, Stint, joined
from tiesan.flags.catalog import installed_catalog

KINDS = installed_catalog().kinds
FIRST = date(2026, 1, 1)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=6)


def stint(first: int, length: int) -> Stint:
    """A stint of some days from a day on."""
    begin = FIRST + timedelta(days=first)
    return Stint(begin, begin + timedelta(days=length))


@given(spans=SPANS)
def test_joined_stints_cover_the_same_days_and_do_not_touch(spans: list[tuple[int, int]]) -> None:
    stints = [stint(*each) for each in spans]
    found = joined(stints)
    for number in range(100):
        day = FIRST + timedelta(days=number)
        assert any(each.covers(day) for each in found) == any(each.covers(day) for each in stints)
    for one, other in pairwise(found):
        assert (other.first - one.last).days > 1


def test_a_stint_without_end_lasts_for_ever() -> None:
    assert joined([Stint(FIRST, date.max), stint(3, 3)]) == (Stint(FIRST, date.max),)


def fact(kind: str, **values: object) -> tuple[object, ...]:
    """A fact of a kind, blank but for these fields."""
    return tuple(values.get(field.name) for field in KINDS[kind].fields)


def test_a_cadre_without_postings_stands_by_the_own_row() -> None:
    standing = Standing(KINDS, [fact("posting", **{"cadre": "C2", "from": FIRST})])  # type: ignore[list-item]
    left = fact("cadre", code="C1", joined_on=FIRST, left_on=FIRST + timedelta(days=1))
    assert standing.of("cadre", left) == (Stint(FIRST, FIRST),)  # type: ignore[arg-type]
    never = fact("cadre", code="C1", joined_on=FIRST, left_on=FIRST)
    assert standing.of("cadre", never) == ()  # type: ignore[arg-type]
    unknown = fact("cadre", code="C1")
    assert standing.of("cadre", unknown) == ()  # type: ignore[arg-type]
    posted = fact("cadre", code="C2", joined_on=date(2020, 1, 1), left_on=date(2020, 2, 1))
    assert standing.of("cadre", posted) == (Stint(FIRST, date.max),)  # type: ignore[arg-type]
